//! An iterator of tables as batches.

use std::collections::HashMap;

use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::types::PyIterator;

use super::gathered::{Batch, Reader};
use super::names::{listed, said};
use super::{Input, accepted, foreign, inside};
use crate::bindings::errors::InvalidValueError;
use crate::error::{Error, Result};
use crate::table::ColumnData;

/// Tables one after the other, all with the columns of the first.
pub(super) struct Iterated {
    argument: &'static str,
    iterator: Py<PyIterator>,
    /// What arrays are given as names.
    given: Option<Vec<String>>,
    names: Vec<String>,
    first: Option<Batch>,
    /// How many tables have been read.
    n: usize,
}

impl Iterated {
    /// Reads the first table; `None` when there is none.
    ///
    /// # Errors
    /// What the iterator raises, and what is wrong with the table.
    pub(super) fn open(
        argument: &'static str,
        iterator: &Bound<'_, PyIterator>,
        given: Option<&[String]>,
    ) -> PyResult<Option<Self>> {
        let mut opened = Self {
            argument,
            iterator: iterator.clone().unbind(),
            given: given.map(<[_]>::to_vec),
            names: Vec::new(),
            first: None,
            n: 0,
        };
        let Some((names, batch)) = opened.next(iterator.py())? else {
            return Ok(None);
        };
        opened.names = names;
        opened.first = Some(batch);
        Ok(Some(opened))
    }

    /// The next table.
    fn next(&mut self, py: Python<'_>) -> PyResult<Option<(Vec<String>, Batch)>> {
        let item = match self.iterator.bind(py).clone().next() {
            None => return Ok(None),
            Some(item) => item.map_err(|error| self.raised(py, error))?,
        };
        self.n += 1;
        let Input::Whole(mut table) = accepted::batch(self.argument, &item, self.given.as_deref())?
        else {
            let got = format!("a stream as table {} of an iterator", self.n);
            return Err(self.refused(got).into());
        };
        let columns: Result<Vec<_>> = (0..table.names().len())
            .map(|index| table.column(index))
            .collect();
        let batch = Batch {
            columns: columns?,
            n_rows: table.n_rows(),
            held: Some(item.unbind()),
        };
        Ok(Some((table.names().to_vec(), batch)))
    }

    /// The columns in the order of the first table's.
    fn ordered(&self, names: &[String], columns: Vec<ColumnData>) -> Result<Vec<ColumnData>> {
        if names == self.names {
            return Ok(columns);
        }
        let mut named: HashMap<&String, ColumnData> = names.iter().zip(columns).collect();
        let ordered: Vec<_> = self.names.iter().map(|name| named.remove(name)).collect();
        let lacking = ordered.iter().zip(&self.names);
        let lacking: Vec<_> = lacking
            .filter_map(|(column, name)| column.is_none().then_some(name))
            .collect();
        let mut new: Vec<_> = named.into_keys().collect();
        new.sort();
        if lacking.is_empty() && new.is_empty() {
            return Ok(ordered.into_iter().flatten().collect());
        }
        let mut got = format!("table {} of an iterator", self.n);
        if !lacking.is_empty() {
            got += &format!(", without column {}", listed(lacking.into_iter()));
        }
        if !new.is_empty() {
            got += &format!(", with the new column {}", listed(new.into_iter()));
        }
        Err(self.refused(got))
    }

    fn refused(&self, got: String) -> Error {
        let allowed = "tables that all have the columns of the first";
        Error::invalid_value(self.argument, got, allowed)
    }

    /// What the iterator raised, as the cause of an error of ours.
    fn raised(&self, py: Python<'_>, cause: PyErr) -> PyErr {
        // A file that is read while it is iterated has said what is wrong.
        if !cause.is_instance_of::<PyException>(py) || cause.is_instance_of::<InvalidValueError>(py)
        {
            return cause;
        }
        let got = format!(
            "an iterator that raises after {} tables ({})",
            self.n,
            said(&cause)
        );
        let allowed = "an iterator that can be read to its end";
        let error: PyErr = Error::invalid_value(self.argument, got, allowed).into();
        error.set_cause(py, Some(cause));
        error
    }
}

impl Reader for Iterated {
    fn names(&self) -> &[String] {
        &self.names
    }

    fn read(&mut self) -> Result<Option<Batch>> {
        if let Some(first) = self.first.take() {
            return Ok(Some(first));
        }
        let Some((names, mut batch)) = inside(|py| self.next(py)).map_err(foreign)? else {
            return Ok(None);
        };
        batch.columns = self.ordered(&names, batch.columns)?;
        Ok(Some(batch))
    }
}
