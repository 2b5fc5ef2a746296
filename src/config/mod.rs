//! Set-ups in one file: read from YAML, JSON or TOML into one tree in which
//! everything knows its line and column, and checked against one [`schema`].
//!
//! [`read`] reads text and [`check`] says everything that is wrong with it, the most
//! important first; what is right becomes observers elsewhere: this room knows
//! nothing of them. The limits below hold for every format, so that no document
//! makes a program slow or large: they are checked while reading, with aliases
//! expanded.
//!
//! YAML is 1.2 with the core schema: `no` and `on` are text, `1e3` and `1.10` are
//! numbers. There are no tags, no merge keys, no keys but text and one document to
//! a file. JSON is strict (RFC 8259), TOML is 1.0 or later without dates.

mod check;
mod json;
mod json_schema;
mod lines;
mod node;
mod number;
pub mod schema;
mod toml;
mod tree;
mod words;
mod yaml;

pub use check::check;
pub use json_schema::json_schema;
pub use node::{Entry, Node, Path, Place, Step, Value, written};
pub use tree::Tree;

use crate::error::{Error, Mistake, Result};

/// The most bytes of a document, 1 MiB.
pub const MAX_BYTES: usize = 1 << 20;

/// The most levels of lists and mappings in one another.
pub const MAX_DEPTH: usize = 32;

/// The most values of a document, keys included, with its aliases expanded.
pub const MAX_NODES: usize = 100_000;

/// The most values of a mapping from the host language, which may hold baselines.
pub const MAX_FOREIGN_NODES: usize = 1_000_000;

/// The most mistakes that are told of.
pub const MAX_MISTAKES: usize = 20;

/// How a document is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// YAML 1.2.
    Yaml,
    /// JSON.
    Json,
    /// TOML.
    Toml,
}

impl Format {
    /// The formats by the suffixes of their files.
    pub const BY_SUFFIX: [(&'static str, Self); 4] = [
        (".yaml", Self::Yaml),
        (".yml", Self::Yaml),
        (".json", Self::Json),
        (".toml", Self::Toml),
    ];
}

/// What was read, and the keys that stand there twice.
pub struct Document {
    /// The tree; of a key that stands there twice it has the first.
    pub root: Node,
    /// A mistake for each key that stands there twice.
    pub duplicates: Vec<Mistake>,
}

/// Reads a document.
///
/// # Errors
/// [`Error::Config`] for a document that is too large or too deep, or none of its
/// format: not UTF-8, control characters, a mistake of syntax, a tag, an alias within
/// what it stands for, a second document.
///
/// # Example
/// ```
/// use driftline::config::{Format, read, check};
/// let document = read(b"monitors:\n  - kind: drift\n    treshold: 0.1\n", Format::Yaml)?;
/// assert_eq!(
///     check(&document.root)[0].to_string(),
///     "line 3, column 5: monitors[0].treshold: unknown key; did you mean 'threshold'?"
/// );
/// # Ok::<(), driftline::error::Error>(())
/// ```
pub fn read(bytes: &[u8], format: Format) -> Result<Document> {
    let text = text(bytes)?;
    match format {
        Format::Yaml => yaml::read(text),
        Format::Json => json::read(text),
        Format::Toml => toml::read(text),
    }
}

/// Reads text of unknown format: JSON, YAML or else TOML.
///
/// # Errors
/// As [`read`]; where it is none of them, what is wrong with it as TOML if its first
/// line looks like that, as YAML otherwise.
pub fn read_any(bytes: &[u8]) -> Result<Document> {
    let text = text(bytes)?;
    if looks_like_toml(text) {
        return match toml::read(text) {
            Ok(document) => Ok(document),
            Err(error) => mapping(yaml::read(text)).map_err(|_| error),
        };
    }
    if text.trim_start().starts_with('{')
        && let Ok(document) = json::read(text)
    {
        return Ok(document);
    }
    let document = yaml::read(text);
    if let Ok(Document {
        root: Node {
            value: Value::Null, ..
        },
        ..
    }) = document
    {
        return document; // nothing is as little in TOML
    }
    mapping(document).or_else(|error| toml::read(text).map_err(|_| error))
}

/// A line of text is YAML, too: only mappings are meant.
fn mapping(document: Result<Document>) -> Result<Document> {
    let document = document?;
    match document.root.value {
        Value::Mapping(_) => Ok(document),
        _ => Err(Error::Config(vec![check::not_a_mapping(&document.root)])),
    }
}

/// Whether the first line that says something is `key = value` or `[table]`.
fn looks_like_toml(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim);
    let Some(line) = lines.find(|line| !line.is_empty() && !line.starts_with('#')) else {
        return false;
    };
    let is_table = line.starts_with('[') && line.contains(']') && !line.contains(['{', ':', ',']);
    let key = line.split_once('=').map(|(key, _)| key);
    is_table || key.is_some_and(|key| !key.contains([':', '{', '[', '-']))
}

/// The text of a document, without a byte order mark.
fn text(bytes: &[u8]) -> Result<&str> {
    if bytes.len() > MAX_BYTES {
        let got = format!("{} bytes", bytes.len());
        return Err(whole(None, &got, &format!("at most {MAX_BYTES} (1 MiB)")));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let valid = std::str::from_utf8(valid).unwrap_or_default();
        let place = lines::Lines::new(valid).place(valid.len());
        whole(Some(place), "bytes that are not UTF-8", "text in UTF-8")
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{85}');
    if let Some((index, found)) = text.char_indices().find(|&(_, c)| control(c)) {
        let place = lines::Lines::new(text).place(index);
        let got = format!("the control character U+{:04X}", u32::from(found));
        return Err(whole(Some(place), &got, "text, tabs and line ends"));
    }
    Ok(text)
}

/// A mistake of the whole document.
fn whole(place: Place, got: &str, allowed: &str) -> Error {
    Error::Config(vec![Mistake {
        file: None,
        place,
        path: String::new(),
        message: format!("got {got}; accepted: {allowed}"),
    }])
}
