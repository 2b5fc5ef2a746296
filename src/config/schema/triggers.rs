//! What has models retrained: the section under `triggers`.

use super::alerts::{CA_FILE, CONNECT_TIMEOUT, HEADERS, SECRET, TIMEOUT};
use super::*;

const ABOVE_0_TO_1: Sort = Sort::Number(Excluded(0.0), Included(1.0));

static COMMAND: Section = section(
    "command",
    "a program (driftline.retraining.Command)",
    &[
        required(
            "args",
            Sort::List(&Sort::Text, 1, SOME),
            "the program and its arguments, without a shell; {model} and the like are replaced",
        ),
        field(
            "timeout_s",
            ABOVE_0,
            "3600.0",
            "seconds after which it is ended",
        ),
        field(
            "env",
            Sort::Map(&Sort::Secret),
            "null",
            "its whole environment; this process's by default",
        ),
        field("cwd", Sort::Text, "null", "the folder in which it runs"),
    ],
);
static WEBHOOK: Section = section(
    "webhook",
    "a POST with a signature (driftline.retraining.Webhook)",
    &[
        required("url", Sort::Url, "where to"),
        SECRET,
        HEADERS,
        TIMEOUT,
        CONNECT_TIMEOUT,
        CA_FILE,
    ],
);
static MLFLOW: Section = section(
    "mlflow",
    "a tag on the model version (driftline.integrations.MLflowScheduler)",
    &[
        field(
            "tracking_uri",
            Sort::Either(&[Sort::Text, Sort::Secret]),
            "null",
            "the MLflow server; by default MLflow's own setting",
        ),
        field(
            "tag",
            Sort::Text,
            "\"driftline.retraining\"",
            "the key of the tag",
        ),
        field(
            "model_name",
            Sort::Text,
            "null",
            "the name in the registry, where it is not the model's",
        ),
    ],
);

static FIXED_THRESHOLD: Section = section(
    "fixed_threshold",
    "a value from the threshold on (FixedThreshold)",
    &[required("threshold", FINITE, "the value")],
);
static P_VALUE: Section = section(
    "p_value",
    "a p-value below alpha (PValue)",
    &[required("alpha", ABOVE_0_TO_1, "the p-value")],
);
static EWMA: Section = section(
    "ewma",
    "an exponentially weighted mean from the threshold on (Ewma)",
    &[
        required("smoothing", ABOVE_0_TO_1, "the weight of a new value"),
        required("threshold", FINITE, "the mean"),
    ],
);

pub(super) static TRIGGER: Section = Section {
    name: "triggers",
    doc: "has a model retrained once (RetrainingTrigger)",
    fields: &[
        required(
            "schedule",
            Sort::Choice("kind", &[&CALLABLE, &COMMAND, &WEBHOOK, &MLFLOW]),
            "how a retraining starts",
        ),
        field(
            "min_f1",
            ABOVE_0_TO_1,
            "0.75",
            "an f1 below it retrains at once; null switches it off",
        )
        .or_null(),
        field(
            "max_p",
            ABOVE_0_TO_1,
            "0.05",
            "a p-value below it retrains; null switches it off",
        )
        .or_null(),
        field(
            "strategy",
            Sort::Choice("kind", &[&FIXED_THRESHOLD, &P_VALUE, &EWMA, &CALLABLE]),
            "null",
            "what tells it in place of max_p",
        ),
        field(
            "kinds",
            ONE_OR_MORE,
            "[\"drift_score\", \"drift_detected\"]",
            "kinds of events that max_p and the strategy look at",
        ),
        field(
            "min_effect",
            FROM_0,
            "null",
            "a smaller effect retrains nothing",
        ),
        field(
            "confirm",
            Sort::Tuple(&[("k", Sort::Whole(1, 64)), ("n", Sort::Whole(1, 64))]),
            "null",
            "k of the last n looks have to say so",
        ),
        field(
            "cooldown_s",
            FROM_0,
            "3600.0",
            "seconds of event time between retrainings of a model",
        ),
        field(
            "rate_limit",
            Sort::Tuple(&[("runs", Sort::Whole(1, 10_000)), ("seconds", ABOVE_0)]),
            "null",
            "runs in so many seconds, over all models",
        ),
        field(
            "run_timeout_s",
            ABOVE_0,
            "86400.0",
            "seconds of event time after which a run is given up",
        ),
        field(
            "retries",
            Sort::Whole(0, 100),
            "5",
            "attempts to start a run after the first",
        ),
        field(
            "rebase_on",
            Sort::Text,
            "null",
            "the kind of event with which detectors get a new baseline",
        ),
        field(
            "detectors",
            Sort::List(&Sort::Text, 1, SOME),
            "null",
            "names of the drift detectors of this document that get it",
        ),
        field(
            "baseline",
            Sort::Choice("kind", &[&CALLABLE]),
            "null",
            "where it comes from; the last window by default",
        ),
        field(
            "default_model",
            Sort::Text,
            "null",
            "the model of events that name none",
        ),
        field("name", Sort::Text, "\"retraining_trigger\"", NAME),
        REGISTRATION,
    ],
    rules: &[
        Rule::Needs("detectors", "rebase_on"),
        Rule::Needs("baseline", "rebase_on"),
        Rule::Needs("rebase_on", "detectors"),
    ],
};
