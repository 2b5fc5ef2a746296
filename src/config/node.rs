//! A document as a tree in which everything knows where it stands.

use std::fmt::Write as _;

/// Line and column (in characters), both from 1; `None` in a mapping from Python.
pub type Place = Option<(usize, usize)>;

/// A value and where it begins.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Where it begins.
    pub place: Place,
}

/// A value of a document.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number, and how it is written where that differs.
    Integer(i128, Option<Box<str>>),
    /// A number, and how it is written where that differs.
    Float(f64, Option<Box<str>>),
    /// Text.
    Text(Box<str>),
    /// A list.
    List(Vec<Node>),
    /// A mapping, in the document's order; no key is there twice.
    Mapping(Vec<Entry>),
    /// Something that no document holds: the name of its type in the host language.
    Foreign(Box<str>),
}

/// A key of a mapping with its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: Box<str>,
    /// Where the key begins.
    pub place: Place,
    /// Its value.
    pub node: Node,
}

impl Node {
    /// The value of a key, where this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.node)
    }

    /// The entry of a key, where this is a mapping that has it.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.value {
            Value::Mapping(entries) => entries.iter().find(|entry| &*entry.key == key),
            _ => None,
        }
    }

    /// What kind of thing it is, for messages; never its value.
    pub fn sort(&self) -> &str {
        match &self.value {
            Value::Null => "nothing (null)",
            Value::Bool(_) => "true or false",
            Value::Integer(..) | Value::Float(..) => "a number",
            Value::Text(_) => "text",
            Value::List(_) => "a list",
            Value::Mapping(_) => "a mapping",
            Value::Foreign(name) => name,
        }
    }

    /// It as a message shows it: a short value as it is written, else its sort.
    pub fn shown(&self) -> String {
        const LONGEST: usize = 60;
        match &self.value {
            Value::Bool(flag) => flag.to_string(),
            Value::Integer(number, written) => match written {
                Some(written) => shortened(written, LONGEST),
                None => number.to_string(),
            },
            Value::Float(number, written) => match written {
                Some(written) => shortened(written, LONGEST),
                None => format!("{number:?}"),
            },
            Value::Text(text) => format!("the text {:?}", shortened(text, LONGEST)),
            Value::Foreign(name) => format!("an object of type {name}"),
            _ => self.sort().to_owned(),
        }
    }
}

fn shortened(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// A step from a node to one within.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<'a> {
    /// To the value of a key.
    Key(&'a str),
    /// To an item of a list.
    Item(usize),
}

/// The steps from the top to a node, kept on the stack of whoever walks.
#[derive(Debug, Clone, Copy)]
pub struct Path<'a> {
    step: Option<Step<'a>>,
    above: Option<&'a Path<'a>>,
}

impl<'a> Path<'a> {
    /// The top.
    pub const TOP: Path<'static> = Path {
        step: None,
        above: None,
    };

    /// The path to the value of a key.
    pub fn key(&'a self, key: &'a str) -> Path<'a> {
        Path {
            step: Some(Step::Key(key)),
            above: Some(self),
        }
    }

    /// The path to an item of a list.
    pub fn item(&'a self, index: usize) -> Path<'a> {
        Path {
            step: Some(Step::Item(index)),
            above: Some(self),
        }
    }

    /// The steps, from the top.
    fn steps(&self) -> Vec<Step<'a>> {
        let mut steps = self.above.map_or_else(Vec::new, Path::steps);
        steps.extend(self.step);
        steps
    }

    /// Its text, as `monitors[1].threshold`.
    pub fn text(&self) -> String {
        written(self.steps())
    }
}

/// The text of a path, as `monitors[1].threshold`. Keys that are no plain words are
/// quoted, long ones cut.
pub fn written<'a>(steps: impl IntoIterator<Item = Step<'a>>) -> String {
    const LONGEST: usize = 60;
    let mut text = String::new();
    for step in steps {
        let _ = match step {
            Step::Item(index) => write!(text, "[{index}]"),
            Step::Key(key) if is_word(key) && key.len() <= LONGEST => {
                let dot = if text.is_empty() { "" } else { "." };
                write!(text, "{dot}{key}")
            }
            Step::Key(key) => write!(text, "[{:?}]", shortened(key, LONGEST)),
        };
    }
    text
}

fn is_word(key: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    !key.is_empty() && key.chars().all(fits)
}
