//! A document against the schema.

use std::ops::Bound::{self, Excluded, Included, Unbounded};

use super::MAX_MISTAKES;
use super::node::{Entry, Node, Path, Value};
use super::schema::{
    Field, ROOT, Rule, SEVERITIES, SEVERITY_NUMBERS, Section, Sort, is_variable_name,
};
use super::tree::mistake;
use super::words::{ROOT_ALLOWED, SECRET, did_you_mean, hint, listed, nearest};
use crate::error::Mistake;

/// Everything that is wrong with a document, in the order in which it stands there;
/// at most [`MAX_MISTAKES`].
pub fn check(root: &Node) -> Vec<Mistake> {
    let mut check = Check {
        mistakes: Vec::new(),
    };
    check.value(&Path::TOP, root, &Sort::Section(&ROOT));
    check.mistakes.sort_by_key(|mistake| mistake.place);
    check.mistakes.truncate(MAX_MISTAKES);
    check.mistakes
}

/// The mistake of a document that is a list or a value.
pub(super) fn not_a_mapping(root: &Node) -> Mistake {
    let message = format!("got {}; accepted: {}", root.sort(), ROOT_ALLOWED);
    mistake(root.place, &Path::TOP, message)
}

struct Check {
    mistakes: Vec<Mistake>,
}

impl Check {
    fn tell(&mut self, path: &Path<'_>, node: &Node, message: String) {
        self.mistakes.push(mistake(node.place, path, message));
    }

    /// Tells of a value, which is shown.
    fn refuse(&mut self, path: &Path<'_>, node: &Node, sort: &Sort) {
        let got = match node.value {
            // Long text where a mapping or list belongs may be a secret gone astray.
            Value::Text(_) if !sort.shows() => node.sort().to_owned(),
            _ => node.shown(),
        };
        let message = format!(
            "got {got}; accepted: {}{}",
            sort.allowed(),
            hint(node, sort)
        );
        self.tell(path, node, message);
    }

    fn value(&mut self, path: &Path<'_>, node: &Node, sort: &Sort) {
        let is_right = match (sort, &node.value) {
            (Sort::Text, Value::Text(text)) => !text.trim().is_empty(),
            (Sort::Flag, Value::Bool(_)) => true,
            (Sort::Whole(least, most), Value::Integer(number, _)) => {
                (*least..=*most).contains(number)
            }
            (Sort::Number(least, most), _) if node.number().is_some() => node
                .number()
                .is_some_and(|number| within(number, least, most)),
            (Sort::Word(words), Value::Text(text)) => words.contains(&&**text),
            (Sort::Severity, Value::Text(text)) => {
                SEVERITIES.contains(&text.trim().to_ascii_lowercase().as_str())
            }
            (Sort::Severity, Value::Integer(number, _)) => {
                i64::try_from(*number).is_ok_and(|number| SEVERITY_NUMBERS.contains(&number))
            }
            (Sort::List(item, least, most), Value::List(items)) => {
                return self.list(path, node, (item, *least, *most), items);
            }
            (Sort::Tuple(parts), Value::List(items)) if parts.len() == items.len() => {
                for (index, ((_, sort), item)) in parts.iter().zip(items).enumerate() {
                    self.value(&path.item(index), item, sort);
                }
                true
            }
            (Sort::Map(sort), Value::Mapping(entries)) => {
                for entry in entries {
                    self.value(&path.key(&entry.key), &entry.node, sort);
                }
                !entries.is_empty()
            }
            (Sort::Section(section), Value::Mapping(entries)) => {
                return self.section(path, node, entries, section, None);
            }
            (Sort::Choice(tag, sections), Value::Mapping(entries)) => {
                return self.choice(path, node, entries, (tag, sections));
            }
            (Sort::Secret | Sort::Url, Value::Mapping(entries)) => {
                return self.reference(path, node, entries);
            }
            (Sort::Url, Value::Text(text)) => {
                text.starts_with("https://") || text.starts_with("http://")
            }
            (Sort::Either(sorts), _) => {
                let sort = sorts.iter().find(|sort| sort.fits(node));
                if let Some(sort) = sort {
                    return self.value(path, node, sort);
                }
                false
            }
            _ => false,
        };
        if !is_right {
            self.refuse(path, node, sort);
        }
    }

    fn list(
        &mut self,
        path: &Path<'_>,
        node: &Node,
        (sort, least, most): (&Sort, usize, usize),
        items: &[Node],
    ) {
        if !(least..=most).contains(&items.len()) {
            let allowed = Sort::counted(sort, least, most);
            let message = format!("got {} items; accepted: {allowed}", items.len());
            self.tell(path, node, message);
        }
        for (index, item) in items.iter().enumerate() {
            if self.mistakes.len() > MAX_MISTAKES {
                return; // of a million strings where numbers belong
            }
            self.value(&path.item(index), item, sort);
        }
    }

    /// A mapping whose `tag` says which section it is.
    fn choice(
        &mut self,
        path: &Path<'_>,
        node: &Node,
        entries: &[Entry],
        (tag, sections): (&str, &[&'static Section]),
    ) {
        let names: Vec<&str> = sections.iter().map(|section| section.name).collect();
        let Some(chosen) = node.entry(tag) else {
            // A slip of the tag itself is told as an unknown key.
            let slip = entries.iter().find(|entry| {
                let is_known = |section: &&Section| section.field(&entry.key).is_some();
                !sections.iter().any(is_known) && nearest(&entry.key, &[tag]).is_some()
            });
            match slip {
                Some(entry) => self.unknown(path, entry, &[tag]),
                None => {
                    let message = format!("missing; accepted: {}", listed(&names));
                    self.tell(&path.key(tag), node, message);
                }
            }
            return;
        };
        let found = match &chosen.value() {
            Value::Text(name) => sections.iter().find(|section| *section.name == **name),
            _ => None,
        };
        match found {
            Some(section) => self.section(path, node, entries, section, Some(tag)),
            None => {
                let path = path.key(tag);
                let text = match chosen.value() {
                    Value::Text(text) => text,
                    _ => "",
                };
                let message = format!(
                    "got {}; accepted: {}{}",
                    chosen.node.shown(),
                    listed(&names),
                    did_you_mean(text, &names)
                );
                self.tell(&path, &chosen.node, message);
            }
        }
    }

    fn section(
        &mut self,
        path: &Path<'_>,
        node: &Node,
        entries: &[Entry],
        section: &Section,
        tag: Option<&str>,
    ) {
        let mut slips: Vec<&str> = Vec::new();
        for entry in entries {
            if tag == Some(&*entry.key) {
                continue;
            }
            let Some(field) = section.field(&entry.key) else {
                let known = section.fields.iter().map(|field| field.name);
                let known: Vec<&str> = known.chain(tag).collect();
                slips.extend(nearest(&entry.key, &known));
                self.unknown(path, entry, &known);
                continue;
            };
            if matches!(entry.node.value, Value::Null) && field.takes_null() {
                if std::ptr::eq(section, &ROOT) {
                    self.nothing(&path.key(field.name), &entry.node, field);
                }
                continue;
            }
            self.value(&path.key(field.name), &entry.node, &field.sort);
        }
        for field in section.fields {
            // A slip was told of already.
            let is_missing = field.default.is_none() && node.get(field.name).is_none();
            if is_missing && !slips.contains(&field.name) {
                let message = format!("missing; accepted: {}", field.sort.allowed());
                self.tell(&path.key(field.name), node, message);
            }
        }
        for rule in section.rules {
            self.rule(path, node, rule, &slips);
        }
    }

    /// `monitors:` with nothing behind it: in YAML easily the sign of lines that are
    /// not indented.
    fn nothing(&mut self, path: &Path<'_>, node: &Node, field: &Field) {
        let empty = match field.sort {
            Sort::List(..) => "[]",
            _ => "{}",
        };
        let message = format!(
            "got nothing (null); accepted: {}, or {empty}, or no such key",
            field.sort.allowed()
        );
        self.tell(path, node, message);
    }

    fn rule(&mut self, path: &Path<'_>, node: &Node, rule: &Rule, slips: &[&str]) {
        let given = |name: &str| {
            let entry = node.entry(name);
            entry.filter(|entry| !matches!(entry.node.value, Value::Null))
        };
        match rule {
            Rule::ExactlyOne(names) => {
                let mut all = names.iter().filter_map(|name| given(name));
                match (all.next(), all.next()) {
                    (None, _) if !names.iter().any(|name| slips.contains(name)) => {
                        let message =
                            format!("missing; accepted: exactly one of {}", listed(names));
                        let name = names.first().copied().unwrap_or_default();
                        self.tell(&path.key(name), node, message);
                    }
                    (Some(first), Some(second)) => {
                        let message = format!(
                            "got it beside {}; accepted: exactly one of {}",
                            first.key,
                            listed(names)
                        );
                        self.mistakes
                            .push(mistake(second.place, &path.key(&second.key), message));
                    }
                    _ => {}
                }
            }
            Rule::Needs(name, other) => {
                if let (Some(entry), None) = (given(name), given(other))
                    && !slips.contains(other)
                {
                    let message =
                        format!("got it without {other}; accepted: it together with {other}");
                    self.mistakes
                        .push(mistake(entry.place, &path.key(&entry.key), message));
                }
            }
        }
    }

    /// A key that the section has not.
    fn unknown(&mut self, path: &Path<'_>, entry: &Entry, known: &[&str]) {
        let message = match nearest(&entry.key, known) {
            Some(meant) => format!("unknown key; did you mean '{meant}'?"),
            None => format!("unknown key; accepted: {}", listed(known)),
        };
        self.mistakes
            .push(mistake(entry.place, &path.key(&entry.key), message));
    }

    /// `{env: NAME}`. What else is there may be the secret: it is not shown.
    fn reference(&mut self, path: &Path<'_>, node: &Node, entries: &[Entry]) {
        let mut is_slip = false;
        for entry in entries.iter().filter(|entry| &*entry.key != "env") {
            if nearest(&entry.key, &["env"]).is_some() {
                is_slip = true;
                self.unknown(path, entry, &["env"]);
            } else {
                let message = format!("got a key that is not env (not shown); accepted: {SECRET}");
                self.mistakes.push(mistake(entry.place, path, message));
            }
        }
        match node.get("env") {
            None if is_slip => {}
            None => self.tell(
                &path.key("env"),
                node,
                format!("missing; accepted: {SECRET}"),
            ),
            Some(Node {
                value: Value::Null, ..
            }) => {
                let message = "got null, which stands for a secret that Hub.config() does not know \
                               by name; accepted: the name of an environment variable";
                self.tell(&path.key("env"), node, message.to_owned());
            }
            Some(name) => {
                if !matches!(&name.value, Value::Text(name) if is_variable_name(name)) {
                    let message = "got what is no name of an environment variable (not shown); \
                                   accepted: letters, digits and underscores";
                    self.tell(&path.key("env"), name, message.to_owned());
                }
            }
        }
    }
}

impl Entry {
    fn value(&self) -> &Value {
        &self.node.value
    }
}

impl Node {
    /// It as a number, where it is one.
    fn number(&self) -> Option<f64> {
        match self.value {
            Value::Integer(number, _) => Some(number as f64),
            Value::Float(number, _) => Some(number),
            _ => None,
        }
    }
}

impl Section {
    pub(super) fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// Whether a number is within bounds. Without any, it may be NaN (a missing value).
fn within(number: f64, least: &Bound<f64>, most: &Bound<f64>) -> bool {
    if let (Unbounded, Unbounded) = (least, most) {
        return true;
    }
    let is_enough = match least {
        Included(least) => number >= *least,
        Excluded(least) => number > *least,
        Unbounded => true,
    };
    let is_little = match most {
        Included(most) => number <= *most,
        Excluded(most) => number < *most,
        Unbounded => true,
    };
    number.is_finite() && is_enough && is_little
}
