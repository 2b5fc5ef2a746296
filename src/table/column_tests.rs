//! Which test a column gets.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::profile::Kind;
use crate::drift::{self, Univariate};
use crate::error::{Error, Result};

/// The tests of a table's columns: by name, else by kind.
///
/// # Example
/// ```
/// use driftline::table::Tests;
/// let tests = Tests::default(); // Anderson-Darling and chi-square
/// let tests = tests.with_column("age", driftline::drift::get("ks", &Default::default())?);
/// # Ok::<(), driftline::error::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Tests {
    numeric: Arc<dyn Univariate>,
    categorical: Arc<dyn Univariate>,
    columns: BTreeMap<String, Arc<dyn Univariate>>,
}

impl Default for Tests {
    /// As [`drift::choose`] chooses.
    fn default() -> Self {
        Self {
            numeric: drift::choose(drift::Kind::Numbers),
            categorical: drift::choose(drift::Kind::Labels),
            columns: BTreeMap::new(),
        }
    }
}

impl Tests {
    /// The same with another test of all columns that it can judge: one of labels (which
    /// takes numbers too, in bins) of all of them.
    #[must_use]
    pub fn with(mut self, test: Arc<dyn Univariate>) -> Self {
        if test.as_categorical().is_some() {
            self.categorical = test.clone();
        }
        self.with_numeric(test)
    }

    /// The same with another test of numbers and times.
    #[must_use]
    pub fn with_numeric(mut self, test: Arc<dyn Univariate>) -> Self {
        self.numeric = test;
        self
    }

    /// The same with another test of labels.
    ///
    /// # Errors
    /// `InvalidValue` for a test of numbers alone.
    pub fn with_categorical(mut self, test: Arc<dyn Univariate>) -> Result<Self> {
        if test.as_categorical().is_none() {
            let got = format!("\"{}\" for categorical columns", test.name());
            let allowed = "a test of labels, such as \"chi_square\"";
            return Err(Error::invalid_value("tests", got, allowed));
        }
        self.categorical = test;
        Ok(self)
    }

    /// The same with another test of one column.
    #[must_use]
    pub fn with_column(mut self, name: impl Into<String>, test: Arc<dyn Univariate>) -> Self {
        self.columns.insert(name.into(), test);
        self
    }

    /// The columns that have a test of their own.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.columns.keys().map(String::as_str)
    }

    /// Those, each with its test.
    pub(super) fn own(&self) -> impl Iterator<Item = (&str, &Arc<dyn Univariate>)> {
        let own = self.columns.iter();
        own.map(|(name, test)| (name.as_str(), test))
    }

    pub(super) fn numeric(&self) -> &Arc<dyn Univariate> {
        &self.numeric
    }

    pub(super) fn categorical(&self) -> &Arc<dyn Univariate> {
        &self.categorical
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn Univariate>> {
        let of_kinds = [&self.numeric, &self.categorical];
        of_kinds.into_iter().chain(self.columns.values())
    }

    /// Whether any runs code of the host's.
    pub fn are_foreign(&self) -> bool {
        let of_kinds = [&self.numeric, &self.categorical];
        of_kinds
            .into_iter()
            .chain(self.columns.values())
            .any(|test| test.is_foreign())
    }

    /// The test of a column; that of labels where the column's own cannot judge them.
    pub(super) fn of(&self, name: &str, kind: Kind) -> &Arc<dyn Univariate> {
        let own = self.columns.get(name);
        match kind {
            Kind::Categorical => own
                .filter(|test| test.as_categorical().is_some())
                .unwrap_or(&self.categorical),
            _ => own.unwrap_or(&self.numeric),
        }
    }
}
