//! JSON: serde_json says whether it is, and what a string means; where everything
//! stands is found by walking over what is known to be right.

use serde::de::IgnoredAny;

use super::lines::Lines;
use super::node::{Place, Value};
use super::tree::Tree;
use super::{Document, MAX_NODES, number};
use crate::error::{Error, Mistake, Result};

/// Reads a text.
///
/// # Errors
/// [`Error::Config`].
pub(super) fn read(text: &str) -> Result<Document> {
    let lines = Lines::new(text);
    serde_json::from_str::<IgnoredAny>(text).map_err(|error| not_json(&lines, &error))?;
    let mut walker = Walker {
        text,
        lines,
        at: 0,
        tree: Tree::new(MAX_NODES),
    };
    walker.walk()?;
    let document = walker.tree.finish();
    document.ok_or_else(|| refused(Some((1, 1)), "it ends too early"))
}

fn not_json(lines: &Lines<'_>, error: &serde_json::Error) -> Error {
    let text = error.to_string();
    let text = text.split(" at line ").next().unwrap_or_default();
    let place = lines.in_characters(error.line(), error.column());
    refused(Some(place), text)
}

fn refused(place: Place, problem: &str) -> Error {
    Error::Config(vec![Mistake {
        file: None,
        place,
        path: String::new(),
        message: format!("got what is no JSON ({problem}); accepted: JSON (RFC 8259)"),
    }])
}

struct Walker<'a> {
    text: &'a str,
    lines: Lines<'a>,
    at: usize,
    tree: Tree,
}

impl<'a> Walker<'a> {
    /// Takes one token after the other: brackets and commas need no grammar any more.
    fn walk(&mut self) -> Result<()> {
        while let Some(first) = self.rest().chars().next() {
            let place = Some(self.lines.place(self.at));
            match first {
                '{' => self.tree.begin_mapping(place)?,
                '[' => self.tree.begin_list(place)?,
                '}' | ']' => {
                    self.tree.end();
                }
                '"' => {
                    let text = self.string(place)?;
                    if self.tree.wants_key() {
                        self.tree.key(&text, place)?;
                    } else {
                        self.tree.value(Value::Text(text.into()), place)?;
                    }
                    continue;
                }
                c if c.is_ascii_alphanumeric() || c == '-' => {
                    let word = self.word();
                    let value = match word {
                        "null" => Value::Null,
                        "true" => Value::Bool(true),
                        "false" => Value::Bool(false),
                        number => number::decimal(number)
                            .ok_or_else(|| refused(place, "invalid number"))?,
                    };
                    self.tree.value(value, place)?;
                    continue;
                }
                _ => {}
            }
            self.at += first.len_utf8();
        }
        Ok(())
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// A literal or number.
    fn word(&mut self) -> &'a str {
        let rest = self.rest();
        let belongs = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.');
        let end = rest.find(|c| !belongs(c)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }

    fn string(&mut self, place: Place) -> Result<String> {
        let rest = self.rest();
        let mut is_escaped = true; // the opening quote ends nothing
        let end = rest.find(|c| {
            let ends = c == '"' && !is_escaped;
            is_escaped = c == '\\' && !is_escaped;
            ends
        });
        let end = end.map_or(rest.len(), |end| end + 1);
        self.at += end;
        let text = serde_json::from_str(rest.get(..end).unwrap_or_default());
        text.map_err(|_| refused(place, "a string with lone surrogates"))
    }
}
