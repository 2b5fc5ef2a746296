//! What all detectors have in common.

use std::fmt;

use serde_json::{Map, Value};

use super::definition::{Direction, Input, Signal, Tuning};
use super::options::Options;
use crate::error::Result;

/// Values beyond it in magnitude count as infinite: their squares could not be summed.
pub const LARGEST: f64 = 1e150;

/// What a detector has counted since it was made; nothing sets it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Values taken.
    pub n_samples: u64,
    /// Values left out: NaN and infinities.
    pub n_missing: u64,
    /// Changes found.
    pub n_detections: u64,
}

/// A streaming detector: takes one value after the other and tells when they change.
pub trait Detector: fmt::Debug + Send + Sync {
    /// The configuration name: lower case, as in `"adwin"`.
    fn name(&self) -> &'static str;

    /// Its own parameters, as [`get`](super::get) takes them.
    fn parameters(&self) -> Map<String, Value>;

    /// What every detector can be told.
    fn options(&self) -> &Options;

    /// Which values it takes.
    fn input(&self) -> Input;

    /// Whether scale matters to it.
    fn depends_on_scale(&self) -> bool;

    /// By which parameter it is calibrated.
    fn tuning(&self) -> Option<Tuning>;

    /// Whether most of its false alarms come soon after a beginning.
    fn alarms_early(&self) -> bool;

    /// What a value costs, in units of 20 ns, about.
    fn cost(&self) -> f64;

    /// Takes a value.
    ///
    /// # Errors
    /// `InvalidValue` for a value that is not one of [`Detector::input`], and for one that is
    /// not finite with `nan_policy="raise"`; nothing has changed then.
    fn update(&mut self, x: f64) -> Result<Signal>;

    /// Takes values from the front of `values`. `report` is called with the position of each
    /// change, and of each warning where `warnings` is set; once it returns false no more are
    /// taken. Returns how many were. The caller has seen to [`Detector::check`].
    fn run(
        &mut self,
        values: &[f64],
        warnings: bool,
        report: &mut dyn FnMut(usize, Signal) -> bool,
    ) -> usize;

    /// Whether all values can be taken.
    ///
    /// # Errors
    /// Those of [`Detector::update`], with the position of the first.
    fn check(&self, values: &[f64]) -> Result<()>;

    /// Takes many values; the positions of the changes.
    ///
    /// # Errors
    /// Those of [`Detector::check`]; nothing has changed then.
    fn update_many(&mut self, values: &[f64]) -> Result<Vec<usize>> {
        self.check(values)?;
        let mut drifts = Vec::new();
        self.run(values, false, &mut |index, _| {
            drifts.push(index);
            true
        });
        Ok(drifts)
    }

    /// Forgets the values; counts go on.
    fn reset(&mut self);

    /// What the last value brought about.
    fn signal(&self) -> Signal;

    /// Which way the last change went.
    fn direction(&self) -> Option<Direction>;

    /// The statistic of the last look.
    fn statistic(&self) -> Option<f64>;

    /// What it is compared with.
    fn limit(&self) -> Option<f64>;

    /// What it is compared with for a warning.
    fn warning_limit(&self) -> Option<f64>;

    /// What else can be read, by name.
    fn reading(&self, name: &str) -> Option<f64>;

    /// What was counted.
    fn counts(&self) -> Counts;

    /// A copy with all that it has seen.
    fn clone_box(&self) -> Box<dyn Detector>;

    /// One with the same parameters that has seen nothing.
    fn fresh(&self) -> Box<dyn Detector>;

    /// All of it as JSON; [`from_state`](super::from_state) reads it.
    fn state(&self) -> Value;
}
