//! Building a tree within the limits.

use std::collections::HashMap;

use super::node::{Entry, Node, Path, Place, Step, Value, written};
use super::{Document, MAX_DEPTH, MAX_MISTAKES};
use crate::error::{Error, Mistake, Result};

/// A list or mapping that is not complete.
enum Open {
    List(Place, Vec<Node>),
    Mapping {
        place: Place,
        entries: Vec<Entry>,
        /// Where each key stands in `entries`.
        known: HashMap<Box<str>, usize>,
        /// The key whose value comes next.
        key: Option<(Box<str>, Place)>,
    },
}

/// A tree that is built from the top, one value after the other, however it is
/// written; refuses what is beyond the limits as soon as it comes.
///
/// # Example
/// ```
/// use driftline::config::{Tree, Value};
/// let mut tree = Tree::new(100);
/// tree.begin_mapping(None)?;
/// tree.key("version", None)?;
/// tree.value(Value::Integer(1, None), None)?;
/// tree.end();
/// assert!(tree.finish().is_some());
/// # Ok::<(), driftline::error::Error>(())
/// ```
pub struct Tree {
    open: Vec<Open>,
    root: Option<Node>,
    room: usize,
    most: usize,
    duplicates: Vec<Mistake>,
}

impl Tree {
    /// An empty tree that takes `most` values and keys.
    pub fn new(most: usize) -> Self {
        Self {
            open: Vec::new(),
            root: None,
            room: most,
            most,
            duplicates: Vec::new(),
        }
    }

    /// Takes room for so many values.
    ///
    /// # Errors
    /// [`Error::Config`] when there is none.
    pub fn take(&mut self, values: usize, place: Place) -> Result<()> {
        match self.room.checked_sub(values) {
            Some(room) => {
                self.room = room;
                Ok(())
            }
            None => {
                let message = format!(
                    "got more than {} values, with aliases expanded; accepted: at most so many",
                    self.most
                );
                Err(self.refused(place, &message))
            }
        }
    }

    /// An error about what comes next.
    pub fn refused(&self, place: Place, message: &str) -> Error {
        Error::Config(vec![Mistake {
            file: None,
            place,
            path: self.path(),
            message: message.to_owned(),
        }])
    }

    /// The path of what comes next.
    fn path(&self) -> String {
        written(self.open.iter().filter_map(|open| match open {
            Open::List(_, items) => Some(Step::Item(items.len())),
            Open::Mapping { key, .. } => key.as_ref().map(|(key, _)| Step::Key(key)),
        }))
    }

    fn begin(&mut self, open: Open, place: Place) -> Result<()> {
        if self.open.len() >= MAX_DEPTH {
            let message = format!(
                "got lists and mappings more than {MAX_DEPTH} deep; accepted: at most so deep"
            );
            return Err(self.refused(place, &message));
        }
        self.take(1, place)?;
        self.open.push(open);
        Ok(())
    }

    /// Begins a list.
    ///
    /// # Errors
    /// [`Error::Config`] beyond a limit; likewise below.
    pub fn begin_list(&mut self, place: Place) -> Result<()> {
        self.begin(Open::List(place, Vec::new()), place)
    }

    /// Begins a mapping.
    ///
    /// # Errors
    /// As [`Self::begin_list`].
    pub fn begin_mapping(&mut self, place: Place) -> Result<()> {
        let open = Open::Mapping {
            place,
            entries: Vec::new(),
            known: HashMap::new(),
            key: None,
        };
        self.begin(open, place)
    }

    /// Whether a key is what comes next.
    pub fn wants_key(&self) -> bool {
        matches!(self.open.last(), Some(Open::Mapping { key: None, .. }))
    }

    /// A key of the mapping that was begun last.
    ///
    /// # Errors
    /// As [`Self::begin_list`].
    pub fn key(&mut self, name: &str, at: Place) -> Result<()> {
        self.take(1, at)?;
        if let Some(Open::Mapping { key, .. }) = self.open.last_mut() {
            *key = Some((name.into(), at));
        }
        Ok(())
    }

    /// A value that is neither list nor mapping.
    ///
    /// # Errors
    /// As [`Self::begin_list`].
    pub fn value(&mut self, value: Value, place: Place) -> Result<()> {
        self.take(1, place)?;
        self.put(Node { value, place });
        Ok(())
    }

    /// A whole tree, for which room was taken.
    pub fn put(&mut self, node: Node) {
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open::List(_, items)) => items.push(node),
            Some(Open::Mapping {
                entries,
                known,
                key,
                ..
            }) => {
                let first = key.as_ref().and_then(|(key, _)| known.get(key)).copied();
                if let Some(first) = first {
                    return self.duplicate(first);
                }
                if let Some((key, place)) = key.take() {
                    known.insert(key.clone(), entries.len());
                    entries.push(Entry { key, place, node });
                }
            }
        }
    }

    /// Leaves out a key that stands there a second time.
    fn duplicate(&mut self, first: usize) {
        let path = self.path();
        let Some(Open::Mapping { entries, key, .. }) = self.open.last_mut() else {
            return;
        };
        let place = key.take().and_then(|(_, place)| place);
        let first = match entries.get(first).and_then(|entry| entry.place) {
            Some((line, column)) => format!(" (first: line {line}, column {column})"),
            None => String::new(),
        };
        if self.duplicates.len() < MAX_MISTAKES {
            self.duplicates.push(Mistake {
                file: None,
                place,
                path,
                message: format!("got the key a second time{first}; accepted: each key once"),
            });
        }
    }

    /// Ends what was begun last; answers it for who wants to keep a copy.
    pub fn end(&mut self) -> Option<&Node> {
        let node = match self.open.pop()? {
            Open::List(place, items) => Node {
                value: Value::List(items),
                place,
            },
            Open::Mapping { place, entries, .. } => Node {
                value: Value::Mapping(entries),
                place,
            },
        };
        self.put(node);
        match self.open.last() {
            None => self.root.as_ref(),
            Some(Open::List(_, items)) => items.last(),
            Some(Open::Mapping { entries, .. }) => entries.last().map(|entry| &entry.node),
        }
    }

    /// What was built; none when nothing was, or something is not ended.
    pub fn finish(self) -> Option<Document> {
        let root = self.root.filter(|_| self.open.is_empty())?;
        Some(Document {
            root,
            duplicates: self.duplicates,
        })
    }
}

/// A mistake at a path.
pub(super) fn mistake(place: Place, path: &Path<'_>, message: String) -> Mistake {
    Mistake {
        file: None,
        place,
        path: path.text(),
        message,
    }
}
