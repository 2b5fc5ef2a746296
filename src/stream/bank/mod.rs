//! One detector for each of many features, a row at a time.
//!
//! | where | what |
//! |---|---|
//! | `features.rs` | the detectors of a bank |
//! | `discoveries.rs` | false discoveries among them |
//! | `lanes/` | sixteen of them in step |
//! | `state.rs` | a bank as JSON |

mod discoveries;
mod features;
mod lanes;
mod state;

use ndarray::{ArrayView1, ArrayView2, Axis};
use serde_json::{Map, Value};

use self::discoveries::Control;
use self::features::{Features, Origin, in_lanes, one_by_one};
use super::definition::{Direction, Input, Signal};
use super::detector::{Counts, Detector, LARGEST};
use super::list::for_each_stream_detector;
use super::options::Options;
use super::*;
use crate::drift::{NanPolicy, unknown};
use crate::error::{Error, Result};

/// The most features of a bank.
pub const MOST_FEATURES: usize = 1_000_000;

/// The most threads of a bank.
const MOST_THREADS: usize = 1_024;

/// Something that a bank has found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Detection {
    /// The position of the row.
    pub row: usize,
    /// The position of the feature.
    pub feature: usize,
    /// A change, or a warning.
    pub signal: Signal,
}

/// One detector for each of n features: copies with the same parameters, independent of each
/// other. Each gives exactly what it gives alone.
///
/// A feature that is masked is left out: its values are neither taken nor counted, its
/// detector stays as it is. NaN is missing, as for the detectors themselves.
///
/// [`Bank::with_fdr`] makes one that judges its features together.
///
/// # Cost
/// Per value as the detector itself; about a third of it for those that are taken in lanes
/// (when many rows come at once). Memory: that of the detectors, some 200 bytes each besides
/// what the method remembers; the parameters are shared.
/// # Example
/// ```
/// use driftline::stream::{self, Bank, Options};
/// use ndarray::Array2;
/// let detector = stream::get("adwin", &Default::default(), Options::default())?;
/// let mut bank = Bank::new(detector.as_ref(), 3)?;
/// let rows = Array2::from_shape_fn((2000, 3), |(row, feature)| match feature {
///     1 => (row % 2 + row / 1000) as f64,
///     _ => (row % 2) as f64,
/// });
/// let found = bank.update_many(rows.view(), false)?;
/// assert_eq!((found[0].row, found[0].feature, found.len()), (1023, 1, 1));
/// # Ok::<(), driftline::error::Error>(())
/// ```
#[derive(Debug)]
pub struct Bank {
    /// Having seen nothing.
    prototype: Box<dyn Detector>,
    features: Box<dyn Features>,
    masked: Vec<bool>,
    threads: usize,
    control: Option<Control>,
}

impl Clone for Bank {
    fn clone(&self) -> Self {
        Self {
            prototype: self.prototype.clone_box(),
            features: self.features.clone_box(),
            masked: self.masked.clone(),
            threads: self.threads,
            control: self.control.clone(),
        }
    }
}

macro_rules! features {
    ($($(#[$doc:meta])* $class:ident = $name:literal, $reads:tt {
        $($param:ident: $hint:literal, $type:ty = $default:tt,)*
    })*) => {
        /// The detectors of a bank.
        #[allow(unreachable_patterns, reason = "the list names those in lanes again")]
        fn features_of(
            name: &str,
            parameters: &Map<String, Value>,
            options: Options,
            origin: Origin,
        ) -> Result<Box<dyn Features>> {
            match name {
                "cusum" => in_lanes::<CUSUM>(parameters, options, origin),
                "ddm" => in_lanes::<DDM>(parameters, options, origin),
                "ewma_chart" => in_lanes::<EWMAChart>(parameters, options, origin),
                "geometric_moving_average" => {
                    in_lanes::<GeometricMovingAverage>(parameters, options, origin)
                }
                "page_hinkley" => in_lanes::<PageHinkley>(parameters, options, origin),
                $($name => one_by_one::<$class>(parameters, options, origin),)*
                _ => Err(unknown(
                    "detector".to_owned(), &format!("\"{name}\""), name, available(),
                )),
            }
        }
    };
}
for_each_stream_detector!(features);

/// The number of features, if a bank may have so many.
fn width(n_features: usize) -> Result<usize> {
    if n_features == 0 || n_features > MOST_FEATURES {
        let allowed = format!("a whole number from 1 to {MOST_FEATURES}");
        return Err(Error::invalid_value("n_features", n_features, allowed));
    }
    Ok(n_features)
}

impl Bank {
    /// A bank of `n_features` detectors with the parameters and options of `detector`. They
    /// have seen nothing, whatever it has seen.
    ///
    /// # Errors
    /// `InvalidValue` for a number of features that is 0 or above [`MOST_FEATURES`].
    pub fn new(detector: &dyn Detector, n_features: usize) -> Result<Self> {
        let origin = Origin::Fresh(width(n_features)?);
        let (parameters, options) = (detector.parameters(), *detector.options());
        Ok(Self {
            prototype: detector.fresh(),
            features: features_of(detector.name(), &parameters, options, origin)?,
            masked: vec![false; n_features],
            threads: 1,
            control: None,
        })
    }

    /// How many threads share the features of [`Bank::update_many`]; 1 before this is called.
    /// They change no result.
    ///
    /// # Errors
    /// `InvalidValue` for 0, and for more than 1024.
    pub fn set_threads(&mut self, threads: usize) -> Result<()> {
        if threads == 0 || threads > MOST_THREADS {
            let allowed = format!("a whole number from 1 to {MOST_THREADS}");
            return Err(Error::invalid_value("threads", threads, allowed));
        }
        self.threads = threads;
        Ok(())
    }

    /// See [`Bank::set_threads`].
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// The number of features.
    pub fn n_features(&self) -> usize {
        self.features.len()
    }

    /// The configuration name of the detectors.
    pub fn name(&self) -> &'static str {
        self.prototype.name()
    }

    /// Their parameters.
    pub fn parameters(&self) -> Map<String, Value> {
        self.prototype.parameters()
    }

    /// Their options.
    pub fn options(&self) -> &Options {
        self.prototype.options()
    }

    /// Which values they take.
    pub fn input(&self) -> Input {
        self.prototype.input()
    }

    /// A detector like those of the bank that has seen nothing.
    pub fn fresh_detector(&self) -> Box<dyn Detector> {
        self.prototype.fresh()
    }

    /// Which features are left out.
    pub fn masked(&self) -> &[bool] {
        &self.masked
    }

    /// Says which features are left out from now on.
    ///
    /// # Errors
    /// `InvalidValue` unless there is one entry for each feature.
    pub fn set_masked(&mut self, masked: &[bool]) -> Result<()> {
        if masked.len() != self.n_features() {
            let got = format!("{} entries", masked.len());
            let allowed = format!("one entry for each of {} features", self.n_features());
            return Err(Error::invalid_value("mask", got, allowed));
        }
        self.masked.copy_from_slice(masked);
        Ok(())
    }

    /// Whether all rows can be taken.
    ///
    /// # Errors
    /// `InvalidValue` for rows of a wrong width, and for a value of a feature that is not
    /// masked that its detector does not take, with the position of the first.
    pub fn check(&self, rows: ArrayView2<'_, f64>) -> Result<()> {
        let n = self.n_features();
        if rows.ncols() != n {
            let got = format!("shape ({}, {})", rows.nrows(), rows.ncols());
            let allowed = format!("rows of {n} values, one for each feature");
            return Err(Error::invalid_value("rows", got, allowed));
        }
        if self.input() == Input::Real && self.options().nan_policy == NanPolicy::Omit {
            return Ok(());
        }
        for (row, values) in rows.rows().into_iter().enumerate() {
            if let Some((feature, allowed)) = self.refused(values) {
                let x = values.get(feature).copied().unwrap_or(f64::NAN);
                let got = format!("{x} in row {row}, feature {feature}");
                return Err(Error::invalid_value("rows", got, allowed));
            }
        }
        Ok(())
    }

    /// The first feature that does not take its value, and what it takes; those that are
    /// masked are left out.
    pub(crate) fn refused<'a>(
        &self,
        row: impl IntoIterator<Item = &'a f64>,
    ) -> Option<(usize, &'static str)> {
        let mut features = row.into_iter().zip(&self.masked).enumerate();
        features.find_map(|(feature, (&x, masked))| match masked {
            false => self
                .features
                .check(x)
                .err()
                .map(|allowed| (feature, allowed)),
            true => None,
        })
    }

    /// Whether a value counts as one, and not as missing.
    pub(crate) fn takes(&self, x: f64) -> bool {
        self.options().standardised(x).abs() <= LARGEST
    }

    /// Takes one row: a value for each feature. The features that have changed, ascending.
    ///
    /// # Errors
    /// Those of [`Bank::check`]; nothing has changed then.
    pub fn update(&mut self, row: &[f64]) -> Result<Vec<usize>> {
        self.check(ArrayView1::from(row).insert_axis(Axis(0)))?;
        let mut drifts = Vec::new();
        if let Some(control) = &mut self.control {
            control.take_row(self.features.as_mut(), row, &self.masked, &mut drifts);
            return Ok(drifts);
        }
        self.features
            .take_row(row, &self.masked, &mut |feature, signal| {
                if signal == Signal::Drift {
                    drifts.push(feature);
                }
            });
        Ok(drifts)
    }

    /// Takes many rows, shape (rows, features): what was found, by row and then by feature;
    /// with `warnings` the warnings as well.
    ///
    /// # Errors
    /// Those of [`Bank::check`]; nothing has changed then.
    pub fn update_many(
        &mut self,
        rows: ArrayView2<'_, f64>,
        warnings: bool,
    ) -> Result<Vec<Detection>> {
        self.check(rows)?;
        Ok(self.run(rows, warnings))
    }

    /// [`Bank::update_many`] for rows that [`Bank::check`] has accepted.
    pub fn run(&mut self, rows: ArrayView2<'_, f64>, warnings: bool) -> Vec<Detection> {
        let mut found = Vec::new();
        if let Some(control) = &mut self.control {
            let mut features = Vec::new();
            for (row, values) in rows.rows().into_iter().enumerate() {
                let values = values.to_vec();
                control.take_row(self.features.as_mut(), &values, &self.masked, &mut features);
                found.extend(features.iter().map(|&feature| Detection {
                    row,
                    feature,
                    signal: Signal::Drift,
                }));
            }
            return found;
        }
        self.features
            .run(rows, &self.masked, self.threads, warnings, &mut found);
        found.sort_unstable_by_key(|one| (one.row, one.feature));
        found
    }

    /// Forgets the values of all features; counts go on, and what is masked stays masked.
    pub fn reset(&mut self) {
        if let Some(control) = &mut self.control {
            control.deselect();
        }
        for feature in 0..self.n_features() {
            let _ = self.reset_feature(feature);
        }
    }

    /// Forgets the values of one feature.
    ///
    /// # Errors
    /// `InvalidValue` for a feature that is not there.
    pub fn reset_feature(&mut self, feature: usize) -> Result<()> {
        if feature >= self.n_features() {
            return Err(self.no_such(feature));
        }
        if let Some(control) = &mut self.control {
            control.reset(self.features.as_ref(), feature);
        }
        if let Some(one) = self.features.one_mut(feature) {
            one.reset();
        }
        Ok(())
    }

    /// The detector of a feature.
    ///
    /// # Errors
    /// `InvalidValue` for a feature that is not there.
    pub fn detector(&self, feature: usize) -> Result<&dyn Detector> {
        self.features
            .one(feature)
            .ok_or_else(|| self.no_such(feature))
    }

    /// The detectors, in the order of the features.
    pub fn detectors(&self) -> impl Iterator<Item = &dyn Detector> {
        (0..self.n_features()).filter_map(|feature| self.features.one(feature))
    }

    fn no_such(&self, feature: usize) -> Error {
        let allowed = format!("a whole number from 0 to {}", self.n_features() - 1);
        Error::invalid_value("feature", feature, allowed)
    }

    /// What was counted of each feature.
    pub fn counts(&self) -> Vec<Counts> {
        self.detectors().map(|one| one.counts()).collect()
    }

    /// What the last value of each feature brought about.
    pub fn signals(&self) -> Vec<Signal> {
        self.detectors().map(|one| one.signal()).collect()
    }

    /// Which way the last change of each feature went.
    pub fn directions(&self) -> Vec<Option<Direction>> {
        self.detectors().map(|one| one.direction()).collect()
    }

    /// The statistic of each feature at the last look.
    pub fn statistics(&self) -> Vec<Option<f64>> {
        self.detectors().map(|one| one.statistic()).collect()
    }
}
