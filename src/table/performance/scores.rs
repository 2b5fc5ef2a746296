//! Two labels and the probability predicted for the positive one.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};

use foldhash::fast::FixedState;
use serde::{Deserialize, Serialize};

use super::Metric;
use super::difference::{Estimate, plain, welch, with_interval};
use super::exact_sum::ExactSum;
use super::in_order;
use crate::error::{Error, Result};
use crate::math;

/// Different scores that are kept as they are.
const MOST_SCORES: usize = 1 << 16;
/// Bits of a score that a bin does not tell apart: 42 of 52.
const BIN: u32 = 42;
/// Scores nearer to 0 or 1 are in one bin.
const NEAREST: f64 = 1.0 / (1u64 << 40) as f64;
/// What a logarithm is kept away from, as scikit-learn does.
const EPSILON: f64 = f64::EPSILON;

/// Keys with how often they occur.
type Counts = HashMap<u64, u64, FixedState>;

/// Sums over pairs, by label.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Scores {
    labels: BTreeMap<String, OfLabel>,
    /// Scores are in bins.
    binned: bool,
}

/// The scores of a label, and what they lose whichever label it is.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct OfLabel {
    rows: u64,
    /// By bits or by bin, either in the order of the scores.
    #[serde(with = "in_order")]
    counts: Counts,
    as_negative: Losses,
    as_positive: Losses,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Losses {
    logarithms: ExactSum,
    squared_logarithms: ExactSum,
    squares: ExactSum,
    fourth_powers: ExactSum,
}

impl Losses {
    /// Adds a row to whose label `share` was given.
    fn add(&mut self, share: f64) {
        let logarithm = -share.clamp(EPSILON, 1.0 - EPSILON).ln();
        let rest = 1.0 - share;
        self.logarithms.add(logarithm);
        self.squared_logarithms.add_square(logarithm);
        self.squares.add_square(rest);
        self.fourth_powers.add_square(rest * rest);
    }

    fn merge(&mut self, other: &Self) {
        self.logarithms.merge(&other.logarithms);
        self.squared_logarithms.merge(&other.squared_logarithms);
        self.squares.merge(&other.squares);
        self.fourth_powers.merge(&other.fourth_powers);
    }
}

impl Scores {
    /// Pairs, where they can be what was counted; the squares of more than 2^32 do not fit.
    pub(super) fn checked(&self) -> Option<u64> {
        let mut rows = 0_u64;
        let mut different = 0;
        for label in self.labels.values() {
            let mut counts = label.counts.values();
            let sum = counts.try_fold(0_u64, |sum, &count| sum.checked_add(count))?;
            let possible = |&key: &u64| self.binned || (0.0..=1.0).contains(&f64::from_bits(key));
            if sum != label.rows || !label.counts.keys().all(possible) {
                return None;
            }
            rows = rows.checked_add(sum)?;
            different += label.counts.len();
        }
        let few = self.labels.len() <= 2 && (self.binned || different <= MOST_SCORES);
        (few && rows <= 1 << 32).then_some(rows)
    }

    /// Adds pairs; says how many are complete.
    pub(super) fn add(&mut self, targets: &[Option<&str>], scores: &[f64]) -> Result<u64> {
        let complete = targets
            .iter()
            .zip(scores)
            .filter(|(_, score)| !score.is_nan());
        let pairs = complete.filter_map(|(target, &score)| Some((((*target)?), score)));
        let mut names: Vec<&str> = self.labels.keys().map(String::as_str).collect();
        for (target, score) in pairs.clone() {
            if !(0.0..=1.0).contains(&score) {
                let allowed = "scores between 0 and 1";
                return Err(Error::invalid_value("prediction", score, allowed));
            }
            if !names.contains(&target) {
                names.push(target);
                two(&names)?;
            }
        }
        let mut added = 0;
        for (target, score) in pairs {
            added += 1;
            let key = self.key(score);
            if !self.labels.contains_key(target) {
                self.labels.insert(target.to_owned(), OfLabel::default());
            }
            if let Some(label) = self.labels.get_mut(target) {
                label.rows += 1;
                *label.counts.entry(key).or_default() += 1;
                label.as_positive.add(score);
                label.as_negative.add(1.0 - score);
            }
            self.bin_if_many();
        }
        Ok(added)
    }

    fn key(&self, score: f64) -> u64 {
        let bits = (score + 0.0).to_bits();
        if self.binned { bin(bits) } else { bits }
    }

    fn bin_if_many(&mut self) {
        let different: usize = self.labels.values().map(|label| label.counts.len()).sum();
        if !self.binned && different > MOST_SCORES {
            self.bin();
        }
    }

    fn bin(&mut self) {
        self.binned = true;
        for label in self.labels.values_mut() {
            let mut counts = Counts::default();
            for (&bits, &count) in &label.counts {
                *counts.entry(bin(bits)).or_default() += count;
            }
            label.counts = counts;
        }
    }

    pub(super) fn merge(&mut self, other: &Self) -> Result<()> {
        names(self, other)?;
        if other.binned && !self.binned {
            self.bin();
        }
        for (name, scores) in &other.labels {
            let own = self.labels.entry(name.clone()).or_default();
            own.rows += scores.rows;
            own.as_negative.merge(&scores.as_negative);
            own.as_positive.merge(&scores.as_positive);
            for (&key, &count) in &scores.counts {
                let key = if self.binned && !other.binned {
                    bin(key)
                } else {
                    key
                };
                *own.counts.entry(key).or_default() += count;
            }
        }
        self.bin_if_many();
        Ok(())
    }

    /// The mean loss, where the labels are these.
    fn loss(
        &self,
        [negative, positive]: [&OfLabel; 2],
        sums: fn(&Losses) -> (&ExactSum, &ExactSum),
    ) -> Option<Estimate> {
        let (sum, squares) = sums(&negative.as_negative);
        let (mut sum, mut squares) = (sum.clone(), squares.clone());
        let (others, other_squares) = sums(&positive.as_positive);
        sum.merge(others);
        squares.merge(other_squares);
        Estimate::mean(negative.rows + positive.rows, &sum, &squares)
    }
}

/// The bin of a score, in the order of the scores.
fn bin(bits: u64) -> u64 {
    let score = f64::from_bits(bits);
    let near = |distance: f64| distance.max(NEAREST).to_bits() >> BIN;
    if score < 0.5 {
        near(score)
    } else {
        2 * near(0.5) - near(1.0 - score)
    }
}

fn two(names: &[&str]) -> Result<()> {
    if names.len() <= 2 {
        return Ok(());
    }
    let mut names = names.to_vec();
    names.sort_unstable();
    let got = format!("the labels {names:?}");
    let allowed = "two labels, where predictions are scores";
    Err(Error::invalid_value("target", got, allowed))
}

/// The labels of both, ascending.
fn names<'a>(baseline: &'a Scores, current: &'a Scores) -> Result<Vec<&'a str>> {
    let all = baseline.labels.keys().chain(current.labels.keys());
    let mut names: Vec<_> = all.map(String::as_str).collect();
    let numbers = |a: &str, b: &str| a.parse::<f64>().ok()?.partial_cmp(&b.parse().ok()?);
    names.sort_unstable();
    names.dedup();
    two(&names)?;
    names.sort_by(|a, b| numbers(a, b).unwrap_or(Ordering::Equal).then(a.cmp(b)));
    Ok(names)
}

/// The area under the curve with DeLong's variance.
fn area([negative, positive]: [&OfLabel; 2]) -> Option<(f64, f64)> {
    let (n, m) = (u128::from(negative.rows), u128::from(positive.rows));
    if n == 0 || m == 0 {
        return None;
    }
    let negatives = negative.counts.iter().map(|(&key, &count)| (key, count, 0));
    let positives = positive.counts.iter().map(|(&key, &count)| (key, 0, count));
    let mut scores: Vec<(u64, u64, u64)> = negatives.chain(positives).collect();
    scores.sort_unstable();
    let (mut negatives, mut positives) = (0, 0);
    let (mut sum, mut of_positives, mut of_negatives, mut sum_negatives) = (0, 0, 0, 0);
    for ties in scores.chunk_by(|a, b| a.0 == b.0) {
        let b: u128 = ties.iter().map(|(_, b, _)| u128::from(*b)).sum();
        let c: u128 = ties.iter().map(|(_, _, c)| u128::from(*c)).sum();
        // Twice the placements, in whole numbers.
        let (below, above) = (2 * negatives + b, 2 * positives + c);
        sum += c * below;
        of_positives += c * below * below;
        sum_negatives += b * above;
        of_negatives += b * above * above;
        negatives += b;
        positives += c;
    }
    let area = sum as f64 / (2 * n * m) as f64;
    // The variance of placements, as shares of the other label's rows.
    let variance = |size: u128, others: u128, sum: u128, squares: u128| {
        let deviations = (size * squares - sum * sum) as f64 / size as f64;
        deviations / (4 * others * others) as f64 / (size - 1) as f64
    };
    let known = n > 1 && m > 1;
    let variance = if known {
        variance(m, n, sum, of_positives) / m as f64
            + variance(n, m, sum_negatives, of_negatives) / n as f64
    } else {
        f64::NAN
    };
    Some((area, variance))
}

pub(super) fn compare(baseline: &Scores, current: &Scores, level: f64) -> Result<Vec<Metric>> {
    let names = names(baseline, current)?;
    let empty = OfLabel::default();
    // Which label a single one is, nobody knows.
    let roles = |side: &'_ Scores| -> Option<[OfLabel; 2]> {
        let [negative, positive] = names.as_slice() else {
            return None;
        };
        let of = |name: &str| side.labels.get(name).unwrap_or(&empty).clone();
        Some([of(negative), of(positive)])
    };
    let (mut baseline, mut current) = (baseline.clone(), current.clone());
    if baseline.binned != current.binned {
        // Ties count alike on both sides.
        for side in [&mut baseline, &mut current] {
            if !side.binned {
                side.bin();
            }
        }
    }
    let (b, c) = (roles(&baseline), roles(&current));
    let areas = |roles: &Option<[OfLabel; 2]>| {
        let [negative, positive] = roles.as_ref()?;
        area([negative, positive])
    };
    let (b_area, c_area) = (areas(&b), areas(&c));
    let values = |area: Option<(f64, f64)>| area.map(|(value, _)| value);
    let metric = plain("roc_auc", values(b_area), values(c_area));
    let variance = b_area.zip(c_area).map_or(0.0, |(b, c)| b.1 + c.1);
    let auc = if variance > 0.0 {
        let reach = math::normal_quantile(0.5 + level / 2.0) * variance.sqrt();
        with_interval(metric, |difference| {
            (
                (difference - reach).max(-1.0),
                (difference + reach).min(1.0),
            )
        })
    } else {
        metric
    };
    let loss = |name, sums: fn(&Losses) -> (&ExactSum, &ExactSum)| {
        let of = |side: &Scores, roles: &Option<[OfLabel; 2]>| {
            let [negative, positive] = roles.as_ref()?;
            side.loss([negative, positive], sums)
        };
        welch(name, of(&baseline, &b), of(&current, &c), level)
    };
    Ok(vec![
        auc,
        loss("log_loss", |losses| {
            (&losses.logarithms, &losses.squared_logarithms)
        }),
        loss("brier_score", |losses| {
            (&losses.squares, &losses.fourth_powers)
        }),
    ])
}
