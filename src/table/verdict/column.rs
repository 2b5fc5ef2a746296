//! One column: all looks at it as one, and what is said of it.

use super::evidence::{Evidence, Interval, Judgement, Moved, Reason, Verdict};
use super::look::Look;
use super::options::Options;
use super::rates::Difference;
use super::shares::Shares;
use crate::drift::{Categorical, Counts, TwoProportionZ};
use crate::error::{Error, Result};

/// More rows than this are not asked for.
const MOST_ROWS: f64 = 1e12;

/// Estimates nearer to `min_effect` than this share of it are no nearer to either side.
const TOO_NEAR: f64 = 0.01;

/// What rounding may leave between a p-value and the level that it defines.
const ROUNDING: f64 = 1e-9;

/// A column with all looks at it.
pub(super) struct Column<'a> {
    evidence: &'a Evidence,
    /// Of `evidence.moved`; `None` for nothing.
    moved: Vec<Option<Look>>,
    missing: Look,
    /// Whether any value is missing, on either side.
    has_missing: bool,
    missing_p: Option<f64>,
    unseen: Option<Look>,
    /// Of "at most (at least) `min_effect` moved", for each look.
    p_looks: Vec<(Reason, f64, f64)>,
}

impl<'a> Column<'a> {
    pub(super) fn new(evidence: &'a Evidence, options: &Options) -> Result<Self> {
        let looks = evidence.moved.iter();
        let moved: Vec<Option<Look>> = looks
            .map(|(_, moved)| look(moved, options.min_effect))
            .collect::<Result<_>>()?;
        let (missing_b, rows_b, missing_c, rows_c) = evidence.missing;
        let counted = evidence.unseen.as_ref();
        let counted = counted.filter(|unseen| unseen.n_current > 0 && unseen.n_baseline > 0);
        let missing_p = missing_p_value(evidence.missing)?;
        let mut column = Self {
            evidence,
            moved,
            missing: Look::EitherWay(Difference::of_missing(evidence.missing)),
            has_missing: missing_b + missing_c > 0 && rows_b > 0 && rows_c > 0,
            missing_p,
            unseen: counted.map(|unseen| Look::Upwards(Difference::of_unseen(unseen))),
            p_looks: Vec::new(),
        };
        let by = options.min_effect;
        let p_looks = column
            .looks()
            .map(|(reason, look)| (reason, look.p_more(by), look.p_less(by)));
        column.p_looks = p_looks.collect();
        Ok(column)
    }

    /// Those that can say anything: a column without missing values is not looked at for
    /// them, which depends on both sides together and so favours no verdict.
    fn looks(&self) -> impl Iterator<Item = (Reason, &Look)> {
        let moved = self.evidence.moved.iter().zip(&self.moved);
        let moved =
            moved.filter_map(|((what, _), look)| Some((Reason::from(*what), look.as_ref()?)));
        let missing = self.has_missing.then_some((Reason::Missing, &self.missing));
        let unseen = self.unseen.as_ref().map(|look| (Reason::Unseen, look));
        moved.chain(missing).chain(unseen)
    }

    /// Of the column's test; NaN where it has none.
    pub(super) fn p_test(&self) -> f64 {
        self.evidence
            .log_p_value
            .map_or(f64::NAN, |ln| ln.exp().min(1.0))
    }

    /// Of no change at all, of values and missing values: twice the smaller of both
    /// p-values; NaN where there is neither.
    pub(super) fn p_unchanged(&self) -> f64 {
        let test = Some(self.p_test()).filter(|p| !p.is_nan());
        let missing = self.missing_p.filter(|_| self.has_missing);
        match (test, missing) {
            (Some(test), Some(missing)) => (2.0 * test.min(missing)).min(1.0),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => f64::NAN,
        }
    }

    /// Whether all that can be tested has a p-value.
    pub(super) fn is_tested(&self) -> bool {
        let has_values = self.moved.iter().any(Option::is_some);
        let untested = has_values && self.p_test().is_nan();
        !untested && !self.p_unchanged().is_nan()
    }

    fn number(&self) -> f64 {
        self.p_looks.len().max(1) as f64
    }

    pub(super) fn p_more(&self) -> f64 {
        let smallest = self.p_looks.iter().map(|look| look.1).fold(1.0, f64::min);
        (self.number() * smallest).min(1.0)
    }

    pub(super) fn p_less(&self) -> f64 {
        let largest = self.p_looks.iter().map(|look| look.2).reduce(f64::max);
        (self.number() * largest.unwrap_or(1.0)).min(1.0)
    }

    pub(super) fn judgement(
        &self,
        verdict: Verdict,
        alpha: f64,
        p_adjusted: f64,
        options: &Options,
    ) -> Result<Judgement> {
        let each = alpha / self.number();
        let nothing = Interval {
            value: 0.0,
            low: 0.0,
            high: 1.0,
            level: 1.0 - each,
        };
        let parts: Vec<Interval> = self
            .moved
            .iter()
            .map(|look| {
                look.as_ref()
                    .map_or(Ok(nothing), |look| look.interval(each))
            })
            .collect::<Result<_>>()?;
        let effect = parts.iter().copied().reduce(|largest, part| {
            let above = |x: &Interval| (x.value, x.low);
            if above(&part) > above(&largest) {
                part
            } else {
                largest
            }
        });
        let reasons = match verdict {
            Verdict::Drifted => self.reasons(alpha, options),
            _ => Vec::new(),
        };
        let unseen = self.unseen.as_ref().map(|look| look.interval(each));
        let pooled = self.moved.iter().flatten().map(|look| match look {
            Look::Shares(shares) => shares.pooled(),
            _ => 0.0,
        });
        let pooled = pooled.fold(0.0, f64::max);

        Ok(Judgement {
            verdict,
            reasons,
            p_adjusted: Some(p_adjusted).filter(|p| !p.is_nan()),
            effect: effect.unwrap_or(nothing),
            parts,
            missing: self.missing.interval(each)?,
            missing_p_value: self.missing_p,
            unseen: unseen.transpose()?,
            pooled,
            rows_needed: None,
        })
    }

    /// What makes it drifted, where the column may be wrong with a chance of `alpha`.
    fn reasons(&self, alpha: f64, options: &Options) -> Vec<Reason> {
        let proven = |p: f64, looks: f64| looks * p <= alpha * (1.0 + ROUNDING);
        if options.min_effect > 0.0 {
            let looks = self.p_looks.iter();
            let looks = looks.filter(|look| proven(look.1, self.number()));
            return looks.map(|look| look.0).collect();
        }
        let test = self.evidence.log_p_value.map(f64::exp);
        let missing = self.missing_p.filter(|_| self.has_missing);
        let number = if test.is_some() && missing.is_some() {
            2.0
        } else {
            1.0
        };
        let both = [(Reason::PValue, test), (Reason::Missing, missing)];
        let small = both
            .into_iter()
            .filter(|(_, p)| p.is_some_and(|p| proven(p, number)));
        small.map(|(reason, _)| reason).collect()
    }

    /// So many rows on each side would put it on one side of `min_effect`, if the estimates
    /// were the truth: of the looks that are above any, of those below all.
    pub(super) fn rows_needed(
        &self,
        judgement: &Judgement,
        alpha: f64,
        options: &Options,
    ) -> Result<Option<u64>> {
        let min_effect = options.min_effect;
        // Of what is all different more rows tell no more.
        if judgement.verdict != Verdict::Inconclusive || judgement.pooled > min_effect {
            return Ok(None);
        }
        let each = alpha / self.number();
        let near = TOO_NEAR * min_effect;
        let (mut fewest, mut most) = (None::<f64>, Some(1.0f64));
        for (_, look) in self.looks() {
            let estimate = look.estimate();
            if estimate > min_effect + near {
                let rows = search(|rows| look.with_rows(rows).p_more(min_effect) < each);
                fewest = Some(fewest.map_or(rows, |fewest| fewest.min(rows)));
            } else if estimate < min_effect - near {
                let rows = search(|rows| look.with_rows(rows).p_less(min_effect) < each);
                most = most.map(|most| most.max(rows));
            } else {
                most = None;
            }
        }
        let none = self.p_looks.is_empty() || each <= 0.0 || min_effect == 0.0;
        Ok(fewest.or(most).filter(|_| !none).map(|rows| rows as u64))
    }
}

fn look(moved: &Moved, min_effect: f64) -> Result<Option<Look>> {
    match moved {
        Moved::Nothing => Ok(None),
        Moved::Numbers { distance, n, m } => {
            if !(0.0..=1.0).contains(distance) {
                let allowed = "a distance from 0 to 1";
                return Err(Error::invalid_value("evidence", distance, allowed));
            }
            let some = *n > 0 && *m > 0;
            Ok(some.then_some(Look::Numbers(*distance, *n as f64, *m as f64)))
        }
        Moved::Counts { baseline, current } => {
            if baseline.len() != current.len() {
                let got = format!("{} and {} counts", baseline.len(), current.len());
                let allowed = "as many counts of the current side as of the baseline";
                return Err(Error::invalid_value("evidence", got, allowed));
            }
            Ok(Shares::new(baseline, current, min_effect).map(Look::Shares))
        }
    }
}

/// Of the test that the rates are one: exact where few are missing (or present).
fn missing_p_value(
    (missing_b, rows_b, missing_c, rows_c): (u64, u64, u64, u64),
) -> Result<Option<f64>> {
    if rows_b == 0 || rows_c == 0 {
        return Ok(None);
    }
    let baseline = [rows_b.saturating_sub(missing_b), missing_b];
    let current = [rows_c.saturating_sub(missing_c), missing_c];
    let outcome = TwoProportionZ::default().judge_counts(&Counts::new(&baseline, &current)?)?;
    Ok(outcome.p_value.map(|p| p.value()))
}

/// The fewest rows for which `enough` holds, up to a relative 1e-3; as many as are ever
/// asked for where it never does.
fn search(enough: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (0.0f64, MOST_ROWS.ln());
    if !enough(MOST_ROWS) {
        return MOST_ROWS;
    }
    while high - low > 1e-3 {
        let middle = (low + high) / 2.0;
        if enough(middle.exp().ceil()) {
            high = middle;
        } else {
            low = middle;
        }
    }
    high.exp().ceil()
}
