//! Can a classifier tell the samples apart?
//!
//! The answer has a size that anyone understands (an area under the curve) and
//! follows the classifier to whatever it can see. The one built in sees
//! changes of location, of spread and of how two columns go together,
//! whatever the columns' scales and tails; it does not see changes that need
//! three columns at once, or waves within one: [`MMD`](super::MMD) does, or a
//! classifier of your own.

use ndarray::{Array2, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

use super::cross_validation::{CrossValidated, pairs_in_order};
use super::rows::{Pooled, Rows, seed_of};
use super::{Definition, Interrupted};
use crate::drift::resampling::{Permutation, Relabelled, Stream, permutation, within};
use crate::drift::{NanPolicy, Outcome, PValue, Parameters, TestResult};
use crate::error::{Error, Result};
use crate::math;

/// Classifier two-sample test.
///
/// The statistic is the area under the curve (AUC) of out-of-fold scores: the
/// chance that of a row of the current sample and one of the baseline, both in
/// a fold that the classifier was not fitted to, the current one scores
/// higher (ties half); 1/2 without drift, up to 1. The effect size is
/// 2 AUC - 1, 0 to 1 with drift, about 0 without. When no fold has rows of both
/// samples, AUC = 1/2.
///
/// The classifier built in is ridge regression of the label on the columns'
/// mid-ranks u, their squares (up to 256 columns) and their products (up to 21
/// columns), with as much penalty as there are features. It is linear in the
/// labels, so its p-value is that of `n_permutations` relabellings, each
/// validated anew (all of them, when there are no more): exact.
///
/// With a classifier given ([`ClassifierTwoSample::compare_using`]) folds have
/// their share of both samples, and p is e times the geometric mean of the
/// folds' one-sided Mann-Whitney p-values (normal law, corrected for ties and
/// continuity): folds share most of what they are fitted to, and this is valid
/// however they depend on each other. It is conservative.
///
/// # Shapes
/// `baseline`: (n, d), `current`: (m, d), n, m, d >= 1, d <= 2,048. With a
/// classifier given n, m >= `folds`.
/// # Missing values
/// A row with NaN is left out and counted; infinities are refused.
/// # Cost
/// (n + m) p^2 folds, p features, and (n + m) (p + log(n + m)) per relabelling.
/// # Errors
/// `EmptySample` when nothing is left; `InvalidValue` for infinities, too many
/// columns or rows.
/// # Source
/// Lopez-Paz & Oquab, Revisiting classifier two-sample tests, ICLR 2017,
/// section 3; AUC and permutation: Friedman, On multivariate goodness-of-fit
/// and two-sample testing, 2003; combination of dependent p-values: Vovk &
/// Wang, Combining p-values via averaging, Biometrika 107, 2020, section 3.
/// # Example
/// ```
/// use driftline::drift::multivariate::{ClassifierTwoSample, Multivariate};
/// use ndarray::Array2;
/// let baseline = Array2::from_shape_fn((50, 2), |(i, j)| (i * (3 + 4 * j) % 50) as f64);
/// let test = ClassifierTwoSample::default();
/// let result = test.compare(baseline.view(), (&baseline + 100.0).view())?;
/// assert_eq!((result.statistic, result.effect_size), (1.0, 1.0));
/// # Ok::<(), driftline::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClassifierTwoSample {
    /// Parts that are predicted from all others, 2 to 100.
    pub folds: usize,
    /// Relabellings for the p-value of the classifier built in.
    pub n_permutations: usize,
    /// The same seed gives the same answer.
    pub seed: u64,
    /// Threads for the relabellings; the answer is the same on any number.
    pub threads: usize,
    /// What to do about missing values.
    pub nan_policy: NanPolicy,
}

impl Default for ClassifierTwoSample {
    fn default() -> Self {
        Self {
            folds: 5,
            n_permutations: 1000,
            seed: 0,
            threads: 1,
            nan_policy: NanPolicy::default(),
        }
    }
}

impl Parameters for ClassifierTwoSample {
    fn validate(&self) -> Result<()> {
        within("folds", self.folds, 2..101)?;
        self.permutation().validate()
    }
}

/// Tells rows of two samples apart.
pub trait Classifier {
    /// What can go wrong, besides our own errors.
    type Error: From<Error>;

    /// Learns which rows of `train`, shape (n, d), are current, and scores those
    /// of `test`, shape (k, d), higher the more they look current: k scores.
    ///
    /// # Errors
    /// Those of the classifier.
    fn scores(
        &self,
        train: ArrayView2<'_, f64>,
        is_current: &[bool],
        test: ArrayView2<'_, f64>,
    ) -> Result<Vec<f64>, Self::Error>;
}

impl ClassifierTwoSample {
    fn permutation(&self) -> Permutation {
        Permutation {
            n_permutations: self.n_permutations,
            seed: self.seed,
            threads: self.threads,
            ..Permutation::default()
        }
    }

    fn cross_validated(&self, pooled: Pooled) -> Result<CrossValidated> {
        CrossValidated::new(pooled, self.folds, self.seed)
    }

    /// Compares two samples by a classifier of the caller's.
    ///
    /// # Errors
    /// Those of `compare` and of the classifier; `InvalidValue` for fewer rows
    /// than folds, and for scores that are NaN or too few.
    pub fn compare_using<C: Classifier + ?Sized>(
        &self,
        classifier: &C,
        baseline: ArrayView2<'_, f64>,
        current: ArrayView2<'_, f64>,
    ) -> Result<TestResult, C::Error> {
        self.validate()?;
        let rows = |argument, view| {
            let rows = Rows::new(argument, view, self.nan_policy)?;
            rows.at_least(argument, self.folds)?;
            Ok::<_, Error>(rows)
        };
        let (baseline, current) = (rows("baseline", baseline)?, rows("current", current)?);
        let pooled = Pooled::new(&baseline, &current)?;
        let is_current = |row: usize| pooled.marks[row] != pooled.marks_baseline;
        let folds = self.stratified(&pooled);
        let values = &pooled.values * pooled.unit;
        let (mut right, mut all, mut log_p) = (0.0, 0.0, 0.0);
        for k in 0..self.folds {
            let of = |wanted: bool| {
                let rows = folds.iter().filter(|(_, fold)| (*fold == k) == wanted);
                rows.map(|(row, _)| *row).collect::<Vec<_>>()
            };
            let (train, test) = (of(false), of(true));
            let labels: Vec<bool> = train.iter().map(|&row| is_current(row)).collect();
            let select = |rows: &[usize]| -> Array2<f64> { values.select(Axis(0), rows) };
            let scores = classifier.scores(select(&train).view(), &labels, select(&test).view())?;
            if scores.len() != test.len() || scores.iter().any(|score| score.is_nan()) {
                let got = format!("{} scores for {} rows, or NaN", scores.len(), test.len());
                return Err(Error::invalid_value("classifier", got, "a score for each row").into());
            }
            let marked = test.iter().map(|&row| is_current(row));
            let mut scores: Vec<_> = scores.into_iter().zip(marked).collect();
            let (fold_right, fold_all) = pairs_in_order(&mut scores);
            log_p += mann_whitney_log_p(&scores, fold_right);
            right += fold_right;
            all += fold_all;
        }
        let auc = right / all;
        // Vovk & Wang 2020: e times the geometric mean is a p-value.
        let p_value = PValue::from_ln(1.0 + log_p / self.folds as f64);
        Ok(TestResult {
            test: Self::NAME.into(),
            statistic: auc,
            distance: auc,
            p_value: Some(p_value.value()),
            log_p_value: Some(p_value.ln()),
            effect_size: 2.0 * auc - 1.0,
            df: None,
            n_baseline: pooled.sizes.0,
            n_current: pooled.sizes.1,
            n_missing_baseline: baseline.missing,
            n_missing_current: current.missing,
        })
    }

    /// Rows in random order, each with its fold: of both samples the same share
    /// in each.
    fn stratified(&self, pooled: &Pooled) -> Vec<(usize, usize)> {
        let mut rows: Vec<usize> = (0..pooled.marks.len()).collect();
        Stream::new(seed_of(pooled.values.view(), self.seed), 0).shuffle(&mut rows);
        let mut seen = (0, 0);
        let fold = |row: usize| {
            let count = if pooled.marks[row] {
                &mut seen.0
            } else {
                &mut seen.1
            };
            *count += 1;
            (row, (*count - 1) % self.folds)
        };
        rows.into_iter().map(fold).collect()
    }
}

/// Natural logarithm of the one-sided normal p-value of a Mann-Whitney
/// statistic, with corrections for ties and continuity. `scores` ascending.
fn mann_whitney_log_p(scores: &[(f64, bool)], right: f64) -> f64 {
    let n = scores.len() as f64;
    let marked = scores.iter().filter(|(_, mark)| *mark).count() as f64;
    let groups = scores
        .chunk_by(|a, b| a.0 == b.0)
        .map(|ties| ties.len() as f64);
    let ties: f64 = groups.map(|t| t * (t * t - 1.0)).sum();
    let pairs = marked * (n - marked);
    let variance = pairs / 12.0 * (n + 1.0 - ties / (n * (n - 1.0)));
    if variance <= 0.0 {
        return 0.0; // all scores are equal
    }
    math::normal_log_sf((right - 0.5 * pairs - 0.5) / variance.sqrt())
}

impl Definition for ClassifierTwoSample {
    const NAME: &'static str = "classifier_two_sample";
    const LEAST_ROWS: usize = 1;

    fn nan_policy(&self) -> NanPolicy {
        self.nan_policy
    }

    fn judge(&self, pooled: Pooled, interrupted: Interrupted<'_>) -> Result<Outcome> {
        let validated = self.cross_validated(pooled)?;
        let result = permutation(&validated, &self.permutation(), interrupted)?;
        Ok(Outcome {
            statistic: result.statistic,
            distance: result.statistic,
            p_value: Some(PValue::new(result.p_value)),
            effect_size: 2.0 * result.statistic - 1.0,
            df: None,
        })
    }

    fn statistic(&self, pooled: Pooled) -> Result<f64> {
        Ok(self.cross_validated(pooled)?.statistic())
    }

    fn relabelled(&self, pooled: Pooled) -> Result<Box<dyn Relabelled<Error = Error>>> {
        Ok(Box::new(self.cross_validated(pooled)?))
    }
}
