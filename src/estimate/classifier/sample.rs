//! Rows with the shares of the classes in each: expected, or known.

use super::areas::descending;
use super::calibration::Calibrator;
use crate::estimate::isotonic::Place;

/// The code of a label or prediction that is not known.
pub const UNKNOWN: u32 = u32::MAX;

/// Rows of which all is known but, perhaps, their labels.
#[derive(Debug)]
pub(super) struct Sample {
    pub(super) classes: usize,
    /// Of each class that has a score: two have one, that of the second.
    pub(super) scores: Vec<Vec<f64>>,
    pub(super) predictions: Option<Vec<u32>>,
    pub(super) labels: Vec<u32>,
    /// The rows by score, descending, for each class that has one.
    orders: Vec<Vec<u32>>,
}

impl Sample {
    pub(super) fn new(
        classes: usize,
        scores: Vec<Vec<f64>>,
        predictions: Option<Vec<u32>>,
        labels: Vec<u32>,
    ) -> Self {
        Self {
            classes,
            scores,
            predictions,
            labels,
            orders: Vec::new(),
        }
    }

    /// Sorts the rows, as areas under curves need.
    pub(super) fn sort(&mut self) {
        if self.orders.is_empty() {
            self.orders = self
                .scores
                .iter()
                .map(|scores| descending(scores))
                .collect();
        }
    }

    pub(super) fn rows(&self) -> usize {
        self.labels.len()
    }

    pub(super) fn labelled(&self) -> usize {
        self.labels
            .iter()
            .filter(|&&label| label != UNKNOWN)
            .count()
    }

    /// The rows whose label is known.
    pub(super) fn known(&self) -> Self {
        let is_known = |label: &u32| *label != UNKNOWN;
        fn kept<T: Copy>(values: &[T], labels: &[u32], is_known: impl Fn(&u32) -> bool) -> Vec<T> {
            let rows = values.iter().zip(labels);
            rows.filter(|(_, label)| is_known(label))
                .map(|(&value, _)| value)
                .collect()
        }
        let of_scores = |scores: &Vec<f64>| kept(scores, &self.labels, is_known);
        let of_codes = |codes: &Vec<u32>| kept(codes, &self.labels, is_known);
        let mut known = Self::new(
            self.classes,
            self.scores.iter().map(of_scores).collect(),
            self.predictions.as_ref().map(of_codes),
            of_codes(&self.labels),
        );
        if !self.orders.is_empty() {
            known.sort();
        }
        known
    }

    /// The classes that metrics are of, with the scores and the order of each: the second
    /// of two, each of more.
    pub(super) fn scored(&self) -> impl Iterator<Item = (usize, &[f64], &[u32])> {
        let first = usize::from(self.classes == 2);
        let orders = self.orders.iter().map(Vec::as_slice);
        let scored = self
            .scores
            .iter()
            .zip(orders.chain(std::iter::repeat(&[][..])));
        (first..)
            .zip(scored)
            .map(|(class, (scores, order))| (class, scores.as_slice(), order))
    }

    /// The shares where labels are known: 0 and 1.
    pub(super) fn realised(&self) -> Shares {
        let mut shares = vec![0.0; self.rows() * self.classes];
        for (row, &label) in shares.chunks_exact_mut(self.classes).zip(&self.labels) {
            if let Some(share) = row.get_mut(label as usize) {
                *share = 1.0;
            }
        }
        Shares {
            classes: self.classes,
            shares,
            places: Vec::new(),
            totals: Vec::new(),
        }
    }

    /// The shares as somebody knows them: of the second of two classes, of each of more.
    pub(super) fn given(&self, probabilities: &[&[f64]]) -> Shares {
        let of_row = |row: usize| {
            let own = probabilities
                .iter()
                .map(move |own| own.get(row).copied().unwrap_or_default());
            let first = (self.classes == 2).then(|| 1.0 - own.clone().sum::<f64>());
            first.into_iter().chain(own)
        };
        Shares {
            classes: self.classes,
            shares: (0..self.rows()).flat_map(of_row).collect(),
            places: Vec::new(),
            totals: Vec::new(),
        }
    }

    /// The shares that are expected.
    pub(super) fn expected(&self, calibrators: &[Calibrator]) -> Shares {
        let (n, classes) = (self.rows(), self.classes);
        let mut shares = vec![0.0; n * classes];
        let mut places = Vec::with_capacity(n * calibrators.len());
        let mut totals = Vec::with_capacity(n);
        for (row, own) in shares.chunks_exact_mut(classes).enumerate() {
            let start = places.len();
            for (calibrator, scores) in calibrators.iter().zip(&self.scores) {
                places.push(calibrator.place(scores.get(row).copied().unwrap_or_default()));
            }
            let own_places = places.get(start..).unwrap_or_default();
            let values = calibrators.iter().zip(own_places);
            let values = values.map(|(calibrator, place)| calibrator.probability(*place));
            if let [negative, positive] = own {
                *positive = values.sum();
                *negative = 1.0 - *positive;
                totals.push(1.0);
                continue;
            }
            own.iter_mut()
                .zip(values)
                .for_each(|(share, value)| *share = value);
            let total: f64 = own.iter().sum();
            for share in own {
                *share = if total > 0.0 {
                    *share / total
                } else {
                    1.0 / classes as f64
                };
            }
            totals.push(total);
        }
        Shares {
            classes,
            shares,
            places,
            totals,
        }
    }
}

/// How likely each class is in each row.
#[derive(Debug)]
pub(super) struct Shares {
    classes: usize,
    /// (n, classes)
    shares: Vec<f64>,
    /// (n, calibrators)
    places: Vec<Place>,
    /// Of each row, the sum of the probabilities before they were made to sum to 1.
    totals: Vec<f64>,
}

/// How far a value may be from what is expected.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Spread {
    pub(super) variance: f64,
    /// The most that one label changes.
    pub(super) step: f64,
}

impl Shares {
    pub(super) fn rows(&self) -> impl Iterator<Item = &[f64]> {
        self.shares.chunks_exact(self.classes.max(1))
    }

    pub(super) fn of_class(&self, class: usize) -> Vec<f64> {
        let share = |row: &[f64]| row.get(class).copied().unwrap_or_default();
        self.rows().map(share).collect()
    }

    /// The spread of a sum over rows whose class is drawn by the shares, of which each adds
    /// `slope(row, class)`: that of the draws, and that of the shares as they were learnt.
    pub(super) fn spread(
        &self,
        calibrators: &[Calibrator],
        slope: impl Fn(usize, usize) -> f64,
    ) -> Spread {
        let mut spread = Spread::default();
        let mut sums: Vec<Vec<f64>> = calibrators.iter().map(|c| vec![0.0; c.blocks()]).collect();
        let places = self.places.chunks_exact(calibrators.len().max(1));
        let rows = self.rows().zip(&self.totals).zip(places);
        for (row, ((shares, &total), places)) in rows.enumerate() {
            let (mut mean, mut squares) = (0.0, 0.0);
            let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
            for (class, share) in shares.iter().enumerate() {
                let value = slope(row, class);
                mean += share * value;
                squares += share * value * value;
                least = least.min(value);
                most = most.max(value);
            }
            if most == 0.0 && least == 0.0 {
                continue;
            }
            spread.variance += (squares - mean * mean).max(0.0);
            spread.step = spread.step.max(most - least);
            for (calibrator, (sums, place)) in sums.iter_mut().zip(places).enumerate() {
                let change = if self.classes == 2 {
                    slope(row, 1) - slope(row, 0)
                } else if total > 0.0 {
                    (slope(row, calibrator) - mean) / total
                } else {
                    0.0
                };
                for (at, share) in [(place.low, 1.0 - place.share), (place.high, place.share)] {
                    if let Some(sum) = sums.get_mut(at as usize) {
                        *sum += change * share;
                    }
                }
            }
        }
        let learnt = calibrators
            .iter()
            .zip(&sums)
            .map(|(c, sums)| c.variance(sums));
        spread.variance += learnt.sum::<f64>();
        spread
    }
}
