//! TOML.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use toml_parser::Source;
use toml_parser::lexer::TokenKind;

use super::lines::Lines;
use super::node::{Step, Value, written};
use super::tree::Tree;
use super::{Document, MAX_DEPTH, MAX_NODES, number};
use crate::error::{Error, Mistake, Result};

/// Reads a text.
///
/// # Errors
/// [`Error::Config`].
pub(super) fn read(text: &str) -> Result<Document> {
    let lines = Lines::new(text);
    refuse_deep(text, &lines)?;
    let error = match DeTable::parse(text) {
        Ok(table) => return document(&lines, table.get_ref(), Vec::new()),
        Err(error) => error,
    };
    if !error.message().starts_with("duplicate key") {
        return Err(syntax(&lines, &error));
    }
    // The parser goes on; further errors may be those of a table that is there twice.
    let (table, errors) = DeTable::parse_recoverable(text);
    let is_syntax = |error: &&toml::de::Error| !error.message().starts_with("duplicate key");
    if let Some(error) = errors.iter().find(is_syntax) {
        return Err(syntax(&lines, error));
    }
    let duplicate = duplicate(table.get_ref(), text, &lines, &error);
    document(&lines, table.get_ref(), vec![duplicate])
}

fn document(lines: &Lines<'_>, table: &DeTable<'_>, duplicates: Vec<Mistake>) -> Result<Document> {
    let mut tree = Tree::new(MAX_NODES);
    walk_table(&mut tree, lines, 0, table)?;
    let root = tree.finish().map(|document| document.root);
    let root = root.ok_or_else(|| refused((1, 1), "it ends too early"))?;
    Ok(Document { root, duplicates })
}

fn syntax(lines: &Lines<'_>, error: &toml::de::Error) -> Error {
    let start = error.span().map_or(0, |span| span.start);
    refused(lines.place(start), error.message())
}

fn refused(place: (usize, usize), problem: &str) -> Error {
    Error::Config(vec![Mistake {
        file: None,
        place: Some(place),
        path: String::new(),
        message: format!("got what is no TOML ({problem}); accepted: TOML 1.0"),
    }])
}

/// Refuses keys of many parts and deep brackets: the parser would make a table in a
/// table for each, and dropping them would need a stack as deep.
fn refuse_deep(text: &str, lines: &Lines<'_>) -> Result<()> {
    let (mut dots, mut brackets) = (0, 0_usize);
    for token in Source::new(text).lex() {
        match token.kind() {
            TokenKind::Dot => dots += 1,
            TokenKind::Whitespace => {}
            TokenKind::LeftSquareBracket | TokenKind::LeftCurlyBracket => {
                (dots, brackets) = (0, brackets + 1);
            }
            TokenKind::RightSquareBracket | TokenKind::RightCurlyBracket => {
                (dots, brackets) = (0, brackets.saturating_sub(1));
            }
            TokenKind::Equals | TokenKind::Comma | TokenKind::Newline => dots = 0,
            _ => {}
        }
        if dots > MAX_DEPTH || brackets > MAX_DEPTH {
            let message = format!(
                "got lists and mappings more than {MAX_DEPTH} deep; accepted: at most so deep"
            );
            return Err(Error::Config(vec![Mistake {
                file: None,
                place: Some(lines.place(token.span().start())),
                path: String::new(),
                message,
            }]));
        }
    }
    Ok(())
}

/// Keys in the order of the text: a table of the parser sorts them.
fn in_order<'a, 'i>(
    table: &'a DeTable<'i>,
) -> Vec<(
    &'a Spanned<std::borrow::Cow<'i, str>>,
    &'a Spanned<DeValue<'i>>,
)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

fn walk_table(tree: &mut Tree, lines: &Lines<'_>, start: usize, table: &DeTable<'_>) -> Result<()> {
    tree.begin_mapping(Some(lines.place(start)))?;
    for (key, value) in in_order(table) {
        tree.key(key.get_ref(), Some(lines.place(key.span().start)))?;
        walk(tree, lines, value)?;
    }
    tree.end();
    Ok(())
}

fn walk(tree: &mut Tree, lines: &Lines<'_>, node: &Spanned<DeValue<'_>>) -> Result<()> {
    let start = node.span().start;
    let place = Some(lines.place(start));
    let value = match node.get_ref() {
        DeValue::Table(table) => return walk_table(tree, lines, start, table),
        DeValue::Array(items) => {
            tree.begin_list(place)?;
            for item in items.iter() {
                walk(tree, lines, item)?;
            }
            tree.end();
            return Ok(());
        }
        DeValue::String(text) => Value::Text(text.as_ref().into()),
        DeValue::Boolean(flag) => Value::Bool(*flag),
        DeValue::Integer(digits) => {
            let written = digits.to_string();
            number::integer(digits.as_str(), digits.radix(), &written)
                .ok_or_else(|| refused(lines.place(start), "a number that is none"))?
        }
        DeValue::Float(digits) => match digits.as_str().parse() {
            Ok(float) => number::float(float, digits.as_str()),
            Err(_) => return Err(refused(lines.place(start), "a number that is none")),
        },
        DeValue::Datetime(_) => {
            let message = "got a date or time; accepted: text (quote it) and numbers";
            return Err(tree.refused(place, message));
        }
    };
    tree.value(value, place)
}

/// The mistake of a key that stands there twice. The parser says where, not in which
/// table: the key of that name that comes next before it, and is not in brackets
/// that have been closed.
fn duplicate(
    table: &DeTable<'_>,
    text: &str,
    lines: &Lines<'_>,
    error: &toml::de::Error,
) -> Mistake {
    let span = error.span().unwrap_or(0..0);
    let written_key = text.get(span.clone()).unwrap_or_default();
    let name = written_key.trim_matches(['"', '\'']);
    let mut search = Search {
        name,
        before: span.start,
        steps: Vec::new(),
        found: None,
    };
    search.table(table, None);
    let (start, path) = search
        .found
        .unwrap_or_else(|| (0, written([Step::Key(name)])));
    let (line, column) = lines.place(start);
    let first = if start == span.start {
        String::new()
    } else {
        format!(" (first: line {line}, column {column})")
    };
    Mistake {
        file: None,
        place: Some(lines.place(span.start)),
        path,
        message: format!("got the key a second time{first}; accepted: each key once"),
    }
}

struct Search<'a> {
    name: &'a str,
    before: usize,
    steps: Vec<Step<'a>>,
    found: Option<(usize, String)>,
}

impl<'a> Search<'a> {
    fn table(&mut self, table: &'a DeTable<'_>, around: Option<&Range<usize>>) {
        for (key, value) in table {
            let start = key.span().start;
            self.steps.push(Step::Key(key.get_ref()));
            let is_closed =
                around.is_some_and(|span| span.contains(&start) && span.end <= self.before);
            let is_nearer = self.found.as_ref().is_none_or(|(found, _)| *found < start);
            if key.get_ref() == self.name && start <= self.before && !is_closed && is_nearer {
                self.found = Some((start, written(self.steps.iter().copied())));
            }
            self.value(value);
            self.steps.pop();
        }
    }

    fn value(&mut self, value: &'a Spanned<DeValue<'_>>) {
        match value.get_ref() {
            DeValue::Table(table) => self.table(table, Some(&value.span())),
            DeValue::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.steps.push(Step::Item(index));
                    self.value(item);
                    self.steps.pop();
                }
            }
            _ => {}
        }
    }
}
