//! Tables whose columns are Python objects, converted when they are asked for.

use std::collections::VecDeque;

use arrow_array::{Array, ArrayRef};
use numpy::{PyArrayDescr, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::exceptions::{PyException, PyTypeError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{
    PyByteArray, PyBytes, PyDict, PyList, PyMapping, PySet, PySlice, PyString, PyTuple,
};

use super::names::{said, shown};
use super::{array, arrow, foreign, inside, objects, pandas, strided};
use crate::bindings::arguments::array::{asarray, describe, is_masked};
use crate::error::{Error, Result};
use crate::table::{ColumnData, Table};

/// A table of which each column is an object of Python's, or a part of one.
pub(super) struct Columns {
    argument: &'static str,
    names: Vec<String>,
    n_rows: usize,
    container: Container,
    /// The columns from this place on that have been copied with the last one.
    copied: (usize, VecDeque<ArrayRef>),
}

/// Where the columns are.
pub(super) enum Container {
    /// One object each.
    Values(Vec<Py<PyAny>>),
    /// A two-dimensional array.
    Matrix(Py<PyUntypedArray>),
    /// A structured array, and what it calls its fields.
    Fields(Py<PyUntypedArray>, Vec<String>),
    /// A frame of pandas, and its labels.
    Frame(Py<PyAny>, Vec<Py<PyAny>>),
}

impl Columns {
    /// `n_rows` rows of columns of these names.
    pub(super) fn new(
        argument: &'static str,
        names: Vec<String>,
        n_rows: usize,
        container: Container,
    ) -> Self {
        Self {
            argument,
            names,
            n_rows,
            container,
            copied: Default::default(),
        }
    }

    fn read(&mut self, py: Python<'_>, index: usize) -> PyResult<ColumnData> {
        if self.copied.0 == index
            && let Some(array) = self.copied.1.pop_front()
        {
            self.copied.0 += 1;
            return Ok(ColumnData::Arrays(vec![array]));
        }
        let column = match &self.container {
            Container::Values(values) => match values.get(index) {
                Some(value) => return column(value.bind(py)),
                None => return Ok(ColumnData::Arrays(Vec::new())),
            },
            Container::Fields(records, fields) => {
                let field = fields.get(index).map_or("", String::as_str);
                return array::column(&records.bind(py).get_item(field)?.cast_into()?);
            }
            Container::Matrix(matrix) => {
                let key = (PySlice::full(py), index);
                matrix.bind(py).get_item(key)?
            }
            Container::Frame(frame, labels) => {
                let series = pandas::series(frame.bind(py), labels.get(index), index)?;
                match pandas::array_of(&series)? {
                    Some(array) => array,
                    None => return pandas::column(&series),
                }
            }
        };
        let column = column.cast_into::<PyUntypedArray>()?;
        let width = strided::width(&column).min(self.names.len().saturating_sub(index));
        if width > 1
            && let Some(block) = self.block(py, &column.dtype(), index, width)?
            && let Some(mut arrays) = strided::columns(&block)
            && let Some(array) = arrays.pop_front()
        {
            self.copied = (index + 1, arrays);
            return Ok(ColumnData::Arrays(vec![array]));
        }
        array::column(&column)
    }

    /// This column and the next ones as one array, if they are all of this dtype.
    fn block<'py>(
        &self,
        py: Python<'py>,
        dtype: &Bound<'py, PyArrayDescr>,
        index: usize,
        width: usize,
    ) -> PyResult<Option<Bound<'py, PyUntypedArray>>> {
        let places = PySlice::new(py, index as isize, (index + width) as isize, 1);
        let key = (PySlice::full(py), places);
        let block = match &self.container {
            Container::Matrix(matrix) if is_masked(matrix.bind(py))? => return Ok(None),
            Container::Matrix(matrix) => matrix.bind(py).get_item(key)?,
            Container::Frame(frame, _) => {
                let block = frame.bind(py).getattr(intern!(py, "iloc"))?.get_item(key)?;
                for other in block.getattr(intern!(py, "dtypes"))?.try_iter()? {
                    if !other?.eq(dtype)? {
                        return Ok(None);
                    }
                }
                block.call_method0(intern!(py, "to_numpy"))?
            }
            Container::Values(_) | Container::Fields(..) => return Ok(None),
        };
        Ok(Some(block.cast_into()?))
    }

    /// What reading a column raised, as the cause of an error of ours.
    fn raised(&self, py: Python<'_>, name: &str, cause: PyErr) -> PyErr {
        if !cause.is_instance_of::<PyException>(py) {
            return cause;
        }
        let text = said(&cause);
        let got = format!("column {} that cannot be read ({text})", shown(name));
        let allowed = "columns that can be converted";
        let error: PyErr = if cause.is_instance_of::<PyTypeError>(py) {
            Error::invalid_type(self.argument, got, allowed).into()
        } else {
            Error::invalid_value(self.argument, got, allowed).into()
        };
        error.set_cause(py, Some(cause));
        error
    }
}

impl Table for Columns {
    fn names(&self) -> &[String] {
        &self.names
    }

    fn n_rows(&self) -> usize {
        self.n_rows
    }

    fn column(&mut self, index: usize) -> Result<ColumnData> {
        let column = inside(|py| {
            let column = self.read(py, index);
            column.map_err(|error| {
                let name = self.names.get(index).map_or("", String::as_str);
                foreign(self.raised(py, name, error))
            })
        })?;
        if let ColumnData::Arrays(arrays) = &column {
            let n: usize = arrays.iter().map(|array| array.len()).sum();
            if n != self.n_rows {
                let name = self.names.get(index).map_or("", String::as_str);
                let name = shown(name);
                let got = format!("column {name} of {n} rows, and {} before", self.n_rows);
                let allowed = "a table that does not change while it is read";
                return Err(Error::invalid_value(self.argument, got, allowed));
            }
        }
        Ok(column)
    }
}

/// How many rows a column of a mapping has; `None` for what is no column: a scalar, text,
/// a set or mapping, what has no length.
///
/// # Errors
/// What its `__len__` raises, when that is no `Exception`.
pub(super) fn length(value: &Bound<'_, PyAny>) -> PyResult<Option<usize>> {
    if let Ok(array) = value.cast::<PyUntypedArray>() {
        return Ok(array.shape().first().copied());
    }
    let is_none = value.is_none()
        || value.is_instance_of::<PyString>()
        || value.is_instance_of::<PyBytes>()
        || value.is_instance_of::<PyByteArray>()
        || value.is_instance_of::<PySet>()
        || value.is_instance_of::<PyDict>()
        || value.cast::<PyMapping>().is_ok()
        || pandas::is_frame(value)?;
    if is_none {
        return Ok(None);
    }
    match value.len() {
        Ok(length) => Ok(Some(length)),
        Err(error) if error.is_instance_of::<PyException>(value.py()) => Ok(None),
        Err(error) => Err(error),
    }
}

/// One column of a mapping: a list, an array, a series, an Arrow array, a tensor.
///
/// # Errors
/// What its own methods raise, `TypeError` for what is no column.
fn column(value: &Bound<'_, PyAny>) -> PyResult<ColumnData> {
    let py = value.py();
    if let Ok(cells) = value.cast::<PyList>() {
        return objects::column(cells, None);
    }
    if let Ok(cells) = value.cast::<PyTuple>() {
        return objects::column(&cells.to_list(), None);
    }
    if let Ok(array) = value.cast::<PyUntypedArray>() {
        return array::column(array);
    }
    if pandas::is_series(value)? {
        return pandas::column(value);
    }
    if arrow::has_stream(value)? || arrow::has_array(value)? {
        return arrow::column(value);
    }
    let array = tensor(value)?;
    if array.ndim() == 0 {
        let message = format!("{} is no column", describe(value));
        return Err(PyTypeError::new_err(message));
    }
    if array.ndim() == 1 || !value.hasattr(intern!(py, "__iter__"))? {
        return array::column(&array);
    }
    Ok(ColumnData::Unusable("cells that are sequences".to_owned()))
}

/// What has `__dlpack__` or `__array__`, or is a sequence, as an array of NumPy's.
///
/// # Errors
/// What its own methods or NumPy raise.
pub(super) fn tensor<'py>(obj: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyUntypedArray>> {
    let py = obj.py();
    if !obj.hasattr(intern!(py, "__dlpack__"))? {
        return asarray(obj);
    }
    let exchanged = py
        .import(intern!(py, "numpy"))?
        .call_method1(intern!(py, "from_dlpack"), (obj,));
    match exchanged {
        // Types that DLPack or NumPy's reading of it lacks, such as bfloat16.
        Err(error)
            if error.is_instance_of::<PyException>(py)
                && obj.hasattr(intern!(py, "__array__"))? =>
        {
            asarray(obj)
        }
        exchanged => Ok(exchanged?.cast_into()?),
    }
}
