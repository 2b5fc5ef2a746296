//! The limit laws of tied data: a vibrating string that carries beads.

use std::f64::consts::PI;

use super::limit::NEGLIGIBLE;

const NODES: u32 = 64;
/// Beyond these many integrals the probability of less is below exp(-45).
const MAX_TERMS: usize = 64;
/// Closer to a zero than this, relative to it, the determinant is interpolated.
const NEAR: f64 = 0.02;

/// The law of sum w_i B_i^2 for a Brownian bridge that is looked at in finitely
/// many places: a sum of chi-squares whose weights are the inverse eigenvalues
/// of the string with spans `share`, each with mass `middle` at the mean of its
/// ends, and mass `end` at its upper end.
pub(super) struct BeadedString {
    pub(super) share: Vec<f64>,
    pub(super) middle: Vec<f64>,
    pub(super) end: Vec<f64>,
}

impl BeadedString {
    /// The Fredholm determinant, product of (1 - u / eigenvalue), and how many
    /// eigenvalues are below `u`: the string is plucked at its lower end; its
    /// shape changes sign once for each (Gantmacher, Krein, Oscillation
    /// matrices, 2002, chapter II).
    fn determinant(&self, u: f64) -> (f64, usize) {
        let mut below = 0;
        let (mut before, mut here) = (0.0, 1.0);
        let (mut slope, mut product, mut pull) = (0.0, 1.0, 0.0);
        for (i, &share) in self.share.iter().enumerate() {
            let middle = 0.25 * u * self.middle[i];
            let next_slope = 1.0 / share + middle;
            if i == 0 {
                here = 1.0 / next_slope;
            } else {
                let diagonal = pull + 1.0 / share - middle;
                let next = (here * diagonal - before * slope) / next_slope;
                before = here;
                here = next;
                below += usize::from((here < 0.0) != (before < 0.0));
            }
            product *= share * next_slope;
            pull = 1.0 / share - middle - u * self.end[i];
            slope = next_slope;
        }
        (here * product, below)
    }

    /// The eigenvalue of rank `j` (from 1), above `low`; `None` when there is none.
    fn eigenvalue(&self, j: usize, low: f64) -> Option<f64> {
        if j >= self.share.len() {
            return None;
        }
        let (mut low, mut high) = (low, low.max(1.0) * 2.0);
        while self.determinant(high).1 < j {
            low = high;
            high *= 2.0;
            if high > 1e300 {
                return None;
            }
        }
        // Bisection, as long as others are between.
        while self.determinant(high).1 > j || self.determinant(low).1 + 1 < j {
            let middle = 0.5 * (low + high);
            if middle <= low || middle >= high {
                return Some(middle);
            }
            if self.determinant(middle).1 < j {
                low = middle;
            } else {
                high = middle;
            }
        }
        let (mut left, mut right) = (self.determinant(low).0, self.determinant(high).0);
        if self.determinant(low).1 >= j {
            return Some(low);
        }
        // Regula falsi (Illinois), with a bisection every third time.
        for step in 0..200 {
            let mut middle = (low * right - high * left) / (right - left);
            let tight = 4e-16 * high;
            if step % 3 == 2 || !(middle > low && middle < high) {
                middle = 0.5 * (low + high);
            } else {
                // Past a zero that is already met, so that both ends come near.
                middle = middle.max(low + tight).min(high - tight);
            }
            if high - low <= 2.0 * tight {
                break;
            }
            let (value, below) = self.determinant(middle);
            if below < j {
                (low, left) = (middle, value);
                right *= 0.5;
            } else {
                (high, right) = (middle, value);
                left *= 0.5;
            }
        }
        Some(0.5 * (low + high))
    }

    /// The lowest three: beyond, their cubes are below 1/4,000 of the first.
    pub(super) fn first_eigenvalues(&self) -> Vec<f64> {
        let mut found = Vec::new();
        for j in 1..=3 {
            match self.eigenvalue(j, found.last().copied().unwrap_or(0.0)) {
                Some(u) => found.push(u),
                None => break,
            }
        }
        found
    }

    /// ln P(sum >= x).
    pub(super) fn log_sf(&self, x: f64) -> f64 {
        if x <= 0.0 {
            return 0.0;
        }
        let Some(first) = self.eigenvalue(1, 0.0) else {
            return f64::NEG_INFINITY;
        };
        let (mut total, mut sign, mut low) = (0.0, 1.0, first);
        for k in 1..=MAX_TERMS {
            let offset = 0.5 * x * (low - first);
            if offset > NEGLIGIBLE {
                break;
            }
            let high = self.eigenvalue(2 * k, low);
            let term = match high {
                Some(high) => self.between(x, low, high),
                None => self.beyond(x, low),
            };
            total += sign * term * (-offset).exp();
            sign = -sign;
            match high.and_then(|high| self.eigenvalue(2 * k + 1, high)) {
                Some(next) if k < MAX_TERMS => low = next,
                Some(_) => return 0.0,
                None => break,
            }
        }
        let half = 0.5 * x * first;
        (total / PI).ln().min(half) - half
    }

    /// The integral of exp(-x (u - low) / 2) / (u sqrt|D|), as in the law of
    /// continuous data.
    fn between(&self, x: f64, low: f64, high: f64) -> f64 {
        let width = high - low;
        let reach = NEGLIGIBLE / (0.5 * x * width);
        let angle = 2.0 * reach.min(1.0).sqrt().asin();
        let step = angle / f64::from(NODES);
        let quotient = self.quotient(low);
        let mut total = 0.0;
        for i in 0..NODES {
            let (sine, cosine) = (0.5 * (f64::from(i) + 0.5) * step).sin_cos();
            let distance = width * sine * sine;
            // D is linear in sine^2 here, so that the sine cancels.
            let root = quotient(distance).abs().sqrt();
            total += (-0.5 * x * distance).exp() / (low + distance) * cosine / root;
        }
        total * step * width.sqrt()
    }

    /// The same without an upper end: u = low cosh(t)^2.
    fn beyond(&self, x: f64, low: f64) -> f64 {
        const STEP: f64 = 0.02;
        let quotient = self.quotient(low);
        let mut total = 0.0;
        for i in 0..2200u32 {
            let t = STEP * (f64::from(i) + 0.5);
            let (sine, cosine) = (t.sinh(), t.cosh());
            let distance = low * sine * sine;
            if 0.5 * x * distance > NEGLIGIBLE {
                break;
            }
            let root = quotient(distance).abs().sqrt();
            let term = (-0.5 * x * distance).exp() * 2.0 / (cosine * root);
            total += term;
            if term < 1e-18 * total {
                break;
            }
        }
        total * STEP / low.sqrt()
    }

    /// D(low + distance) / distance, without cancellation near the zero.
    fn quotient(&self, low: f64) -> impl Fn(f64) -> f64 + '_ {
        const POINTS: [f64; 6] = [-1.0, -0.6, -0.3, 0.3, 0.6, 1.0];
        let span = NEAR * low;
        let values = POINTS.map(|p| self.determinant(low + p * span).0 / (p * span));
        move |distance| {
            if distance > span {
                return self.determinant(low + distance).0 / distance;
            }
            // Lagrange
            let s = distance / span;
            let mut total = 0.0;
            for (i, value) in values.iter().enumerate() {
                let mut weight = 1.0;
                for (j, p) in POINTS.iter().enumerate() {
                    if i != j {
                        weight *= (s - p) / (POINTS[i] - p);
                    }
                }
                total += weight * value;
            }
            total
        }
    }
}
