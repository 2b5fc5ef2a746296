//! What a document may hold: THE tables that checking, the JSON Schema and the
//! defaults follow from. A new key is its line in one of them.
//!
//! Names, ranges and defaults are those of the constructors that the sections
//! become; a test compares them.

mod alerts;
mod monitors;
mod streams;
mod tests;
mod triggers;

use std::ops::Bound::{self, Excluded, Included, Unbounded};

/// What a value may be.
#[derive(Debug, Clone, Copy)]
pub enum Sort {
    /// Text that is not empty.
    Text,
    /// True or false.
    Flag,
    /// A whole number within these two.
    Whole(i128, i128),
    /// A number within these bounds; never NaN, infinite only where nothing bounds it.
    Number(Bound<f64>, Bound<f64>),
    /// One of these words.
    Word(&'static [&'static str]),
    /// A name of a severity, or its number.
    Severity,
    /// A list of so many of one sort.
    List(&'static Sort, usize, usize),
    /// A list with one value for each of these, whose names are for messages.
    Tuple(&'static [(&'static str, Sort)]),
    /// A mapping with any keys.
    Map(&'static Sort),
    /// A mapping with these keys.
    Section(&'static Section),
    /// A mapping whose key of this name says which of the sections it is.
    Choice(&'static str, &'static [&'static Section]),
    /// A reference to an environment variable, `{env: NAME}`; never the value itself.
    Secret,
    /// A URL of http or https, or a reference as above. It is never shown.
    Url,
    /// One of these, which differ in whether they are text, number, list or mapping.
    Either(&'static [Sort]),
}

/// A key.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What its value may be.
    pub sort: Sort,
    /// The value, in JSON, that it has when it is not there; `None`: it has to be.
    pub default: Option<&'static str>,
    /// Whether null is a value of its own; it is wherever it is the default.
    pub may_be_null: bool,
    /// One line about it.
    pub doc: &'static str,
}

/// A mapping with keys that are known.
#[derive(Debug)]
pub struct Section {
    /// What chooses it, where it is one of a [`Sort::Choice`].
    pub name: &'static str,
    /// One line about it.
    pub doc: &'static str,
    /// Its keys.
    pub fields: &'static [Field],
    /// What must hold among them.
    pub rules: &'static [Rule],
}

/// What must hold among keys.
#[derive(Debug, Clone, Copy)]
pub enum Rule {
    /// Exactly one of them is there, and not null.
    ExactlyOne(&'static [&'static str]),
    /// The first is only there with the second.
    Needs(&'static str, &'static str),
}

impl Field {
    /// Whether null is accepted.
    pub fn takes_null(&self) -> bool {
        self.may_be_null || self.default == Some("null")
    }

    const fn or_null(mut self) -> Self {
        self.may_be_null = true;
        self
    }
}

const fn field(name: &'static str, sort: Sort, default: &'static str, doc: &'static str) -> Field {
    Field {
        name,
        sort,
        default: Some(default),
        may_be_null: false,
        doc,
    }
}

const fn required(name: &'static str, sort: Sort, doc: &'static str) -> Field {
    Field {
        name,
        sort,
        default: None,
        may_be_null: false,
        doc,
    }
}

const fn section(name: &'static str, doc: &'static str, fields: &'static [Field]) -> Section {
    Section {
        name,
        doc,
        fields,
        rules: &[],
    }
}

const MOST_MODELS: Sort = Sort::Whole(1, 1_000_000);
const FROM_0: Sort = Sort::Number(Included(0.0), Unbounded);
const ABOVE_0: Sort = Sort::Number(Excluded(0.0), Unbounded);
const BETWEEN_0_AND_1: Sort = Sort::Number(Excluded(0.0), Excluded(1.0));
const FROM_0_TO_1: Sort = Sort::Number(Included(0.0), Included(1.0));
const ANY_NUMBER: Sort = Sort::Number(Unbounded, Unbounded);
const FINITE: Sort = Sort::Number(Excluded(f64::NEG_INFINITY), Excluded(f64::INFINITY));
const SOME: usize = 10_000;
const ONE_OR_MORE: Sort = Sort::Either(&[Sort::Text, Sort::List(&Sort::Text, 1, SOME)]);
const NAME: &str = "the name in reports and logs";

/// The names of severities; `warn` and `fatal` are understood, too.
pub const SEVERITIES: [&str; 8] = [
    "trace", "debug", "info", "warning", "error", "critical", "warn", "fatal",
];

/// Their numbers, as Python's logging has them.
pub const SEVERITY_NUMBERS: [i64; 6] = [5, 10, 20, 30, 40, 50];

/// Whether this can be the name of an environment variable: letters, digits and
/// underscores, no digit first, at most 255.
pub fn is_variable_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
    name.len() <= 255
        && name.chars().all(fits)
        && name.chars().next().is_some_and(|c| !c.is_ascii_digit())
}

static HUB: Section = section(
    "hub",
    "the hub itself",
    &[
        field(
            "max_cascade_depth",
            Sort::Whole(1, 1000),
            "16",
            "the longest chain of events that observers derive from one another",
        ),
        field(
            "max_models",
            MOST_MODELS,
            "1000",
            "the most models that an observer keeps apart, unless it says otherwise",
        ),
    ],
);

const MAX_U32: i128 = u32::MAX as i128;

static REGISTER: Section = section(
    "register",
    "how an observer is registered: the options of Hub.register",
    &[
        field("name", Sort::Text, "null", NAME),
        field(
            "kinds",
            ONE_OR_MORE,
            "null",
            "kinds of events to hear; all by default",
        ),
        field(
            "models",
            ONE_OR_MORE,
            "null",
            "models to hear; all by default",
        ),
        field(
            "features",
            ONE_OR_MORE,
            "null",
            "features to hear; all by default",
        ),
        field(
            "min_severity",
            Sort::Severity,
            "null",
            "the lowest severity to hear",
        ),
        field(
            "priority",
            Sort::Whole(i32::MIN as i128, i32::MAX as i128),
            "0",
            "higher is called earlier",
        ),
        field(
            "once",
            Sort::Flag,
            "false",
            "unregister it before its first call",
        ),
        field(
            "mode",
            Sort::Word(&["inline", "queued"]),
            "\"inline\"",
            "in the emitter's thread, or in a worker's of its own",
        ),
        field(
            "queue_size",
            Sort::Whole(1, 10_000_000),
            "1024",
            "the most events that are accepted and not delivered yet",
        ),
        field(
            "overflow",
            Sort::Word(&["drop_oldest", "drop_newest", "block"]),
            "\"drop_oldest\"",
            "what becomes of an event beyond that",
        ),
        field(
            "block_timeout_s",
            FROM_0,
            "30.0",
            "with block, seconds after which it is dropped all the same",
        ),
        field(
            "tick_s",
            Sort::Number(Included(0.001), Unbounded),
            "null",
            "seconds between ticks",
        ),
        field(
            "max_consecutive_failures",
            Sort::Whole(1, MAX_U32),
            "null",
            "failures in a row after which it is called no more",
        ),
    ],
);

const REGISTRATION: Field = field(
    "register",
    Sort::Section(&REGISTER),
    "null",
    "how it is registered",
);

/// What `callables=` names.
const CALLABLE_NAME: Field = required(
    "name",
    Sort::Text,
    "its name among the callables that from_config was given",
);

static CALLABLE: Section = section(
    "callable",
    "a callable that the program gives by name",
    &[CALLABLE_NAME],
);

static OBSERVER: Section = section(
    "callable",
    "an observer that the program gives by name",
    &[CALLABLE_NAME, REGISTRATION],
);

const MANY: usize = 10_000;

/// The whole document.
pub static ROOT: Section = section(
    "driftline",
    "A set-up of driftline: what it names is made and registered in one hub.",
    &[
        field(
            "version",
            Sort::Whole(1, 1),
            "1",
            "the version of this format",
        ),
        field("hub", Sort::Section(&HUB), "null", "the hub itself"),
        field(
            "monitors",
            Sort::List(&Sort::Choice("kind", &monitors::ALL), 0, MANY),
            "null",
            "what watches",
        ),
        field(
            "triggers",
            Sort::List(&Sort::Section(&triggers::TRIGGER), 0, MANY),
            "null",
            "what has models retrained",
        ),
        field(
            "alerts",
            Sort::List(&Sort::Section(&alerts::DISPATCHER), 0, MANY),
            "null",
            "what tells people",
        ),
        field(
            "metrics",
            Sort::Either(&[
                Sort::Section(&monitors::METRICS),
                Sort::List(&Sort::Section(&monitors::METRICS), 0, MANY),
            ]),
            "null",
            "counts and values for a scraper",
        ),
        field(
            "observers",
            Sort::List(&Sort::Choice("kind", &[&OBSERVER]), 0, MANY),
            "null",
            "observers that the program gives by name",
        ),
    ],
);
