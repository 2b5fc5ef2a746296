//! Which streaming detector watches: the sections under `detector` of a stream detector.
//!
//! Names, keys, defaults and what is said of them are those of the list of streaming
//! detectors; ranges are left to their constructors.

use super::*;
use crate::stream::{MOST_FEATURES, for_each_stream_detector};

/// A type of parameter in the list, as a value in a document.
trait Parameter {
    const SORT: Sort;
    const MAY_BE_NULL: bool = false;
}

impl Parameter for f64 {
    const SORT: Sort = FINITE;
}

impl Parameter for usize {
    const SORT: Sort = Sort::Whole(0, usize::MAX as i128);
}

impl Parameter for u64 {
    const SORT: Sort = Sort::Whole(0, u64::MAX as i128);
}

impl Parameter for bool {
    const SORT: Sort = Sort::Flag;
}

impl Parameter for String {
    const SORT: Sort = Sort::Text;
}

impl Parameter for Vec<f64> {
    const SORT: Sort = Sort::Either(&[
        Sort::List(&FINITE, 1, usize::MAX),
        Sort::Section(&monitors::FILE),
    ]);
}

impl<T: Parameter> Parameter for Option<T> {
    const SORT: Sort = T::SORT;
    const MAY_BE_NULL: bool = true;
}

const ON_DRIFT: Field = field(
    "on_drift",
    Sort::Word(&["reset", "keep_recent"]),
    "\"reset\"",
    "what it begins anew with after a change: nothing, or the last values",
);
const NAN_POLICY: Field = field(
    "nan_policy",
    Sort::Word(&["omit", "raise"]),
    "\"omit\"",
    "what becomes of values that are not finite",
);
const STANDARDISE: Field = field(
    "standardise",
    Sort::Tuple(&[("location", FINITE), ("scale", ABOVE_0)]),
    "null",
    "(location, scale): each value is taken as (x - location) / scale",
);

const fn parameter<T: Parameter>(
    name: &'static str,
    default: &'static str,
    docs: &'static str,
) -> Field {
    Field {
        name,
        sort: T::SORT,
        default: Some(match default.as_bytes() {
            b"None" => "null",
            _ => default,
        }),
        may_be_null: T::MAY_BE_NULL,
        doc: said_of(name, docs),
    }
}

/// Whether a byte of a number or a word is written in JSON, too: not the marks between the
/// digits of a number.
const fn is_written(text: &[u8], place: usize) -> bool {
    text[place] != b'_' || !text[0].is_ascii_digit()
}

/// How many of them are.
const fn written_len(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut place, mut len) = (0, 0);
    while place < bytes.len() {
        len += is_written(bytes, place) as usize;
        place += 1;
    }
    len
}

/// Those that are.
const fn written<const N: usize>(text: &str) -> [u8; N] {
    let bytes = text.as_bytes();
    let mut written = [0; N];
    let (mut place, mut len) = (0, 0);
    while place < bytes.len() {
        if is_written(bytes, place) {
            written[len] = bytes[place];
            len += 1;
        }
        place += 1;
    }
    written
}

/// A default of the list as JSON.
macro_rules! json {
    ($default:tt) => {{
        const TEXT: &str = stringify!($default);
        const BYTES: [u8; written_len(TEXT)] = written(TEXT);
        match str::from_utf8(&BYTES) {
            Ok(text) => text,
            Err(_) => TEXT,
        }
    }};
}

/// What the docstring of a class says of a parameter, up to the first pause.
const fn said_of(name: &str, docs: &'static str) -> &'static str {
    let mut rest = docs;
    while !rest.is_empty() {
        if let Some(found) = after(rest, ":param ")
            && let Some(found) = after(found, name)
            && let Some(found) = after(found, ": ")
        {
            return up_to_pause(found);
        }
        let mut step = 1;
        while !rest.is_char_boundary(step) {
            step += 1;
        }
        rest = rest.split_at(step).1;
    }
    "a parameter of the detector"
}

/// What stands behind a beginning, if it begins so.
const fn after(text: &'static str, beginning: &str) -> Option<&'static str> {
    let (bytes, begins) = (text.as_bytes(), beginning.as_bytes());
    if bytes.len() < begins.len() {
        return None;
    }
    let mut place = 0;
    while place < begins.len() {
        if bytes[place] != begins[place] {
            return None;
        }
        place += 1;
    }
    Some(text.split_at(place).1)
}

/// The text up to the first mark that ends a clause (a comma between quoted words does
/// not), or the end of the line.
const fn up_to_pause(text: &'static str) -> &'static str {
    let bytes = text.as_bytes();
    let mut place = 0;
    while place < bytes.len() {
        let is_end = match bytes[place] {
            b';' | b'.' | b'\n' => true,
            b',' => place == 0 || bytes[place - 1] != b'"',
            _ => false,
        };
        if is_end {
            break;
        }
        place += 1;
    }
    text.split_at(place).0
}

/// The first line of a docstring, without the space that it begins with.
const fn summary(docs: &'static str) -> &'static str {
    let docs = match after(docs, " ") {
        Some(docs) => docs,
        None => docs,
    };
    let bytes = docs.as_bytes();
    let mut place = 0;
    while place < bytes.len() && !matches!(bytes[place], b'.' | b'\n') {
        place += 1;
    }
    docs.split_at(place).0
}

/// What makes a bank of a detector.
pub(super) static BANK: Section = section(
    "bank",
    "a detector for each feature of a row (stream.Bank)",
    &[
        field(
            "n_features",
            Sort::Whole(1, MOST_FEATURES as i128),
            "null",
            "values in a row; by default as many as there are names in features",
        ),
        field(
            "threads",
            Sort::Whole(1, 1_024),
            "1",
            "threads that share the features of many rows",
        ),
        field(
            "mask",
            Sort::List(&Sort::Flag, 1, MOST_FEATURES),
            "null",
            "which features are left out: true or false for each",
        ),
        field(
            "fdr",
            Sort::Number(Included(1e-12), Excluded(1.0)),
            "null",
            "the share of false discoveries among the features that are told",
        ),
        field(
            "method",
            Sort::Word(&["e_bh", "e_lond"]),
            "\"e_bh\"",
            "how that share is kept",
        ),
    ],
);

/// The sections, and all of them and their names in the order of the list.
macro_rules! sections {
    ($($(#[doc = $doc:literal])* $class:ident = $name:literal, $reads:tt {
        $($param:ident: $hint:literal, $type:ty = $default:tt,)*
    })*) => {
        $(
            #[allow(non_upper_case_globals)]
            static $class: Section = {
                const DOCS: &str = concat!($($doc, "\n"),*);
                const FIELDS: &[Field] = &[
                    $(parameter::<$type>(stringify!($param), json!($default), DOCS),)*
                    ON_DRIFT,
                    NAN_POLICY,
                    STANDARDISE,
                ];
                section($name, summary(DOCS), FIELDS)
            };
        )*

        /// Every section under `detector`.
        pub(super) const ALL: &[&Section] = &[$(&$class),*];
        /// Their names.
        pub(super) const NAMES: &[&str] = &[$($name),*];
    };
}
for_each_stream_detector!(sections);
