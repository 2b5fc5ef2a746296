//! What is answered: plain data.

use serde::ser::{Serialize, SerializeMap, Serializer};

/// Estimates of how well predictions do, chunk by chunk.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct PerformanceReport {
    /// `"binary"`, `"multiclass"` or `"regression"`.
    pub task: &'static str,
    /// `"CBPE"` or `"DLE"`.
    pub method: &'static str,
    /// How often the intervals are to hold the realised value.
    pub level: f64,
    /// How many rows there are.
    pub rows: u64,
    /// How many rows a chunk has; the last may have fewer.
    pub chunk_size: u64,
    /// The labels, ascending; none of a regression.
    pub classes: Vec<String>,
    /// The label that is positive, of two.
    pub positive: Option<String>,
    /// What the baseline realised.
    pub baseline: BaselineMetrics,
    /// The chunks, for each metric.
    pub metrics: Named<Vec<ChunkMetric>>,
}

/// What the baseline realised.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct BaselineMetrics {
    /// Rows of which all is known.
    pub rows: u64,
    /// The metrics, by name.
    pub metrics: Named<BaselineMetric>,
}

/// What the baseline realised of one metric.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct BaselineMetric {
    /// The realised value; `None` where it is not one number or not defined.
    pub value: Option<f64>,
    /// Lower end of its interval.
    pub low: Option<f64>,
    /// Upper end of its interval.
    pub high: Option<f64>,
    /// Of a confusion matrix.
    pub cells: Option<Vec<Cell>>,
}

/// One metric of one chunk.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct ChunkMetric {
    /// The first row, counted from 0.
    pub start: u64,
    /// The row after the last.
    pub end: u64,
    /// How many rows.
    pub rows: u64,
    /// How many have a label.
    pub labelled: u64,
    /// The share of rows that have a label.
    pub coverage: f64,
    /// How many are left out, as a score or the prediction is missing.
    pub missing: u64,
    /// What is expected; `None` where it is not one number or not defined.
    pub estimate: Option<f64>,
    /// Lower end of the interval that is to hold the realised value of the chunk.
    pub low: Option<f64>,
    /// Upper end of that interval.
    pub high: Option<f64>,
    /// Over the rows that have a label; `None` where there are none.
    pub realised: Option<f64>,
    /// Whether the interval and that of the baseline are apart; `None` where one is missing.
    pub alert: Option<bool>,
    /// Of a confusion matrix.
    pub cells: Option<Vec<Cell>>,
}

/// Rows of one label and one prediction.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Cell {
    /// The label.
    pub target: String,
    /// The prediction.
    pub prediction: String,
    /// How many rows are expected.
    pub estimate: Option<f64>,
    /// Lower end of the interval of the number.
    pub low: Option<f64>,
    /// Upper end of that interval.
    pub high: Option<f64>,
    /// The share of all rows that is expected.
    pub share: Option<f64>,
    /// Lower end of the interval of the share.
    pub share_low: Option<f64>,
    /// Upper end of that interval.
    pub share_high: Option<f64>,
    /// How many of the rows that have a label.
    pub realised: Option<u64>,
    /// The share of the rows that have a label.
    pub realised_share: Option<f64>,
}

/// Values by name, in an order of their own; an object in JSON.
#[derive(Debug, Clone, PartialEq)]
pub struct Named<T>(pub Vec<(&'static str, T)>);

impl<T> Named<T> {
    /// The value of this name.
    pub fn get(&self, name: &str) -> Option<&T> {
        let mut all = self.0.iter();
        all.find(|(own, _)| *own == name).map(|(_, value)| value)
    }
}

impl<T: Serialize> Serialize for Named<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}
