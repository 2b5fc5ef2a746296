//! Which container of a table an object is.

use numpy::{PyArrayDescrMethods, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::exceptions::{PyException, PyTypeError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyIterator, PyList, PyMapping, PyString, PyTuple};

use super::columns::{Columns, Container, length, tensor};
use super::gathered::{AT_HAND, at_hand, gather};
use super::iterated::Iterated;
use super::names::{checked, name_of, names_of_array, said, shown};
use super::{Input, arrow, pandas};
use crate::bindings::arguments::array::{asarray, describe, is_scalar};
use crate::error::Error;

const ACCEPTED: &str = "a table: a mapping of names to columns, a two-dimensional or structured \
                        array, a data frame, an Arrow table or stream, an iterator of tables, or \
                        the path of a .parquet or .csv file (one column: {\"name\": values})";

/// Any table.
pub(super) fn read(
    argument: &'static str,
    obj: &Bound<'_, PyAny>,
    names: Option<&[String]>,
) -> PyResult<Input> {
    let py = obj.py();
    let chain = |error| chained(argument, obj, error);
    let is_path = obj.is_instance_of::<PyString>()
        || obj.hasattr(intern!(py, "__fspath__")).map_err(chain)?;
    if is_path {
        let reading = py.import(intern!(py, "driftline._reading"))?;
        let opened = reading.call_method1(intern!(py, "open_table"), (argument, obj))?;
        return table(argument, &opened, names);
    }
    table(argument, obj, names)
}

/// A table of an iterator, which is none itself and no path.
pub(super) fn batch(
    argument: &'static str,
    obj: &Bound<'_, PyAny>,
    names: Option<&[String]>,
) -> PyResult<Input> {
    if obj.is_instance_of::<PyString>() || obj.cast::<PyIterator>().is_ok() {
        return Err(refused(argument, obj));
    }
    table(argument, obj, names)
}

fn table(
    argument: &'static str,
    obj: &Bound<'_, PyAny>,
    names: Option<&[String]>,
) -> PyResult<Input> {
    let py = obj.py();
    let chain = |error| chained(argument, obj, error);
    if let Ok(array) = obj.cast::<PyUntypedArray>() {
        return of_array(argument, array, names);
    }
    if let Ok(mapping) = obj.cast::<PyMapping>() {
        return of_mapping(argument, mapping);
    }
    if is_scalar(obj) {
        return Err(refused(argument, obj));
    }
    if pandas::is_frame(obj).map_err(chain)? {
        return of_frame(argument, obj);
    }
    if pandas::is_series(obj).map_err(chain)? {
        return Err(refused(argument, obj));
    }
    if let Ok(iterator) = obj.cast::<PyIterator>() {
        return of_iterator(argument, obj, iterator, names);
    }
    if arrow::has_stream(obj).map_err(chain)? {
        return of_stream(argument, obj);
    }
    if arrow::has_array(obj).map_err(chain)? {
        let Some((names, batch)) = arrow::record_batch(obj).map_err(chain)? else {
            return Err(refused(argument, obj));
        };
        return Ok(at_hand(checked(argument, names)?, batch));
    }
    let has = |attribute: &str| obj.hasattr(attribute).map_err(chain);
    if has("__dataframe__")? {
        let reading = py.import(intern!(py, "driftline._reading"))?;
        let exchanged = reading.call_method1(intern!(py, "exchanged"), (argument, obj))?;
        return table(argument, &exchanged, names);
    }
    if obj.is_instance_of::<PyList>() || obj.is_instance_of::<PyTuple>() {
        return of_sequence(argument, obj, names);
    }
    if has("__dlpack__")? || has("__array__")? {
        return of_array(argument, &tensor(obj).map_err(chain)?, names);
    }
    Err(refused(argument, obj))
}

fn whole(columns: Columns) -> Input {
    Input::Whole(Box::new(columns))
}

fn of_array(
    argument: &'static str,
    array: &Bound<'_, PyUntypedArray>,
    names: Option<&[String]>,
) -> PyResult<Input> {
    let py = array.py();
    let shape = array.shape();
    let (names, container) = if array.dtype().has_fields() {
        if shape.len() != 1 {
            return Err(refused(argument, array));
        }
        let fields = array.dtype().names().unwrap_or_default();
        (
            checked(argument, fields.clone())?,
            Container::Fields(array.clone().unbind(), fields),
        )
    } else {
        let [_, n] = *shape else {
            return Err(refused(argument, array));
        };
        let names = checked(argument, names_of_array(argument, n, names)?)?;
        let array = match array.get_type().name()?.to_string_lossy().as_ref() {
            // Its columns are matrices again.
            "matrix" => array.call_method0(intern!(py, "__array__"))?.cast_into()?,
            _ => array.clone(),
        };
        (names, Container::Matrix(array.unbind()))
    };
    let n_rows = shape.first().copied().unwrap_or(0);
    Ok(whole(Columns::new(argument, names, n_rows, container)))
}

fn of_mapping(argument: &'static str, mapping: &Bound<'_, PyMapping>) -> PyResult<Input> {
    let chain = |error| chained(argument, mapping, error);
    let (mut names, mut values) = (Vec::new(), Vec::new());
    let mut first: Option<usize> = None;
    for item in mapping.items().map_err(chain)?.iter() {
        let name = name_of(&item.get_item(0)?).map_err(chain)?;
        let value = item.get_item(1)?;
        let Some(n) = length(&value).map_err(chain)? else {
            let got = format!("column {} that is {}", shown(&name), describe(&value));
            let allowed = "one-dimensional columns of one length: lists, arrays, series";
            return Err(Error::invalid_type(argument, got, allowed).into());
        };
        if let Some(n_rows) = first
            && n != n_rows
        {
            let before = names
                .first()
                .map_or_else(String::new, |name: &String| shown(name));
            let got = format!(
                "columns of different lengths: {before} has {n_rows} rows, {} has {n}",
                shown(&name)
            );
            return Err(Error::invalid_value(argument, got, "columns of one length").into());
        }
        first = first.or(Some(n));
        names.push(name);
        values.push(value.unbind());
    }
    let names = checked(argument, names)?;
    let container = Container::Values(values);
    Ok(whole(Columns::new(
        argument,
        names,
        first.unwrap_or(0),
        container,
    )))
}

fn of_frame(argument: &'static str, frame: &Bound<'_, PyAny>) -> PyResult<Input> {
    let py = frame.py();
    let read = || -> PyResult<_> {
        let labels = frame.getattr(intern!(py, "columns"))?;
        let labels = labels.call_method0(intern!(py, "tolist"))?;
        let labels: Vec<_> = labels.try_iter()?.collect::<PyResult<_>>()?;
        let names: Vec<_> = labels.iter().map(name_of).collect::<PyResult<_>>()?;
        let labels = labels.into_iter().map(Bound::unbind).collect();
        Ok((names, labels, frame.len()?))
    };
    let (names, labels, n_rows) = read().map_err(|error| chained(argument, frame, error))?;
    let names = checked(argument, names)?;
    let container = Container::Frame(frame.clone().unbind(), labels);
    Ok(whole(Columns::new(argument, names, n_rows, container)))
}

fn of_iterator(
    argument: &'static str,
    obj: &Bound<'_, PyAny>,
    iterator: &Bound<'_, PyIterator>,
    names: Option<&[String]>,
) -> PyResult<Input> {
    let py = obj.py();
    if let Some(iterated) = Iterated::open(argument, iterator, names)? {
        return gather(py, Box::new(iterated), Some(AT_HAND));
    }
    // A reader of record batches knows its columns all the same.
    let schema = obj.getattr_opt(intern!(py, "schema"));
    if let Ok(Some(schema)) = schema
        && schema.hasattr(intern!(py, "empty_table"))?
    {
        let empty = schema.call_method0(intern!(py, "empty_table"))?;
        return of_stream(argument, &empty);
    }
    let got = "an iterator without tables";
    Err(Error::invalid_value(argument, got, "an iterator of a table or more").into())
}

fn of_stream(argument: &'static str, obj: &Bound<'_, PyAny>) -> PyResult<Input> {
    let py = obj.py();
    let chain = |error| chained(argument, obj, error);
    let Some(stream) = arrow::Stream::open(argument, obj).map_err(chain)? else {
        return Err(refused(argument, obj));
    };
    // What knows its number of rows without counting is at hand already.
    let at_hand = obj.hasattr(intern!(py, "num_rows")).map_err(chain)?
        || obj.hasattr(intern!(py, "height")).map_err(chain)?;
    let most = (!at_hand).then_some(AT_HAND);
    gather(py, Box::new(stream.checked()?), most)
}

/// A list of tables, or rows of numbers.
fn of_sequence(
    argument: &'static str,
    obj: &Bound<'_, PyAny>,
    names: Option<&[String]>,
) -> PyResult<Input> {
    let chain = |error| chained(argument, obj, error);
    if obj.len()? == 0 {
        return Err(refused(argument, obj));
    }
    let first = obj.get_item(0)?;
    let are_tables = first.cast::<PyMapping>().is_ok()
        || first
            .cast::<PyUntypedArray>()
            .is_ok_and(|it| it.ndim() == 2)
        || pandas::is_frame(&first).map_err(chain)?
        || arrow::has_stream(&first).map_err(chain)?
        || arrow::has_array(&first).map_err(chain)?;
    if are_tables {
        let iterator = obj.try_iter()?;
        return of_iterator(argument, iterator.as_any(), &iterator, names);
    }
    if is_scalar(&first) {
        return Err(refused(argument, obj));
    }
    of_array(argument, &asarray(obj).map_err(chain)?, names)
}

/// What is no table.
fn refused(argument: &'static str, obj: &Bound<'_, PyAny>) -> PyErr {
    let got = describe(obj);
    match obj.cast::<PyUntypedArray>() {
        Ok(_) => Error::invalid_value(argument, got, ACCEPTED).into(),
        Err(_) => Error::invalid_type(argument, got, ACCEPTED).into(),
    }
}

/// What an object's own methods raised, as the cause of an error of ours.
fn chained(argument: &'static str, obj: &Bound<'_, PyAny>, cause: PyErr) -> PyErr {
    let py = obj.py();
    if !cause.is_instance_of::<PyException>(py) {
        return cause;
    }
    let text = said(&cause);
    let got = format!("{} that cannot be read ({text})", describe(obj));
    let error: PyErr = if cause.is_instance_of::<PyTypeError>(py) {
        Error::invalid_type(argument, got, ACCEPTED).into()
    } else {
        Error::invalid_value(argument, got, ACCEPTED).into()
    };
    error.set_cause(py, Some(cause));
    error
}
