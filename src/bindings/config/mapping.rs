//! A mapping of Python as a tree.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple};

use crate::config::{Document, MAX_FOREIGN_NODES, Tree, Value};
use crate::error::Error;

/// Reads it; what no document can hold becomes [`Value::Foreign`].
///
/// # Errors
/// `ConfigError` beyond the limits, which end mappings within themselves, too.
pub(super) fn read(source: &Bound<'_, PyAny>) -> PyResult<Document> {
    let mut tree = Tree::new(MAX_FOREIGN_NODES);
    take(&mut tree, source)?;
    let nothing = || Error::invalid_type("source", "nothing", "a mapping");
    Ok(tree.finish().ok_or_else(nothing)?)
}

fn take(tree: &mut Tree, object: &Bound<'_, PyAny>) -> PyResult<()> {
    if let Ok(list) = object.cast::<PyList>() {
        return take_items(tree, list.iter());
    }
    if let Ok(tuple) = object.cast::<PyTuple>() {
        return take_items(tree, tuple.iter());
    }
    if let Some(value) = value(object) {
        return Ok(tree.value(value, None)?);
    }
    if let Ok(mapping) = object.cast::<PyMapping>() {
        return take_mapping(tree, mapping);
    }
    // An array, or a number of one. Its values are counted before they are made.
    if let Some(tolist) = object.getattr_opt("tolist")? {
        let size = object.getattr_opt("size")?;
        let size = size.and_then(|size| size.extract().ok()).unwrap_or(0);
        tree.take(size, None)?;
        let list = tolist.call0()?;
        if list.is_instance_of::<PyList>() || value(&list).is_some() {
            return take(tree, &list);
        }
    }
    let name = object.get_type().name()?.to_string_lossy().into_owned();
    Ok(tree.value(Value::Foreign(name.into()), None)?)
}

fn take_items<'py>(
    tree: &mut Tree,
    items: impl Iterator<Item = Bound<'py, PyAny>>,
) -> PyResult<()> {
    tree.begin_list(None)?;
    for item in items {
        take(tree, &item)?;
    }
    tree.end();
    Ok(())
}

fn take_mapping(tree: &mut Tree, mapping: &Bound<'_, PyMapping>) -> PyResult<()> {
    tree.begin_mapping(None)?;
    for item in mapping.items()? {
        let (key, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = item.extract()?;
        let Some(key) = key
            .cast::<PyString>()
            .ok()
            .and_then(|key| key.to_str().ok())
        else {
            let message = format!(
                "got a key of type {}; accepted: keys of type str",
                key.get_type().name()?.to_string_lossy()
            );
            return Err(tree.refused(None, &message).into());
        };
        tree.key(key, None)?;
        take(tree, &value)?;
    }
    tree.end();
    Ok(())
}

/// What is neither list nor mapping.
fn value(object: &Bound<'_, PyAny>) -> Option<Value> {
    if object.is_none() {
        return Some(Value::Null);
    }
    if let Ok(flag) = object.cast::<PyBool>() {
        return Some(Value::Bool(flag.is_true()));
    }
    if object.is_instance_of::<PyInt>() {
        return Some(match object.extract::<i128>() {
            Ok(number) => Value::Integer(number, None),
            Err(_) => Value::Float(f64::INFINITY, Some("an int of more than 128 bits".into())),
        });
    }
    if let Ok(number) = object.cast::<PyFloat>() {
        return Some(Value::Float(number.value(), None));
    }
    if object.is_instance_of::<PyBytes>() {
        return Some(Value::Foreign("bytes".into()));
    }
    let text = object.cast::<PyString>().ok()?;
    Some(match text.to_str() {
        Ok(text) => Value::Text(text.into()),
        Err(_) => Value::Foreign("str, with lone surrogates".into()),
    })
}
