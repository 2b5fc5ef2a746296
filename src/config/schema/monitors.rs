//! What watches: the sections under `monitors`, and `metrics`.

use super::*;

/// Every section under `monitors`.
pub(super) static ALL: [&Section; 6] =
    [&LATENCY, &DRIFT, &DETECTOR, &STREAM, &PERFORMANCE, &CONSOLE];

const MODELS: Field = field(
    "max_models",
    MOST_MODELS,
    "null",
    "the most models kept apart; by default as many as the hub says",
);

static LATENCY: Section = Section {
    name: "latency",
    doc: "how long inferences take (LatencyMonitor)",
    fields: &[
        field(
            "ema_alpha",
            Sort::Number(Excluded(0.0), Included(1.0)),
            "0.1",
            "the weight of a new latency in the moving average",
        ),
        field(
            "slo_ms",
            Sort::Number(Included(0.0), Included(1e12)),
            "null",
            "the objective in milliseconds",
        ),
        field(
            "quantile",
            BETWEEN_0_AND_1,
            "0.99",
            "the share of inferences that must keep the objective",
        ),
        field(
            "window_s",
            Sort::Number(Excluded(0.0), Included(1e9)),
            "300.0",
            "seconds of event time that the objective is judged over",
        ),
        field(
            "relative_error",
            Sort::Number(Included(0.001), Included(0.1)),
            "0.01",
            "how far a quantile may be off, as a share of the latency",
        ),
        field(
            "min_samples",
            Sort::Whole(1, MAX_U32),
            "null",
            "inferences before the window is judged",
        ),
        field(
            "failures_count",
            Sort::Flag,
            "true",
            "whether a failed inference counts as a slow one",
        ),
        field(
            "recover_at",
            FROM_0_TO_1,
            "0.5",
            "the part of the share that begins a breach at which it ends",
        ),
        field(
            "burn_rates",
            Sort::List(
                &Sort::Tuple(&[
                    ("factor", ABOVE_0),
                    ("long_s", ABOVE_0),
                    ("short_s", ABOVE_0),
                ]),
                1,
                8,
            ),
            "null",
            "rules in place of the window's: factor, long and short window in seconds",
        ),
        MODELS,
        field("name", Sort::Text, "\"latency_monitor\"", NAME),
        REGISTRATION,
    ],
    rules: &[Rule::Needs("burn_rates", "slo_ms")],
};

static DRIFT: Section = section(
    "drift",
    "the last drift statistics, and scores against a threshold (DriftMonitor)",
    &[
        field(
            "threshold",
            FROM_0,
            "null",
            "a drift_score at or above it is drift",
        ),
        MODELS,
        field("name", Sort::Text, "\"drift_monitor\"", NAME),
        REGISTRATION,
    ],
);

static PERFORMANCE: Section = section(
    "performance",
    "how well models do, once labels have come (PerformanceMonitor)",
    &[
        field(
            "prediction",
            Sort::Text,
            "\"prediction\"",
            "the metadata key of the prediction, dots descend",
        ),
        field(
            "task",
            Sort::Word(&["classification", "regression"]),
            "null",
            "what is predicted; as the first pair of a model has it by default",
        ),
        field(
            "positive",
            Sort::Either(&[Sort::Text, ANY_NUMBER]),
            "null",
            "the class of precision, recall and F1; their means by default",
        ),
        field(
            "window",
            Sort::Whole(1, 10_000_000),
            "1000",
            "pairs of a model that count",
        ),
        field(
            "every",
            Sort::Whole(1, MAX_U32),
            "100",
            "pairs of a model between metrics",
        ),
        field(
            "ttl_s",
            ABOVE_0,
            "2592000.0",
            "seconds of event time that predictions and labels wait",
        ),
        field(
            "max_pending",
            Sort::Whole(1, 100_000_000),
            "100000",
            "predictions of a model that wait at most",
        ),
        field(
            "min_labels",
            Sort::Whole(1, 10_000_000),
            "null",
            "pairs before metrics are told; 30 by default",
        ),
        MODELS,
        field("name", Sort::Text, "\"performance_monitor\"", NAME),
        REGISTRATION,
    ],
);

static CONSOLE: Section = section(
    "console",
    "every event to the logger driftline.events (ConsoleLogger)",
    &[REGISTRATION],
);

pub(super) static FILE: Section = section(
    "file",
    "a sample in a file: .npy, .csv or .parquet",
    &[
        required(
            "path",
            Sort::Text,
            "the file; relative paths start at the folder of the document",
        ),
        field(
            "column",
            Sort::Either(&[Sort::Text, Sort::Whole(0, 1_000_000)]),
            "null",
            "the column's name, or its place from 0; a .npy file has none",
        ),
    ],
);

const NUMBERS: Sort = Sort::List(&ANY_NUMBER, 1, usize::MAX);
const SAMPLE: Sort = Sort::Either(&[NUMBERS, Sort::Section(&FILE)]);

static DETECTOR: Section = Section {
    name: "drift_detector",
    doc: "the last values against a baseline (DriftDetector)",
    fields: &[
        field(
            "baseline",
            SAMPLE,
            "null",
            "the sample that is normal: numbers, or a file",
        ),
        field(
            "baselines",
            Sort::Map(&SAMPLE),
            "null",
            "a sample for each model instead",
        ),
        required(
            "window_size",
            Sort::Whole(1, 10_000_000),
            "values in the rolling window",
        ),
        field(
            "test",
            Sort::Either(&[Sort::Word(tests::NAMES), Sort::Choice("name", tests::ALL)]),
            "\"mean_shift\"",
            "a name of drift.available(), or a mapping with it and its parameters",
        ),
        field("threshold", FROM_0, "null", "drift from this statistic on"),
        field(
            "alpha",
            BETWEEN_0_AND_1,
            "null",
            "drift below this p-value, at every look",
        ),
        field(
            "false_alarm_every",
            Sort::Either(&[ABOVE_0, Sort::Text]),
            "null",
            "the budget: samples, or a time such as \"30d\", \"12h\", \"90min\", \"45s\"",
        ),
        field(
            "check_every",
            Sort::Whole(1, MAX_U32),
            "null",
            "values between looks",
        ),
        field(
            "kinds",
            ONE_OR_MORE,
            "[\"observation\", \"drift_score\"]",
            "kinds of events to take",
        ),
        field(
            "feature",
            Sort::Text,
            "null",
            "the feature to take; any by default",
        ),
        field(
            "field",
            Sort::Text,
            "null",
            "take the value from this metadata key, dots descend",
        ),
        field(
            "model",
            Sort::Text,
            "null",
            "the model to take; any by default",
        ),
        field(
            "cooldown_s",
            FROM_0,
            "300.0",
            "seconds of event time from an alert to a reminder",
        ),
        field(
            "max_missing_rate",
            FROM_0_TO_1,
            "0.5",
            "the share of missing values above which data_missing is told",
        ),
        field(
            "per_model",
            Sort::Flag,
            "false",
            "a window and a state for each model",
        ),
        MODELS,
        field(
            "no_data_after_s",
            ABOVE_0,
            "null",
            "seconds without an event after which that is told; needs ticks",
        ),
        field("name", Sort::Text, "\"drift_detector\"", NAME),
        REGISTRATION,
    ],
    rules: &[
        Rule::ExactlyOne(&["baseline", "baselines"]),
        Rule::ExactlyOne(&["threshold", "alpha", "false_alarm_every"]),
    ],
};

static STREAM: Section = Section {
    name: "stream_detector",
    doc: "a streaming detector for each feature (StreamDetector)",
    fields: &[
        required(
            "detector",
            Sort::Either(&[
                Sort::Word(streams::NAMES),
                Sort::Choice("name", streams::ALL),
            ]),
            "a name of stream.available(), or a mapping with it and its parameters",
        ),
        field(
            "bank",
            Sort::Section(&streams::BANK),
            "null",
            "take rows: a list with a number for each feature under field",
        ),
        field(
            "features",
            Sort::List(&Sort::Text, 1, usize::MAX),
            "null",
            "names of the features of a row, which may be a mapping then",
        ),
        field(
            "kinds",
            ONE_OR_MORE,
            "[\"observation\", \"drift_score\"]",
            "kinds of events to take",
        ),
        field(
            "feature",
            Sort::Text,
            "null",
            "the feature to take; any by default",
        ),
        field(
            "field",
            Sort::Text,
            "null",
            "take the value from this metadata key, dots descend",
        ),
        field(
            "model",
            Sort::Text,
            "null",
            "the model to take; any by default",
        ),
        field(
            "per_model",
            Sort::Flag,
            "false",
            "a detector and a state for each model",
        ),
        MODELS,
        field(
            "cooldown_s",
            FROM_0,
            "0.0",
            "seconds of event time after an alert within which changes are only counted",
        ),
        field(
            "resolve_after",
            Sort::Whole(1, MAX_U32),
            "1000",
            "values without another change after which drift is over; null: never",
        )
        .or_null(),
        field("name", Sort::Text, "\"stream_detector\"", NAME),
        REGISTRATION,
    ],
    rules: &[
        Rule::Needs("bank", "field"),
        Rule::Needs("features", "field"),
    ],
};

static SERVE: Section = section(
    "serve",
    "an HTTP server with /metrics",
    &[
        field(
            "port",
            Sort::Whole(0, 65_535),
            "0",
            "the port; 0 is one that is free",
        ),
        field(
            "host",
            Sort::Text,
            "\"127.0.0.1\"",
            "the address to listen at",
        ),
    ],
);

pub(super) static METRICS: Section = section(
    "metrics",
    "counts and values for a scraper (MetricsCollector)",
    &[
        field(
            "buckets_ms",
            Sort::List(&ABOVE_0, 1, 200),
            "[10, 25, 50, 100, 250, 500, 1000]",
            "upper bounds of the latency histogram, rising",
        ),
        MODELS,
        field(
            "native_histogram",
            Sort::Flag,
            "true",
            "gather latencies in exponential buckets as well",
        ),
        field("name", Sort::Text, "\"metrics_collector\"", NAME),
        field(
            "serve",
            Sort::Section(&SERVE),
            "null",
            "serve them over HTTP",
        ),
        REGISTRATION,
    ],
);
