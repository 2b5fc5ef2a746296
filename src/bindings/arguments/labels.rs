//! One conversion for samples that may be labels.
//!
//! [`sample`] accepts all that [`vector`] does, and text: lists, NumPy arrays of
//! `str` or objects, pandas, polars and Arrow columns of strings or categories.
//! A column that can count its values does so itself, so that a dictionary is
//! read entry by entry and not row by row. Categories that are all numbers are
//! the numbers they are, however they are stored.

use ndarray::Array1;
use numpy::{PyArrayDescrMethods, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};

use super::array::{describe, vector};
use super::conversion::chained;
use crate::bindings::gate::below;
use crate::drift::Categories;
use crate::error::Error;

const ACCEPTED: &str = "a one-dimensional sequence, array or column of either numbers or \
                        strings, with None or NaN for what is missing";

/// A sample of numbers or of labels.
pub(crate) enum Sample {
    Numbers(Array1<f64>),
    Labels(Categories),
}

/// Any one-dimensional sample, as numbers where it is numbers.
///
/// # Errors
/// As [`vector`]; `InvalidTypeError` also for numbers and text in one sample.
pub(crate) fn sample(argument: &str, obj: &Bound<'_, PyAny>) -> PyResult<Sample> {
    let py = obj.py();
    if obj.is_instance_of::<PyList>() || obj.is_instance_of::<PyTuple>() {
        return sequence(argument, obj);
    }
    if let Ok(array) = obj.cast::<PyUntypedArray>() {
        if array.ndim() != 1 || !matches!(array.dtype().kind(), b'U' | b'O' | b'T') {
            return vector(argument, obj).map(Sample::Numbers);
        }
        let items = below(py, || obj.call_method0(intern!(py, "tolist")))?;
        return rows(argument, obj, items.try_iter()?);
    }
    if !obj.hasattr(intern!(py, "value_counts"))? {
        return vector(argument, obj).map(Sample::Numbers);
    }
    if !is_arrow_text(obj)? {
        match vector(argument, obj) {
            Err(error) if error.is_instance_of::<PyTypeError>(py) => {}
            answer => return answer.map(Sample::Numbers),
        }
    }
    let (labels, counts) =
        below(py, || value_counts(obj)).map_err(|error| chained(argument, obj, ACCEPTED, error))?;
    let mut gathered = Gathered::default();
    for (label, count) in labels.try_iter()?.zip(counts.try_iter()?) {
        gathered.add(argument, obj, &label?, count?.extract()?)?;
    }
    Ok(gathered.sample())
}

/// A list or tuple: text when its first value is, otherwise as NumPy reads it,
/// and item by item what NumPy does not read (None among numbers).
fn sequence(argument: &str, obj: &Bound<'_, PyAny>) -> PyResult<Sample> {
    let py = obj.py();
    let mut text = false;
    for item in obj.try_iter()? {
        let item = item?;
        if !is_missing(&item)? {
            text = item.is_instance_of::<PyString>();
            break;
        }
    }
    if !text {
        match vector(argument, obj) {
            Err(error) if error.is_instance_of::<PyTypeError>(py) => {
                return rows(argument, obj, obj.try_iter()?)
                    .inspect_err(|mixed| mixed.set_cause(py, Some(error)));
            }
            answer => return answer.map(Sample::Numbers),
        }
    }
    rows(argument, obj, obj.try_iter()?)
}

/// One label or number for each row.
fn rows<'py>(
    argument: &str,
    obj: &Bound<'py, PyAny>,
    items: impl Iterator<Item = PyResult<Bound<'py, PyAny>>>,
) -> PyResult<Sample> {
    let mut gathered = Gathered::default();
    for item in items {
        gathered.add(argument, obj, &item?, 1)?;
    }
    Ok(gathered.sample())
}

/// What has been read of a sample.
#[derive(Default)]
struct Gathered {
    numbers: Vec<f64>,
    labels: std::collections::HashMap<Box<str>, u64, foldhash::fast::FixedState>,
    missing: u64,
}

impl Gathered {
    fn add(
        &mut self,
        argument: &str,
        obj: &Bound<'_, PyAny>,
        item: &Bound<'_, PyAny>,
        count: u64,
    ) -> PyResult<()> {
        if let Ok(text) = item.cast::<PyString>() {
            let text = text.to_string_lossy();
            match self.labels.get_mut(text.as_ref()) {
                Some(total) => *total += count,
                None => {
                    self.labels.insert(text.into(), count);
                }
            }
        } else if is_missing(item)? {
            self.missing += count;
        } else if let Some(number) = number(item) {
            self.numbers
                .extend(std::iter::repeat_n(number, count as usize));
        } else {
            return Err(refused(
                argument,
                obj,
                &format!("with {} in it", describe(item)),
            ));
        }
        if !self.labels.is_empty() && !self.numbers.is_empty() {
            return Err(refused(
                argument,
                obj,
                "with both numbers and strings in it",
            ));
        }
        Ok(())
    }

    fn sample(mut self) -> Sample {
        if self.labels.is_empty() {
            let missing = std::iter::repeat_n(f64::NAN, self.missing as usize);
            self.numbers.extend(missing);
            return Sample::Numbers(Array1::from(self.numbers));
        }
        Sample::Labels(Categories::from_counts(self.labels, self.missing))
    }
}

/// An int, float or bool, of Python or NumPy.
fn number(item: &Bound<'_, PyAny>) -> Option<f64> {
    let plain = item.is_instance_of::<PyFloat>()
        || item.is_instance_of::<PyInt>()
        || item.is_instance_of::<PyBool>();
    if plain {
        return item.extract().ok();
    }
    let dtype = item.getattr_opt(intern!(item.py(), "dtype")).ok()??;
    let kind = dtype.getattr(intern!(item.py(), "kind")).ok()?;
    let real = ["b", "i", "u", "f"].contains(&kind.extract::<&str>().ok()?);
    if real { item.extract().ok() } else { None }
}

/// None, NaN, and the NA and NaT of pandas: whatever does not equal itself.
fn is_missing(item: &Bound<'_, PyAny>) -> PyResult<bool> {
    if item.is_none() {
        return Ok(true);
    }
    if item.is_instance_of::<PyString>() || item.is_instance_of::<PyInt>() {
        return Ok(false);
    }
    if let Ok(float) = item.cast::<PyFloat>() {
        return Ok(float.extract::<f64>()?.is_nan());
    }
    let class = item.get_type();
    let name = class.name()?;
    if name == "NAType" || name == "NaTType" {
        return Ok(true);
    }
    Ok(number(item).is_some_and(f64::is_nan))
}

/// Whether a pyarrow array is text or has a dictionary; to others it says no.
fn is_arrow_text(obj: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = obj.py();
    if !obj.hasattr(intern!(py, "combine_chunks"))? && !obj.hasattr(intern!(py, "to_pylist"))? {
        return Ok(false);
    }
    let Some(arrow_type) = obj.getattr_opt(intern!(py, "type"))? else {
        return Ok(false);
    };
    let name = arrow_type.str()?;
    let name = name.to_str()?;
    Ok(name.contains("string") || name.contains("utf8") || name.starts_with("dictionary"))
}

/// The different values of a pandas, polars or Arrow column, and how often each
/// occurs, two iterables.
fn value_counts<'py>(obj: &Bound<'py, PyAny>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
    let py = obj.py();
    let arguments = PyDict::new(py);
    if obj.hasattr(intern!(py, "to_pylist"))? {
        // Arrow: a struct array. Views of strings have no kernel, or one that
        // loses nulls, depending on the version.
        let kind = obj.getattr(intern!(py, "type"))?.str()?;
        let plain = if kind.to_str()?.contains("view") {
            obj.call_method1(intern!(py, "cast"), ("large_string",))?
        } else {
            obj.clone()
        };
        let counted = plain.call_method0(intern!(py, "value_counts"))?;
        let field = |name: &str| counted.call_method1(intern!(py, "field"), (name,));
        let values = field("values")?.call_method0(intern!(py, "to_pylist"))?;
        return Ok((
            values,
            field("counts")?.call_method0(intern!(py, "to_pylist"))?,
        ));
    }
    if obj.hasattr(intern!(py, "to_physical"))? {
        // polars: a frame of two columns.
        arguments.set_item("name", "n")?;
        let counted = obj
            .call_method1(intern!(py, "alias"), ("label",))?
            .call_method(intern!(py, "value_counts"), (), Some(&arguments))?;
        return Ok((counted.get_item("label")?, counted.get_item("n")?));
    }
    arguments.set_item("dropna", false)?;
    let counted = obj.call_method(intern!(py, "value_counts"), (), Some(&arguments))?;
    let labels = counted.getattr(intern!(py, "index"))?;
    let labels = labels.call_method0(intern!(py, "tolist"))?;
    Ok((labels, counted.call_method0(intern!(py, "tolist"))?))
}

fn refused(argument: &str, obj: &Bound<'_, PyAny>, why: &str) -> PyErr {
    let got = format!("{} {why}", describe(obj));
    Error::invalid_type(argument.to_owned(), got, ACCEPTED).into()
}
