//! Codes of labels.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::CODES;
use crate::drift::{Categorical, ChiSquare, Counts};
use crate::error::Result;
use crate::table::profile::{LabelCounts, Numbers};
use crate::table::verdict::{Moved, Unseen, pooled};

/// So many labels have a code of their own.
const NAMED: u8 = 253;
/// The others of the baseline.
const REST: u8 = NAMED;
/// What the baseline has not.
pub(super) const UNSEEN: u8 = NAMED + 1;

/// A code for each label of a baseline.
#[derive(Debug, PartialEq)]
pub(super) struct LabelBins {
    codes: Codes,
    /// Of the baseline, by code.
    counts: Vec<u64>,
    singletons: u64,
    doubletons: u64,
    n: u64,
}

#[derive(Debug, PartialEq)]
enum Codes {
    /// By label; whether a label that is not named may be one of the baseline.
    Named(HashMap<Box<str>, u8, FixedState>, bool),
    /// Numbers that name something, ascending.
    Numbers(Vec<f64>),
}

impl LabelBins {
    pub(super) fn of(labels: &LabelCounts) -> Self {
        let mut order: Vec<_> = labels.iter().collect();
        order.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        let mut counts = vec![0; usize::from(UNSEEN) + 1];
        let mut codes = HashMap::default();
        for (place, (label, count)) in order.iter().enumerate() {
            let code = u8::try_from(place).unwrap_or(REST).min(REST);
            codes.insert(Box::from(*label), code);
            if let Some(sum) = counts.get_mut(usize::from(code)) {
                *sum += count;
            }
        }
        let named: u64 = counts.iter().sum();
        if let Some(rest) = counts.get_mut(usize::from(REST)) {
            *rest += labels.len() - named;
        }
        let times = |n| order.iter().filter(|(_, count)| *count == n).count() as u64;
        Self {
            codes: Codes::Named(codes, labels.overflowed()),
            counts,
            singletons: times(1),
            doubletons: times(2),
            n: labels.len(),
        }
    }

    /// Of whole numbers of which there are few.
    pub(super) fn of_codes(numbers: &Numbers) -> Self {
        let (values, mut counts): (Vec<f64>, Vec<u64>) = numbers.runs().unzip();
        let times = |n: u64| counts.iter().filter(|count| **count == n).count() as u64;
        let (singletons, doubletons) = (times(1), times(2));
        counts.resize(usize::from(UNSEEN) + 1, 0);
        Self {
            codes: Codes::Numbers(values),
            counts,
            singletons,
            doubletons,
            n: numbers.len(),
        }
    }

    pub(super) fn are_flags(&self) -> bool {
        let Codes::Named(codes, _) = &self.codes else {
            return false;
        };
        codes
            .keys()
            .all(|label| matches!(&**label, "false" | "true"))
    }

    pub(super) fn are_numbers(&self) -> bool {
        matches!(self.codes, Codes::Numbers(_))
    }

    pub(super) fn number(&self, value: f64) -> u8 {
        match &self.codes {
            Codes::Numbers(values) => {
                let place = values.iter().position(|own| *own == value);
                place.map_or(UNSEEN, |place| u8::try_from(place).unwrap_or(UNSEEN))
            }
            Codes::Named(..) => UNSEEN,
        }
    }

    pub(super) fn label(&self, label: &str) -> u8 {
        match &self.codes {
            Codes::Named(codes, overflowed) => {
                let other = if *overflowed { REST } else { UNSEEN };
                codes.get(label).copied().unwrap_or(other)
            }
            Codes::Numbers(_) => UNSEEN,
        }
    }

    pub(super) fn unseen(&self, counts: &[u64; CODES]) -> Unseen {
        let [values @ .., _] = counts;
        Unseen {
            rows: counts.get(usize::from(UNSEEN)).copied().unwrap_or(0),
            n_current: values.iter().sum(),
            singletons: self.singletons,
            doubletons: self.doubletons,
            n_baseline: self.n,
        }
    }

    pub(super) fn moved(
        &self,
        counts: &[u64; CODES],
        p_values: bool,
    ) -> Result<(Moved, Option<f64>)> {
        let [values @ .., _] = counts;
        let pairs = self.counts.iter().zip(values);
        let (baseline, current): (Vec<u64>, Vec<u64>) =
            pairs.filter(|(b, c)| **b + **c > 0).unzip();
        let log_p_value = if p_values {
            let (b, c) = pooled(&baseline, &current);
            let outcome = ChiSquare::default().judge_counts(&Counts::new(&b, &c)?)?;
            outcome.p_value.map(|p| p.ln())
        } else {
            None
        };
        Ok((Moved::Counts { baseline, current }, log_p_value))
    }

    /// The numbers that name something, and how often they were counted; one beyond them for
    /// those that the baseline has not.
    pub(super) fn numbers(&self, counts: &[u64; CODES]) -> Vec<(f64, u64)> {
        let Codes::Numbers(values) = &self.codes else {
            return Vec::new();
        };
        let unseen = counts.get(usize::from(UNSEEN)).copied().unwrap_or(0);
        let beyond = values.last().copied().unwrap_or(0.0) + 1.0;
        let own = values
            .iter()
            .zip(counts)
            .map(|(value, count)| (*value, *count));
        own.chain([(beyond, unseen)]).collect()
    }

    /// The labels, as often as they were counted; those without a name as in the baseline.
    pub(super) fn labels(&self, baseline: &LabelCounts, counts: &[u64; CODES]) -> LabelCounts {
        let Codes::Named(codes, _) = &self.codes else {
            return LabelCounts::default();
        };
        let count = |code: u8| counts.get(usize::from(code)).copied().unwrap_or(0);
        let rest: u64 = baseline
            .iter()
            .filter(|(label, _)| codes.get(*label) == Some(&REST))
            .map(|(_, count)| count)
            .sum();
        let (mut before, mut given) = (0u64, 0u64);
        let named = baseline.iter().filter_map(|(label, own)| {
            let code = *codes.get(label)?;
            if code != REST {
                return Some((label.to_owned(), count(code)));
            }
            // Rounded sums: their differences add up.
            before += own;
            let upto = (u128::from(before) * u128::from(count(REST)) / u128::from(rest)) as u64;
            let part = upto - given;
            given = upto;
            Some((label.to_owned(), part))
        });
        let named: Vec<_> = named.filter(|(_, count)| *count > 0).collect();
        let unseen = Some(count(UNSEEN)).filter(|count| *count > 0);
        let unseen = unseen.map(|count| ("(not in the baseline)".to_owned(), count));
        LabelCounts::from_counts(named.into_iter().chain(unseen))
    }
}
