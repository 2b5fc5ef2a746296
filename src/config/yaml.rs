//! YAML 1.2.

use std::collections::HashMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError};

use super::node::{Node, Place, Value};
use super::tree::Tree;
use super::{Document, MAX_NODES, number};
use crate::error::{Error, Result};

/// A tree that an anchor names, and how many values it has.
type Anchored = (Node, usize);

/// Reads the one document of a text.
///
/// # Errors
/// [`Error::Config`].
pub(super) fn read(text: &str) -> Result<Document> {
    let mut tree = Tree::new(MAX_NODES);
    let mut anchors: HashMap<usize, Anchored> = HashMap::new();
    // The anchors of what is open.
    let mut open: Vec<usize> = Vec::new();
    let mut documents = 0;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| syntax(&tree, &error))?;
        let place = place(&span.start);
        match event {
            Event::DocumentStart(_) => {
                documents += 1;
                if documents > 1 {
                    let message = "got a second document; accepted: one in a file";
                    return Err(tree.refused(place, message));
                }
            }
            Event::Alias(anchor) => {
                refuse_key(&tree, place)?;
                // Taken before it is copied, so that what grows without end is refused fast.
                let Some((node, values)) = anchors.get(&anchor) else {
                    let message = "got an alias within what it stands for; accepted: aliases of \
                                   what is complete";
                    return Err(tree.refused(place, message));
                };
                tree.take(*values, place)?;
                tree.put(node.clone());
            }
            Event::Scalar(text, style, anchor, tag) => {
                refuse_tag(&tree, place, tag.is_some())?;
                if tree.wants_key() {
                    key(&mut tree, &text, style, anchor, place)?;
                    continue;
                }
                let value = match style {
                    ScalarStyle::Plain => number::plain(&text),
                    _ => Value::Text(text.as_ref().into()),
                };
                if anchor > 0 {
                    tree.take(1, place)?;
                    let node = Node {
                        value: value.clone(),
                        place,
                    };
                    anchors.insert(anchor, (node, 1));
                }
                tree.value(value, place)?;
            }
            Event::SequenceStart(anchor, tag) => {
                refuse_tag(&tree, place, tag.is_some())?;
                refuse_key(&tree, place)?;
                tree.begin_list(place)?;
                open.push(anchor);
            }
            Event::MappingStart(anchor, tag) => {
                refuse_tag(&tree, place, tag.is_some())?;
                refuse_key(&tree, place)?;
                tree.begin_mapping(place)?;
                open.push(anchor);
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let node = tree.end();
                let anchor = open.pop().unwrap_or(0);
                if let (Some(node), true) = (node, anchor > 0) {
                    let anchored = (node.clone(), size(node));
                    tree.take(anchored.1, place)?;
                    anchors.insert(anchor, anchored);
                }
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
    }
    let nothing = || Document {
        root: Node {
            value: Value::Null,
            place: Some((1, 1)),
        },
        duplicates: Vec::new(),
    };
    Ok(tree.finish().unwrap_or_else(nothing))
}

fn place(marker: &Marker) -> Place {
    Some((marker.line().max(1), marker.col() + 1))
}

/// The parser's message names no content of the document but names of anchors.
fn syntax(tree: &Tree, error: &ScanError) -> Error {
    let message = format!("got what is no YAML ({}); accepted: YAML 1.2", error.info());
    match tree.refused(place(error.marker()), &message) {
        // Where the parser gave up is often far from where the path would point.
        Error::Config(mut mistakes) => {
            mistakes.iter_mut().for_each(|mistake| mistake.path.clear());
            Error::Config(mistakes)
        }
        error => error,
    }
}

/// Takes a key.
fn key(tree: &mut Tree, text: &str, style: ScalarStyle, anchor: usize, place: Place) -> Result<()> {
    if style == ScalarStyle::Plain {
        if text == "<<" {
            let message = "got the merge key <<, which YAML 1.2 has not; accepted: keys of the \
                           schema, and aliases of whole values";
            return Err(tree.refused(place, message));
        }
        let value = number::plain(text);
        if !matches!(value, Value::Text(_)) {
            let message = format!(
                "got {} as a key; accepted: text; quote it: \"{text}\"",
                Node { value, place }.sort()
            );
            return Err(tree.refused(place, &message));
        }
    }
    if anchor > 0 {
        let message = "got an anchor at a key; accepted: anchors at values";
        return Err(tree.refused(place, message));
    }
    tree.key(text, place)
}

fn refuse_key(tree: &Tree, place: Place) -> Result<()> {
    if tree.wants_key() {
        let message = "got a list, a mapping or an alias as a key; accepted: text";
        return Err(tree.refused(place, message));
    }
    Ok(())
}

fn refuse_tag(tree: &Tree, place: Place, is_tagged: bool) -> Result<()> {
    if is_tagged {
        let message = "got a tag (!...); accepted: values without tags";
        return Err(tree.refused(place, message));
    }
    Ok(())
}

/// Values and keys of a tree.
fn size(node: &Node) -> usize {
    match &node.value {
        Value::List(items) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Mapping(entries) => {
            1 + entries
                .iter()
                .map(|entry| 1 + size(&entry.node))
                .sum::<usize>()
        }
        _ => 1,
    }
}
