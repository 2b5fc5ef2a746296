//! Bayesian online changepoint detection.

use serde::{Deserialize, Serialize};

use crate::drift::Parameters;
use crate::error::{Error, Result};
use crate::stream::definition::{Definition, Direction, Input, Signal, Tuning};
use crate::stream::evidence::run_models::{self, Prior, Run};
use crate::stream::state::damaged;

/// The most run lengths that can be asked for.
const MOST_RUNS: usize = 10_000;

/// Probabilities below it are dropped in any case: they could not be told from 0 much longer.
const LEAST: f64 = 1e-280;

/// What the values are taken to come from, between two changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BOCPDModel {
    /// A normal distribution of unknown mean and variance.
    #[default]
    Gaussian,
    /// 0 and 1, of unknown probability.
    Bernoulli,
    /// Counts of unknown rate.
    Poisson,
}

/// Parameters of [`BOCPD`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BOCPDParameters {
    /// What the values are taken to come from.
    pub model: BOCPDModel,
    /// Probability of a change at each value, from 1e-100, below 1: 1 / the expected run length.
    pub hazard: f64,
    /// Drift when a recent change is this probable, above 0, at most 1.
    pub threshold: f64,
    /// A change within as many of the last values is recent, 1 or more.
    pub window: usize,
    /// Gaussian: mean of the prior.
    pub prior_mean: f64,
    /// Gaussian: how many values the prior's mean is worth, above 0.
    pub prior_kappa: f64,
    /// Shape of the prior: of the inverse gamma, beta or gamma distribution, above 0.
    pub prior_alpha: f64,
    /// Its second parameter: scale (gaussian), beta (bernoulli), rate (poisson), above 0.
    pub prior_beta: f64,
    /// Run lengths of a probability below it times `hazard` are dropped; 0 drops none.
    pub prune: f64,
    /// The most run lengths that are kept, 2 to 10,000; the least probable are dropped.
    pub max_run_lengths: usize,
}

impl Default for BOCPDParameters {
    fn default() -> Self {
        Self {
            model: BOCPDModel::Gaussian,
            hazard: 0.004,
            threshold: 0.5,
            window: 100,
            prior_mean: 0.0,
            prior_kappa: 1.0,
            prior_alpha: 1.0,
            prior_beta: 1.0,
            prune: 1e-3,
            max_run_lengths: 20,
        }
    }
}

impl BOCPDParameters {
    fn prior(&self) -> Prior {
        Prior {
            mean: self.prior_mean,
            kappa: self.prior_kappa,
            alpha: self.prior_alpha,
            beta: self.prior_beta,
        }
    }
}

impl Parameters for BOCPDParameters {
    fn validate(&self) -> Result<()> {
        if !(self.hazard >= 1e-100 && self.hazard < 1.0) {
            let allowed = "a number from 1e-100, below 1";
            return Err(Error::invalid_value("hazard", self.hazard, allowed));
        }
        if !(self.threshold > 0.0 && self.threshold <= 1.0) {
            let allowed = "a number above 0, at most 1";
            return Err(Error::invalid_value("threshold", self.threshold, allowed));
        }
        if self.window == 0 {
            let allowed = "a whole number of 1 or more";
            return Err(Error::invalid_value("window", self.window, allowed));
        }
        if self.prior_mean.abs() > 1e150 || self.prior_mean.is_nan() {
            let allowed = "a number from -1e150 to 1e150";
            return Err(Error::invalid_value("prior_mean", self.prior_mean, allowed));
        }
        for (name, value, least, most) in [
            ("prior_kappa", self.prior_kappa, 1e-9, 1e9),
            ("prior_alpha", self.prior_alpha, 1e-9, 1e9),
            ("prior_beta", self.prior_beta, 1e-300, 1e300),
        ] {
            if !(least..=most).contains(&value) {
                let allowed = format!("a number from {least:e} to {most:e}");
                return Err(Error::invalid_value(name, value, allowed));
            }
        }
        if !(0.0..1.0).contains(&self.prune) {
            let allowed = "a number from 0, below 1";
            return Err(Error::invalid_value("prune", self.prune, allowed));
        }
        if !(2..=MOST_RUNS).contains(&self.max_run_lengths) {
            let allowed = format!("a whole number from 2 to {MOST_RUNS}");
            let got = self.max_run_lengths;
            return Err(Error::invalid_value("max_run_lengths", got, allowed));
        }
        Ok(())
    }
}

/// Bayesian online changepoint detection: the probability of every time at which the present
/// regime may have begun.
///
/// With the run length r_t, the number of values since the last change (a change comes after
/// each value with probability `hazard`):
/// P(r_t = r + 1 | x) is proportional to P(r_(t-1) = r | x) p(x_t | the r values before)
/// (1 - hazard), and P(r_t = 0 | x) = hazard. The predictive p is Student's t (normal
/// inverse-gamma prior: mean, kappa, alpha, beta), beta-binomial or negative binomial.
/// The statistic is P(r_t <= `window` and r_t < t | r_t >= 1): that the regime of the last value
/// has begun within the last `window` values, and not with the first one. Drift at `threshold`.
/// `hazard` trades false alarms for delay: a change must be about 1 / hazard times as likely as
/// none.
///
/// # Cost
/// O(run lengths kept), a logarithm and an exponential for each; 40 bytes for each.
/// # Source
/// Adams & MacKay, Bayesian online changepoint detection, arXiv 0710.3742, 2007, algorithm 1;
/// priors: Murphy, Conjugate Bayesian analysis of the Gaussian distribution, 2007. Expected
/// values: tests/data/bocpd.json (unpruned). frouros' BOCD is the model of a known variance, a
/// different one.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BOCPD {
    /// Values so far, and their sum.
    n: u64,
    sum: f64,
    /// The runs that are kept, the longest first; the last has length 0. Empty before the first
    /// value.
    runs: Vec<Run>,
    /// Probability of a recent change.
    probability: f64,
    /// What a run begins as; follows from the parameters.
    #[serde(skip)]
    start: Run,
}

impl BOCPD {
    fn begin(&mut self, weight: f64) {
        let mut run = self.start;
        run.weight = weight;
        self.runs.push(run);
    }

    /// The most probable run.
    fn likeliest(&self) -> Option<&Run> {
        let mut runs = self.runs.iter();
        let first = runs.next()?;
        Some(runs.fold(
            first,
            |best, run| {
                if run.weight > best.weight { run } else { best }
            },
        ))
    }

    /// The most probable run among those that a recent change has begun.
    fn recent_run(&self, parameters: &BOCPDParameters) -> Option<&Run> {
        let recent = self.runs.iter();
        let recent = recent.filter(|run| self.is_recent(parameters, run.n));
        recent.max_by(|a, b| a.weight.total_cmp(&b.weight))
    }

    #[inline]
    fn is_recent(&self, parameters: &BOCPDParameters, length: u64) -> bool {
        length >= 1 && length <= parameters.window as u64 && length < self.n
    }

    /// Drops what is improbable, from unscaled weights that add up to `total`.
    #[inline]
    fn prune(&mut self, parameters: &BOCPDParameters, total: f64) {
        let floor = (parameters.prune * parameters.hazard).max(LEAST) * total;
        self.runs.retain(|run| run.weight >= floor);
        // Room for the run that begins now.
        while self.runs.len() >= parameters.max_run_lengths {
            let least = self.runs.iter().enumerate();
            let least = least.min_by(|a, b| a.1.weight.total_cmp(&b.1.weight));
            let Some((least, _)) = least else { break };
            self.runs.remove(least);
        }
    }
}

impl Definition for BOCPD {
    const NAME: &'static str = "bocpd";
    const DEPENDS_ON_SCALE: bool = true;
    const TUNING: Option<Tuning> = Some(Tuning {
        parameter: "hazard",
        range: (0.5, 1e-30),
        logarithmic: true,
    });
    const READINGS: &'static [&'static str] = &["estimation", "probability", "run_length"];
    type Parameters = BOCPDParameters;

    fn input(parameters: &BOCPDParameters) -> Input {
        match parameters.model {
            BOCPDModel::Gaussian => Input::Real,
            BOCPDModel::Bernoulli => Input::Binary,
            BOCPDModel::Poisson => Input::Count,
        }
    }

    fn new(parameters: &BOCPDParameters) -> Self {
        Self {
            start: run_models::start(parameters.model, &parameters.prior()),
            ..Self::default()
        }
    }

    #[inline]
    fn step(&mut self, parameters: &BOCPDParameters, x: f64) -> Signal {
        let prior = parameters.prior();
        if self.runs.is_empty() {
            self.begin(1.0);
        }
        self.n += 1;
        self.sum += x;
        let total = match parameters.model {
            BOCPDModel::Gaussian => run_models::gaussian(&mut self.runs, &prior, x),
            BOCPDModel::Bernoulli => run_models::bernoulli(&mut self.runs, &prior, x),
            BOCPDModel::Poisson => run_models::poisson(&mut self.runs, &prior, x),
        };
        if !(total > 0.0 && total.is_finite()) {
            // No run can have come to this: a new one begins.
            *self = Self::new(parameters);
            return Signal::Quiet;
        }
        self.prune(parameters, total);
        let kept: f64 = self.runs.iter().map(|run| run.weight).sum();
        let goes_on = (1.0 - parameters.hazard) / kept;
        let mut recent = 0.0;
        let window = (parameters.window as u64).min(self.n - 1);
        for run in &mut self.runs {
            if run.n <= window {
                recent += run.weight;
            }
            run.weight *= goes_on;
        }
        self.begin(parameters.hazard);
        self.probability = (recent / kept).min(1.0);
        if self.probability >= parameters.threshold {
            Signal::Drift
        } else {
            Signal::Quiet
        }
    }

    fn recent(&self, parameters: &BOCPDParameters) -> usize {
        let run = self.recent_run(parameters);
        run.map_or(0, |run| usize::try_from(run.n).unwrap_or(usize::MAX))
    }

    fn direction(&self, parameters: &BOCPDParameters) -> Option<Direction> {
        let run = self.recent_run(parameters)?;
        let after = run_models::sum(parameters.model, &parameters.prior(), run);
        let (inside, outside) = (run.n as f64, (self.n - run.n) as f64);
        // Means after and before, multiplied by both numbers.
        Some(if after * outside >= (self.sum - after) * inside {
            Direction::Up
        } else {
            Direction::Down
        })
    }

    fn cost(parameters: &BOCPDParameters) -> f64 {
        2.5 * parameters.max_run_lengths as f64
    }

    fn statistic(&self, _: &BOCPDParameters) -> Option<f64> {
        (self.n > 0).then_some(self.probability)
    }

    fn limit(&self, parameters: &BOCPDParameters) -> Option<f64> {
        Some(parameters.threshold)
    }

    fn reading(&self, parameters: &BOCPDParameters, name: &str) -> Option<f64> {
        let prior = parameters.prior();
        match name {
            "estimation" => {
                let means = self.runs.iter();
                let means =
                    means.map(|run| run.weight * run_models::mean(parameters.model, &prior, run));
                (self.n > 0).then(|| means.sum())
            }
            "probability" => Some(self.probability),
            "run_length" => Some(self.likeliest().map_or(0.0, |run| run.n as f64)),
            _ => None,
        }
    }

    fn restored(&mut self, parameters: &BOCPDParameters) -> Result<()> {
        let weights: f64 = self.runs.iter().map(|run| run.weight).sum();
        let prior = parameters.prior();
        let sound = if self.n == 0 {
            self.runs.is_empty() && self.sum == 0.0 && self.probability == 0.0
        } else {
            self.n < u64::MAX / 2
                && self.sum.is_finite()
                && (0.0..=1.0).contains(&self.probability)
                && self.runs.len() <= parameters.max_run_lengths
                && (weights - 1.0).abs() < 1e-6
                && self
                    .runs
                    .iter()
                    .all(|run| run.n <= self.n && run_models::sound(parameters.model, &prior, run))
                && self.runs.windows(2).all(|pair| pair[0].n > pair[1].n)
        };
        if sound {
            self.start = run_models::start(parameters.model, &prior);
            Ok(())
        } else {
            Err(damaged("run lengths that no stream leads to"))
        }
    }
}
