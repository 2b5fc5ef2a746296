//! The Kolmogorov-Smirnov test over a sliding window, kept up to date.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::drift::{KS, Parameters};
use crate::error::{Error, Result};
use crate::math::gcd;
use crate::stream::definition::{Definition, Direction, Signal, Tuning};
use crate::stream::state::damaged;
use crate::stream::windows::deviation_tree::{DeviationTree, NEWER, OLDER};
use crate::stream::windows::ring::{self, Ring};

/// Parameters of [`IncrementalKS`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IncrementalKSParameters {
    /// Values in the window, 2 to 1,000,000.
    pub window_size: usize,
    /// Significance of each look, above 0 and below 1.
    pub alpha: f64,
    /// Values from look to look.
    pub stride: usize,
    /// What the window is compared with; `None` for its older half with its newer one.
    pub baseline: Option<Vec<f64>>,
    /// The least distance that counts, in units of 1 / lcm(n, m).
    #[serde(skip)]
    critical: OnceLock<Option<u64>>,
}

impl Default for IncrementalKSParameters {
    fn default() -> Self {
        Self {
            window_size: 200,
            alpha: 1e-4,
            stride: 1,
            baseline: None,
            critical: OnceLock::new(),
        }
    }
}

impl IncrementalKSParameters {
    /// Older and newer values at a look.
    fn sizes(&self) -> (usize, usize) {
        match &self.baseline {
            Some(baseline) => (baseline.len(), self.window_size),
            None => (self.window_size.div_ceil(2), self.window_size / 2),
        }
    }

    /// n / g and m / g, with g the greatest common divisor of the sizes.
    fn reduced(&self) -> (u64, u64) {
        let (n, m) = self.sizes();
        let (n, m) = (n as u64, m as u64);
        let g = gcd(n, m).max(1);
        (n / g, m / g)
    }

    fn tree(&self) -> DeviationTree {
        let (n, m) = self.reduced();
        let mut tree = DeviationTree::new([m as i64, n as i64]);
        for &x in self.baseline.iter().flatten() {
            tree.add(x, OLDER);
        }
        tree
    }

    fn critical(&self) -> Option<u64> {
        let (n, m) = self.sizes();
        *self
            .critical
            .get_or_init(|| critical(n, m, self.alpha).ok())
    }

    /// D of a distance in units of 1 / lcm(n, m).
    fn distance(&self, h: u64) -> f64 {
        let n = self.sizes().0 as u64;
        h as f64 / (n * self.reduced().1) as f64
    }
}

/// The least distance of samples of `n` and `m` values, in units of 1 / lcm(n, m), whose
/// two-sided p-value is `alpha` at most.
///
/// # Errors
/// `InvalidValue` for an `alpha` that even disjoint samples do not reach.
pub(in crate::stream) fn critical(n: usize, m: usize, alpha: f64) -> Result<u64> {
    let (a, b) = (n as u64, m as u64);
    if let Some(critical) = KS::default().critical(a, b, alpha)? {
        return Ok(critical);
    }
    let whole = a / gcd(a, b).max(1) * b;
    let least = KS::default().p_value(a, b, whole, 1.0)?.value();
    let allowed = format!(
        "{least:.3e} or more, the p-value of {n} and {m} values without anything in common"
    );
    Err(Error::invalid_value("alpha", alpha, allowed))
}

impl Parameters for IncrementalKSParameters {
    fn validate(&self) -> Result<()> {
        ring::validate("window_size", self.window_size, 2)?;
        if !(self.alpha > 0.0 && self.alpha < 1.0) {
            let allowed = "a number above 0 and below 1";
            return Err(Error::invalid_value("alpha", self.alpha, allowed));
        }
        if self.stride == 0 {
            let allowed = "a whole number of 1 or more";
            return Err(Error::invalid_value("stride", self.stride, allowed));
        }
        if let Some(baseline) = &self.baseline {
            ring::validate_values("baseline", baseline)?;
            if baseline.is_empty() {
                return Err(Error::empty_sample("baseline", "no values"));
            }
        }
        if self.critical().is_none() {
            let (n, m) = self.sizes();
            critical(n, m, self.alpha)?;
        }
        Ok(())
    }
}

/// The two-sample Kolmogorov-Smirnov test of a sliding window, exact at every value: against a
/// baseline, or its newer half against its older one.
///
/// The statistic is that of [`KS`] on the same values, to the last digit: the largest prefix
/// sum over a balanced tree of the values, of which a value that comes, goes or passes from
/// the newer half to the older one changes one path. The law of the distance D depends on an
/// integer alone, so a look compares integers; the p-value is computed when it is read. After
/// a change the window fills anew; a baseline stays.
///
/// # Cost
/// O(log n) a value, for n values of window and baseline; 64 bytes for each. Making one with a
/// baseline of another size than the window takes up to 0.1 s for the exact law.
/// # Source
/// dos Reis, Flach, Matwin & Batista, Fast unsupervised online drift detection using
/// incremental Kolmogorov-Smirnov test, KDD 2016, sections 3 and 4, with a tree balanced by
/// height, so that no order of values makes it slow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IncrementalKS {
    window: Ring,
    /// Values before the next look of a full window.
    wait: usize,
    /// The largest F - G and G - F at the last look, in units of 1 / lcm(n, m).
    deviations: Option<(u64, u64)>,
    #[serde(skip)]
    tree: DeviationTree,
}

impl IncrementalKS {
    fn h(&self) -> Option<u64> {
        self.deviations.map(|(above, below)| above.max(below))
    }

    /// Makes a place in the window for `x`, and in the tree.
    #[inline]
    fn take(&mut self, parameters: &IncrementalKSParameters, x: f64) {
        let gone = self.window.push(x, parameters.window_size);
        self.tree.add(x, NEWER);
        if parameters.baseline.is_some() {
            if let Some(gone) = gone {
                self.tree.remove(gone, NEWER);
            }
            return;
        }
        let newer = parameters.window_size / 2;
        let passed = self.window.len().checked_sub(newer + 1);
        if let Some(passed) = passed.and_then(|index| self.window.at(index)) {
            self.tree.age(passed);
        }
        if let Some(gone) = gone {
            self.tree.remove(gone, OLDER);
        }
    }
}

impl Definition for IncrementalKS {
    const NAME: &'static str = "incremental_ks";
    const TUNING: Option<Tuning> = Some(Tuning {
        parameter: "alpha",
        range: (0.5, 1e-12),
        logarithmic: true,
    });
    const READINGS: &'static [&'static str] = &["p_value"];
    type Parameters = IncrementalKSParameters;

    fn new(parameters: &IncrementalKSParameters) -> Self {
        Self {
            window: Ring::default(),
            wait: 0,
            deviations: None,
            tree: parameters.tree(),
        }
    }

    fn step(&mut self, parameters: &IncrementalKSParameters, x: f64) -> Signal {
        self.take(parameters, x);
        if self.window.len() < parameters.window_size {
            return Signal::Quiet;
        }
        if self.wait > 0 {
            self.wait -= 1;
            return Signal::Quiet;
        }
        self.wait = parameters.stride - 1;
        let (above, below) = self.tree.deviations();
        let (above, below) = (above.unsigned_abs(), below.unsigned_abs());
        self.deviations = Some((above, below));
        match parameters.critical() {
            Some(critical) if above.max(below) >= critical => Signal::Drift,
            _ => Signal::Quiet,
        }
    }

    fn restart(&mut self, parameters: &IncrementalKSParameters) {
        if parameters.baseline.is_some() {
            for x in self.window.iter() {
                self.tree.remove(x, NEWER);
            }
        } else {
            self.tree.clear();
        }
        self.window.clear();
        self.wait = 0;
        self.deviations = None;
    }

    fn recent(&self, parameters: &IncrementalKSParameters) -> usize {
        match parameters.baseline {
            Some(_) => 0,
            None => parameters.sizes().1,
        }
    }

    fn direction(&self, _: &IncrementalKSParameters) -> Option<Direction> {
        // Where older values lie below, their distribution function is above.
        self.deviations.map(|(above, below)| {
            if above >= below {
                Direction::Up
            } else {
                Direction::Down
            }
        })
    }

    fn cost(_: &IncrementalKSParameters) -> f64 {
        15.0
    }

    fn statistic(&self, parameters: &IncrementalKSParameters) -> Option<f64> {
        self.h().map(|h| parameters.distance(h))
    }

    fn limit(&self, parameters: &IncrementalKSParameters) -> Option<f64> {
        parameters.critical().map(|h| parameters.distance(h))
    }

    fn reading(&self, parameters: &IncrementalKSParameters, name: &str) -> Option<f64> {
        let ((n, m), h) = (parameters.sizes(), self.h()?);
        let p_value = KS::default().p_value(n as u64, m as u64, h, parameters.distance(h));
        (name == "p_value").then_some(p_value.ok()?.value())
    }

    fn restored(&mut self, parameters: &IncrementalKSParameters) -> Result<()> {
        self.window.restored(parameters.window_size)?;
        let whole = parameters.sizes().0 as u64 * parameters.reduced().1;
        if self.wait >= parameters.stride || self.h().is_some_and(|h| h > whole) {
            return Err(damaged("a look that no stream leads to"));
        }
        let values: Vec<f64> = self.window.iter().collect();
        let mut rebuilt = Self::new(parameters);
        for x in values {
            rebuilt.take(parameters, x);
        }
        self.tree = rebuilt.tree;
        Ok(())
    }
}
