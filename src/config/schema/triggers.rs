//! What has models retrained: the section under `triggers`.

use super::alerts::{HEADERS, SECRET};
use super::*;

static COMMAND: Section = section(
    "command",
    "a program (driftline.retraining.Command)",
    &[
        required(
            "args",
            Sort::List(&Sort::Text, 1, 1000),
            "the program and its arguments, without a shell",
        ),
        field(
            "timeout_s",
            ABOVE_0,
            "null",
            "seconds after which it is ended",
        ),
    ],
);
static WEBHOOK: Section = section(
    "webhook",
    "a POST with a signature (driftline.retraining.Webhook)",
    &[
        required("url", Sort::Url, "where to"),
        SECRET,
        HEADERS,
        field("timeout_s", ABOVE_0, "5.0", "seconds for a whole request"),
    ],
);
static MLFLOW: Section = section(
    "mlflow",
    "a tag on the model version (driftline.integrations.MLflowScheduler)",
    &[field(
        "tracking_uri",
        Sort::Url,
        "null",
        "the tracking server; by default MLflow's own setting",
    )],
);

const SMOOTHING: Sort = Sort::Number(Excluded(0.0), Included(1.0));
static FIXED_THRESHOLD: Section = section(
    "fixed_threshold",
    "a statistic from the threshold on",
    &[required("threshold", FROM_0, "the statistic")],
);
static P_VALUE: Section = section(
    "p_value",
    "a p-value below the threshold",
    &[required("threshold", BETWEEN_0_AND_1, "the p-value")],
);
static EWMA: Section = section(
    "ewma",
    "an exponentially weighted mean from the threshold on",
    &[
        required("smoothing", SMOOTHING, "the weight of a new value"),
        required("threshold", FROM_0, "the mean"),
    ],
);

pub(super) static TRIGGER: Section = section(
    "triggers",
    "has a model retrained once (RetrainingTrigger)",
    &[
        required(
            "schedule",
            Sort::Choice("kind", &[&CALLABLE, &COMMAND, &WEBHOOK, &MLFLOW]),
            "how a retraining starts",
        ),
        field(
            "min_f1",
            FROM_0_TO_1,
            "0.75",
            "an f1 below it retrains at once",
        )
        .or_null(),
        field(
            "max_p",
            BETWEEN_0_AND_1,
            "0.05",
            "a p-value below it retrains",
        )
        .or_null(),
        field(
            "strategy",
            Sort::Choice("kind", &[&FIXED_THRESHOLD, &P_VALUE, &EWMA, &CALLABLE]),
            "null",
            "a further reason",
        ),
        field(
            "min_effect",
            FROM_0,
            "null",
            "the effect size from which on a p-value counts",
        ),
        field(
            "confirm",
            Sort::Tuple(&[("k", Sort::Whole(1, 1000)), ("n", Sort::Whole(1, 1000))]),
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
            Sort::Tuple(&[("runs", Sort::Whole(1, 1_000_000)), ("seconds", ABOVE_0)]),
            "null",
            "runs in so many seconds, over all models",
        ),
        field(
            "run_timeout_s",
            ABOVE_0,
            "86400.0",
            "seconds after which a run counts as lost",
        ),
        field(
            "retries",
            Sort::Whole(0, 100),
            "5",
            "attempts to start a run after the first",
        ),
        field(
            "rebase_on",
            Sort::Word(&["training_completed"]),
            "null",
            "when the detectors get a new baseline",
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
        field("name", Sort::Text, "\"retraining_trigger\"", NAME),
        REGISTRATION,
    ],
);
