//! What tells people: the section under `alerts`, and its sinks.

use super::*;

const SECONDS: Sort = Sort::Number(Excluded(0.0), Included(3600.0));
pub(super) const TIMEOUT: Field = field("timeout_s", SECONDS, "5.0", "seconds for a whole request");
pub(super) const CONNECT_TIMEOUT: Field = field(
    "connect_timeout_s",
    SECONDS,
    "2.0",
    "seconds until there is a connection",
);
pub(super) const CA_FILE: Field = field(
    "ca_file",
    Sort::Text,
    "null",
    "certificates to trust, in PEM; Mozilla's roots, built in, by default",
);
const SINK_NAME: Field = field("name", Sort::Text, "null", NAME);
pub(super) const HEADERS: Field = field(
    "headers",
    Sort::Map(&Sort::Secret),
    "null",
    "further headers; their values come from the environment",
);
pub(super) const SECRET: Field = field(
    "secret",
    Sort::Secret,
    "null",
    "what requests are signed with",
);

static WEBHOOK: Section = section(
    "webhook",
    "a POST with a signature (WebhookSink)",
    &[
        required("url", Sort::Url, "where to"),
        SECRET,
        HEADERS,
        TIMEOUT,
        CONNECT_TIMEOUT,
        CA_FILE,
        SINK_NAME,
    ],
);
static SLACK: Section = section(
    "slack",
    "an incoming webhook of Slack (SlackSink)",
    &[
        required("url", Sort::Secret, "the webhook's URL, which is a secret"),
        TIMEOUT,
        CONNECT_TIMEOUT,
        CA_FILE,
        SINK_NAME,
    ],
);
static PAGERDUTY: Section = section(
    "pagerduty",
    "PagerDuty, Events API v2 (PagerDutySink)",
    &[
        required("routing_key", Sort::Secret, "the integration's key"),
        field(
            "url",
            Sort::Url,
            "\"https://events.pagerduty.com/v2/enqueue\"",
            "where to",
        ),
        TIMEOUT,
        CONNECT_TIMEOUT,
        CA_FILE,
        SINK_NAME,
    ],
);
static ALERTMANAGER: Section = section(
    "alertmanager",
    "Prometheus Alertmanager, API v2 (AlertmanagerSink)",
    &[
        required("url", Sort::Url, "where it listens"),
        field("labels", Sort::Map(&Sort::Text), "null", "further labels"),
        field(
            "resend_s",
            Sort::Number(Included(1.0), Included(86_400.0)),
            "60.0",
            "seconds between repetitions while an alert fires",
        ),
        HEADERS,
        TIMEOUT,
        CONNECT_TIMEOUT,
        CA_FILE,
        SINK_NAME,
    ],
);
static LOG: Section = section("log", "the logger driftline.alerts (LogSink)", &[SINK_NAME]);
static APPRISE: Section = section(
    "apprise",
    "whatever Apprise reaches (driftline.integrations.AppriseSink)",
    &[
        required(
            "urls",
            Sort::List(&Sort::Secret, 1, 100),
            "its URLs, which are secrets",
        ),
        SINK_NAME,
    ],
);

pub(super) static DISPATCHER: Section = section(
    "alerts",
    "one message per incident, to every sink (AlertDispatcher)",
    &[
        required(
            "sinks",
            Sort::List(
                &Sort::Choice(
                    "kind",
                    &[
                        &SLACK,
                        &WEBHOOK,
                        &PAGERDUTY,
                        &ALERTMANAGER,
                        &LOG,
                        &APPRISE,
                        &CALLABLE,
                    ],
                ),
                1,
                100,
            ),
            "who is told",
        ),
        field(
            "min_severity",
            Sort::Severity,
            "\"error\"",
            "the lowest severity that opens an incident",
        ),
        field(
            "kinds",
            ONE_OR_MORE,
            "null",
            "kinds of events; all by default",
        ),
        field("models", ONE_OR_MORE, "null", "models; all by default"),
        field("features", ONE_OR_MORE, "null", "features; all by default"),
        field(
            "queue_size",
            Sort::Whole(1, 1_000_000),
            "1024",
            "the most alerts that wait for one sink",
        ),
        field(
            "cooldown_s",
            FROM_0,
            "300.0",
            "seconds of event time between reminders",
        ),
        field(
            "group_wait_s",
            FROM_0_TO_1,
            "1.0",
            "seconds that incidents wait for others to go with",
        ),
        field(
            "retries",
            Sort::Whole(0, 100),
            "5",
            "attempts after the first",
        ),
        field(
            "resolve_after_s",
            FROM_0,
            "3600.0",
            "seconds of event time without an event after which an incident is over",
        ),
        field(
            "max_incidents",
            Sort::Whole(1, 1_000_000),
            "1000",
            "the most incidents that are open",
        ),
        field("name", Sort::Text, "\"alert_dispatcher\"", NAME),
        REGISTRATION,
    ],
);
