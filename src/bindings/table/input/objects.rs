//! Columns of Python objects, read in one pass.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow_array::builder::LargeStringBuilder;
use arrow_array::types::{
    DurationMicrosecondType, Time64MicrosecondType, TimestampMicrosecondType,
};
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, NullArray, PrimitiveArray,
};
use arrow_buffer::NullBuffer;
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::types::PyList;

use super::cell::{Cell, cell};
use super::{text, times};
use crate::table::ColumnData;

/// How many types a reason names.
const NAMED: usize = 4;

/// The cells of a list as one column: numbers (int, float and Decimal together), text,
/// flags, dates, times, with or without a zone, or lengths of time. Nothing but missing
/// cells is a column without a type.
///
/// # Errors
/// What a cell raises that is no `Exception`.
pub(super) fn column(cells: &Bound<'_, PyList>, mask: Option<&[bool]>) -> PyResult<ColumnData> {
    let mut gathered = Gathered::default();
    for (row, object) in cells.iter().enumerate() {
        let masked = mask.is_some_and(|mask| mask.get(row).copied().unwrap_or(false));
        gathered.add(if masked {
            Cell::Missing
        } else {
            cell(&object)?
        })?;
    }
    Ok(gathered.finish())
}

/// What has been read of a column.
#[derive(Default)]
struct Gathered {
    there: Vec<bool>,
    values: Values,
    /// What the types are called that have been met.
    types: BTreeSet<&'static str>,
    /// The one met last, which need not be entered again.
    last: &'static str,
    foreign: BTreeSet<String>,
    unusable: Option<String>,
    /// The zone met last.
    zone: Option<Py<PyAny>>,
    /// The names of all.
    zones: BTreeSet<String>,
}

#[derive(Default)]
enum Values {
    #[default]
    None,
    Bools(Vec<bool>),
    Ints(Vec<i64>),
    Floats(Vec<f64>),
    Text(LargeStringBuilder),
    Instants(Vec<i64>),
    Dates(Vec<i32>),
    Lengths(Vec<i64>),
    Clocks(Vec<i64>),
    /// Of several kinds.
    Mixed,
}

/// Appends a value to the values of its kind, which may have to begin here.
macro_rules! push {
    ($self:ident, $kind:ident, $value:expr) => {{
        if let Values::None = $self.values {
            $self.values = Values::$kind(vec![Default::default(); $self.there.len()]);
        }
        match &mut $self.values {
            Values::$kind(values) => values.push($value),
            values => *values = Values::Mixed,
        }
        $self.there.push(true);
    }};
}

impl Gathered {
    fn add(&mut self, cell: Cell<'_, '_>) -> PyResult<()> {
        match cell {
            Cell::Missing => {
                self.values.push_missing();
                self.there.push(false);
            }
            Cell::Bool(flag) => {
                self.met("bool");
                push!(self, Bools, flag);
            }
            Cell::Int(int) => {
                self.met("int");
                if let Values::Floats(values) = &mut self.values {
                    values.push(int as f64);
                    self.there.push(true);
                } else {
                    push!(self, Ints, int);
                }
            }
            Cell::Float(value, name) => {
                self.met(name);
                if let Values::Ints(ints) = &self.values {
                    self.values = Values::Floats(ints.iter().map(|&int| int as f64).collect());
                }
                push!(self, Floats, value);
            }
            Cell::Text(text) => {
                self.met("str");
                if let Values::None = self.values {
                    let mut missing = LargeStringBuilder::new();
                    (0..self.there.len()).for_each(|_| missing.append_value(""));
                    self.values = Values::Text(missing);
                }
                match &mut self.values {
                    Values::Text(values) => values.append_value(text),
                    values => *values = Values::Mixed,
                }
                self.there.push(true);
            }
            Cell::Instant(time, None) => {
                self.met("datetime");
                push!(self, Instants, time);
            }
            Cell::Instant(time, Some(zone)) => {
                self.met("datetime with a time zone");
                self.met_zone(&zone)?;
                push!(self, Instants, time);
            }
            Cell::Date(day) => {
                self.met("date");
                push!(self, Dates, day);
            }
            Cell::Length(length) => {
                self.met("timedelta");
                push!(self, Lengths, length);
            }
            Cell::Clock(time) => {
                self.met("time");
                push!(self, Clocks, time);
            }
            Cell::Foreign(name) => {
                self.foreign.insert(name);
                self.values = Values::Mixed;
            }
            Cell::Unusable(reason) => {
                self.unusable.get_or_insert(reason);
                self.values = Values::Mixed;
            }
        }
        Ok(())
    }

    fn met(&mut self, name: &'static str) {
        if self.last != name {
            self.last = name;
            self.types.insert(name);
        }
    }

    fn met_zone(&mut self, zone: &Bound<'_, PyAny>) -> PyResult<()> {
        if let Some(last) = &self.zone
            && last.is(zone)
        {
            return Ok(());
        }
        match times::zone_name(zone) {
            Ok(name) => {
                self.zones.insert(name);
            }
            Err(error) if error.is_instance_of::<PyException>(zone.py()) => {
                let reason = format!("a time zone that raises {error}");
                self.unusable.get_or_insert(reason);
            }
            Err(error) => return Err(error),
        }
        self.zone = Some(zone.clone().unbind());
        Ok(())
    }

    fn finish(self) -> ColumnData {
        if !self.foreign.is_empty() {
            let names: Vec<_> = self.foreign.iter().map(String::as_str).collect();
            return ColumnData::Unusable(format!("cells of type {}", listed(&names)));
        }
        if let Some(reason) = self.unusable {
            return ColumnData::Unusable(reason);
        }
        let zoned = self.types.contains("datetime") && !self.zones.is_empty();
        if zoned || matches!(self.values, Values::Mixed) {
            let names: Vec<_> = self.types.into_iter().collect();
            return ColumnData::Unusable(format!("mixed types: {}", listed(&names)));
        }
        // Instants of several zones are shown in none of them.
        let zone = match self.zones.len() {
            0 => None,
            1 => self.zones.first().map(String::as_str),
            _ => Some("UTC"),
        };
        let nulls = NullBuffer::from(self.there);
        let array: ArrayRef = match self.values {
            Values::None | Values::Mixed => Arc::new(NullArray::new(nulls.len())),
            Values::Bools(flags) => Arc::new(BooleanArray::new(flags.into(), Some(nulls))),
            Values::Ints(values) => Arc::new(Int64Array::new(values.into(), Some(nulls))),
            Values::Floats(values) => Arc::new(Float64Array::new(values.into(), Some(nulls))),
            Values::Text(mut text) => return text::finished(text.finish(), Some(nulls)),
            Values::Instants(times) => {
                return times::timestamps::<TimestampMicrosecondType>(times, nulls, zone);
            }
            Values::Dates(days) => Arc::new(Date32Array::new(days.into(), Some(nulls))),
            Values::Lengths(lengths) => Arc::new(PrimitiveArray::<DurationMicrosecondType>::new(
                lengths.into(),
                Some(nulls),
            )),
            Values::Clocks(times) => Arc::new(PrimitiveArray::<Time64MicrosecondType>::new(
                times.into(),
                Some(nulls),
            )),
        };
        ColumnData::Arrays(vec![array])
    }
}

impl Values {
    fn push_missing(&mut self) {
        match self {
            Self::None | Self::Mixed => {}
            Self::Bools(values) => values.push(false),
            Self::Floats(values) => values.push(0.0),
            Self::Text(values) => values.append_value(""),
            Self::Dates(values) => values.push(0),
            Self::Ints(values)
            | Self::Instants(values)
            | Self::Lengths(values)
            | Self::Clocks(values) => values.push(0),
        }
    }
}

/// "a, b and c", the first few.
fn listed(names: &[&str]) -> String {
    let shown = names.get(..NAMED.min(names.len())).unwrap_or_default();
    let others = format!("{} more", names.len() - shown.len());
    let mut shown = shown.to_vec();
    if names.len() > shown.len() {
        shown.push(&others);
    }
    match shown.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}
