//! The reactive drift detection method.

use serde::{Deserialize, Serialize};

use crate::drift::Parameters;
use crate::error::Result;
use crate::stream::definition::{Definition, Direction, Input, Signal, Tuning};
use crate::stream::errors::bits::Bits;
use crate::stream::errors::compat::FrourosCompat;
use crate::stream::errors::ddm::check_positive;
use crate::stream::errors::fhddm::{LONGEST, check_window};
use crate::stream::state::{MOST_VALUES, damaged};

/// Parameters of [`RDDM`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RDDMParameters {
    /// Values up to the first look.
    pub min_instances: usize,
    /// Standard deviations above the lowest point at which the warning zone begins, above 0.
    pub warning_threshold: f64,
    /// Standard deviations above the lowest point at which there is drift, above 0.
    pub drift_threshold: f64,
    /// Values after which a stable stream is cut down to the last ones.
    pub max_concept_size: usize,
    /// How many those are, 1 to 1,000,000.
    pub min_concept_size: usize,
    /// Values in the warning zone after which there is drift.
    pub max_warning_size: usize,
    /// `Frouros`: its ways with what is kept.
    pub compat: Option<FrourosCompat>,
}

impl Default for RDDMParameters {
    fn default() -> Self {
        Self {
            min_instances: 129,
            warning_threshold: 1.773,
            drift_threshold: 2.258,
            max_concept_size: 40_000,
            min_concept_size: 7_000,
            max_warning_size: 1_400,
            compat: None,
        }
    }
}

impl Parameters for RDDMParameters {
    fn validate(&self) -> Result<()> {
        check_positive("warning_threshold", self.warning_threshold)?;
        check_positive("drift_threshold", self.drift_threshold)?;
        check_window("min_concept_size", self.min_concept_size, LONGEST)?;
        check_window("max_concept_size", self.max_concept_size, usize::MAX)?;
        check_window("max_warning_size", self.max_warning_size, usize::MAX)
    }
}

/// Before the next value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Next {
    /// Go on.
    #[default]
    GoOn,
    /// Begin anew with what is kept: there was a change.
    BeginAnew,
    /// Count only what is kept: the stream has been stable for long.
    CutDown,
}

/// The reactive drift detection method: [`DDM`](crate::stream::DDM) that forgets.
///
/// As DDM with p the share of errors among n values, s = sqrt(p (1 - p) / n) and the lowest
/// p + s; drift at `drift_threshold`, a warning at `warning_threshold`, and:
/// after a change it begins anew with the values since the warning zone was entered;
/// after `max_warning_size` values in the warning zone there is drift, and nothing but the
/// last value is kept; after `max_concept_size` values p is formed from the last
/// `min_concept_size`, while the lowest point stays.
///
/// While no error has come there is no lowest point, as in [`DDM`](crate::stream::DDM). frouros 0.9
/// goes differently about some of this: after a change it keeps all values of the last
/// `min_concept_size`, the old regime with the new one, and with every cut it forgets the
/// lowest point and counts one value less; [`FrourosCompat::Frouros`] keeps this, and the
/// alarm at the first error after an error-free start.
///
/// # Cost
/// O(1), and O(`min_concept_size`) after a change or a cut; one bit for each of
/// `min_concept_size` values and 150 bytes.
/// # Source
/// Barros, Cabral, Gonçalves, Santos, RDDM: Reactive drift detection method, Expert Systems
/// with Applications 90, 2017, section 3.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RDDM {
    /// The last values, set for an error.
    kept: Bits,
    n: u64,
    p: f64,
    /// p and s at the lowest point.
    lowest: Option<(f64, f64)>,
    /// How many of them frouros leaves out when it counts: none, or one after a recount.
    uncounted: u64,
    /// Values in a row in the warning zone.
    n_warnings: u64,
    next: Next,
}

impl RDDM {
    #[inline]
    fn counted(&self) -> u64 {
        self.n - self.uncounted
    }

    /// p and s.
    #[inline]
    fn level(&self) -> (f64, f64) {
        let s = (self.p * (1.0 - self.p) / self.counted() as f64).sqrt();
        (self.p, s)
    }

    #[inline]
    fn count(&mut self, error: bool) {
        self.n += 1;
        self.p += (f64::from(u8::from(error)) - self.p) / self.n as f64;
    }

    /// The lowest point, this one included; `None` while no error has come.
    #[inline]
    fn lowered(&mut self, parameters: &RDDMParameters) -> Option<(f64, f64)> {
        if self.p == 0.0 && parameters.compat.is_none() {
            return self.lowest;
        }
        let (p, s) = self.level();
        match self.lowest {
            Some((p_min, s_min)) if p + s >= p_min + s_min => {}
            _ => self.lowest = Some((p, s)),
        }
        self.lowest
    }

    /// Counts what is kept from the start.
    #[cold]
    fn recount(&mut self, parameters: &RDDMParameters) {
        let anew = self.next == Next::BeginAnew;
        (self.n, self.p, self.n_warnings, self.next) = (0, 0.0, 0, Next::GoOn);
        self.uncounted = 0;
        if anew || parameters.compat.is_some() {
            self.lowest = None;
        }
        for index in 0..self.kept.len() {
            self.count(self.kept.get(index));
            if anew && self.n >= parameters.min_instances as u64 {
                self.lowered(parameters);
            }
        }
        self.uncounted = u64::from(parameters.compat.is_some());
    }

    /// A change, of which the last `count` values are known to be.
    fn change(&mut self, count: u64) -> Signal {
        self.kept.keep(usize::try_from(count).unwrap_or(usize::MAX));
        self.next = Next::BeginAnew;
        Signal::Drift
    }
}

impl Definition for RDDM {
    const NAME: &'static str = "rddm";
    const INPUT: Input = Input::Binary;
    const KEEPS: bool = true;
    const TUNING: Option<Tuning> = Some(Tuning {
        parameter: "drift_threshold",
        range: (0.5, 30.0),
        logarithmic: true,
    });
    const READINGS: &'static [&'static str] = &["estimation"];
    type Parameters = RDDMParameters;

    fn new(parameters: &RDDMParameters) -> Self {
        Self {
            kept: Bits::new(parameters.min_concept_size),
            n: 0,
            p: 0.0,
            lowest: None,
            uncounted: 0,
            n_warnings: 0,
            next: Next::GoOn,
        }
    }

    #[inline]
    fn step(&mut self, parameters: &RDDMParameters, x: f64) -> Signal {
        if self.next != Next::GoOn {
            self.recount(parameters);
        }
        self.kept.push(x == 1.0);
        self.count(x == 1.0);
        if self.counted() < parameters.min_instances as u64 {
            return Signal::Quiet;
        }
        let Some((p_min, s_min)) = self.lowered(parameters) else {
            return Signal::Quiet;
        };
        let (p, s) = self.level();
        if p + s > p_min + parameters.drift_threshold * s_min {
            let all = parameters.compat.is_some() && self.n_warnings > 0;
            return self.change(if all { u64::MAX } else { self.n_warnings + 1 });
        }
        if p + s > p_min + parameters.warning_threshold * s_min {
            if self.n_warnings >= parameters.max_warning_size as u64 {
                return self.change(1);
            }
            self.n_warnings += 1;
            return Signal::Warning;
        }
        self.n_warnings = 0;
        if self.counted() >= parameters.max_concept_size as u64 {
            self.next = Next::CutDown;
        }
        Signal::Quiet
    }

    /// Keeps the values of the warning zone over a change: the next value counts them.
    fn restart(&mut self, parameters: &RDDMParameters) {
        if self.next != Next::BeginAnew {
            self.forget(parameters);
        }
    }

    fn forget(&mut self, parameters: &RDDMParameters) {
        *self = Self::new(parameters);
    }

    fn recent(&self, _: &RDDMParameters) -> usize {
        self.kept.len()
    }

    fn direction(&self, _: &RDDMParameters) -> Option<Direction> {
        Some(Direction::Up)
    }

    fn statistic(&self, _: &RDDMParameters) -> Option<f64> {
        self.lowest?;
        let (p, s) = self.level();
        Some(p + s)
    }

    fn limit(&self, parameters: &RDDMParameters) -> Option<f64> {
        let (p_min, s_min) = self.lowest?;
        Some(p_min + parameters.drift_threshold * s_min)
    }

    fn warning_limit(&self, parameters: &RDDMParameters) -> Option<f64> {
        let (p_min, s_min) = self.lowest?;
        Some(p_min + parameters.warning_threshold * s_min)
    }

    fn reading(&self, _: &RDDMParameters, name: &str) -> Option<f64> {
        (name == "estimation").then_some(self.p)
    }

    fn restored(&mut self, parameters: &RDDMParameters) -> Result<()> {
        self.kept.restored(parameters.min_concept_size)?;
        let share = |x: f64| (0.0..=1.0).contains(&x);
        let sound = self.n <= MOST_VALUES
            && self.uncounted <= u64::from(self.n > 1)
            && self.n_warnings <= self.n
            && (self.n > 0 || self.lowest.is_none())
            && share(self.p)
            && self.lowest.is_none_or(|(p, s)| share(p) && share(s));
        if sound {
            Ok(())
        } else {
            Err(damaged("shares that are none"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(parameters: &RDDMParameters, values: impl Iterator<Item = bool>) -> (RDDM, Vec<Signal>) {
        let mut method = RDDM::new(parameters);
        let step = |x: bool| method.step(parameters, f64::from(u8::from(x)));
        let told = values.map(step).collect();
        (method, told)
    }

    #[test]
    fn it_begins_anew_with_the_values_of_the_warning_zone() {
        let parameters = RDDMParameters::default();
        let stream = (0..600).map(|i| if i < 500 { i % 10 == 0 } else { i % 2 == 0 });
        let (_, told) = run(&parameters, stream.clone());
        let drift = told.iter().position(|&s| s == Signal::Drift).unwrap();
        let zone = told[..drift]
            .iter()
            .rev()
            .take_while(|&&s| s == Signal::Warning);
        let kept = zone.count() + 1;
        assert!(kept > 1);
        let (mut method, _) = run(&parameters, stream.clone().take(drift + 1));
        assert_eq!(method.kept.len(), kept);
        method.restart(&parameters);
        method.step(&parameters, 0.0);
        assert_eq!(method.n, kept as u64 + 1);
        method.next = Next::BeginAnew;
        method.forget(&parameters);
        assert_eq!(method, RDDM::new(&parameters));
    }

    #[test]
    fn a_long_stable_stream_is_cut_down() {
        let parameters = RDDMParameters {
            max_concept_size: 1_000,
            min_concept_size: 300,
            ..Default::default()
        };
        let (method, told) = run(&parameters, (0..1_001).map(|i| i % 10 == 0));
        assert!(!told.contains(&Signal::Drift));
        assert_eq!(method.n, 301);
    }

    #[test]
    fn errors_alone_and_none_at_all_are_no_change() {
        for value in [true, false] {
            let (_, told) = run(
                &RDDMParameters::default(),
                std::iter::repeat_n(value, 2_000),
            );
            assert!(told.iter().all(|&signal| signal == Signal::Quiet));
        }
        let lone = (0..2_000).map(|i| i == 1_000);
        let (_, told) = run(&RDDMParameters::default(), lone);
        assert!(told.iter().all(|&signal| signal == Signal::Quiet));
    }
}
