//! Features as numbers.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

/// A category counts as if it had so many rows of the overall mean besides its own.
const PRIOR_ROWS: f64 = 20.0;

/// A feature of each row.
#[derive(Debug, Clone, Copy)]
pub enum Feature<'a> {
    /// NaN is missing.
    Numbers(&'a [f64]),
    /// Codes into different labels; one beyond them is missing.
    Labels(&'a [u32], &'a [Box<str>]),
}

impl Feature<'_> {
    pub(super) fn rows(&self) -> usize {
        match self {
            Self::Numbers(values) => values.len(),
            Self::Labels(codes, _) => codes.len(),
        }
    }
}

/// How a feature becomes a number: labels by their place in the order of their mean loss.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum Encoder {
    Numbers,
    Labels(Vec<String>),
}

impl Encoder {
    pub(super) fn fit(feature: Feature<'_>, losses: &[f64]) -> Self {
        let Feature::Labels(codes, labels) = feature else {
            return Self::Numbers;
        };
        let mut sums = vec![(0.0, 0.0); labels.len()];
        let (mut all, mut rows) = (0.0, 0.0);
        for (&code, &loss) in codes.iter().zip(losses).filter(|(_, loss)| !loss.is_nan()) {
            all += loss;
            rows += 1.0;
            if let Some((sum, rows)) = sums.get_mut(code as usize) {
                *sum += loss;
                *rows += 1.0;
            }
        }
        let mean = if rows > 0.0 { all / rows } else { 0.0 };
        let known = labels.iter().zip(sums).filter(|(_, (_, rows))| *rows > 0.0);
        let mut order: Vec<(f64, &str)> = known
            .map(|(label, (sum, rows))| ((sum + PRIOR_ROWS * mean) / (rows + PRIOR_ROWS), &**label))
            .collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(b.1)));
        Self::Labels(
            order
                .into_iter()
                .map(|(_, label)| label.to_owned())
                .collect(),
        )
    }

    /// Of these rows. NaN is missing; so is a label that the baseline had not. `None` for
    /// labels where there were numbers, and the reverse.
    pub(super) fn encode_rows(&self, feature: Feature<'_>, taken: &[usize]) -> Option<Vec<f64>> {
        match (self, feature) {
            (Self::Numbers, Feature::Numbers(values)) => {
                let value = |&row: &usize| values.get(row).copied().unwrap_or(f64::NAN);
                Some(taken.iter().map(value).collect())
            }
            (Self::Labels(order), Feature::Labels(codes, labels)) => {
                let places = order.iter().zip(0_u32..);
                let places: HashMap<&str, u32> = places
                    .map(|(label, place)| (label.as_str(), place))
                    .collect();
                let place = |label: &str| places.get(label).map_or(f64::NAN, |&p| f64::from(p));
                let places: Vec<f64> = labels.iter().map(|label| place(label)).collect();
                let place = |&row: &usize| {
                    let code = codes.get(row).map(|&code| code as usize);
                    let place = code.and_then(|code| places.get(code));
                    place.copied().unwrap_or(f64::NAN)
                };
                Some(taken.iter().map(place).collect())
            }
            _ => None,
        }
    }
}
