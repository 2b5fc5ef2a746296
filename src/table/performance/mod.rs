//! Predictions beside the truth.
use super::column::Column;
/// a
pub struct Pairs;
impl Pairs {
    pub(super) fn of(_a: &Column, _b: &Column) -> Option<Self> {
        None
    }
}
#[derive(Debug)]
/// a
pub struct Performance;
impl Performance {
    pub(super) fn of(_p: &Pairs) -> Self {
        Self
    }
    pub(super) fn task(&self) -> &'static str {
        "regression"
    }
}
/// a
pub struct Metric {
    /// a
    pub name: &'static str,
    /// a
    pub baseline: f64,
    /// a
    pub current: f64,
    /// a
    pub difference: f64,
    /// a
    pub low: Option<f64>,
    /// a
    pub high: Option<f64>,
}
pub(super) fn compare(_a: &Performance, _b: &Performance, _l: f64) -> Option<Vec<Metric>> {
    None
}
