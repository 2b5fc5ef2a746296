//! The limit laws of tied data: a vibrating string that carries beads.

use std::f64::consts::PI;

use super::limit::NEGLIGIBLE;

/// A multiple of [`LANES`].
const NODES: u32 = 64;
/// Beyond these many integrals the probability of less is below exp(-45).
const MAX_TERMS: usize = 64;
/// Closer to a zero than this, relative to it, the determinant is interpolated.
const NEAR: f64 = 0.02;

/// Determinants that are found side by side.
const LANES: usize = 8;
/// A shape that grows beyond is made smaller by this.
const LARGE: f64 = 1e100;

/// The law of sum w_i B_i^2 for a Brownian bridge that is looked at in finitely
/// many places: a sum of chi-squares whose weights are the inverse eigenvalues
/// of the string with spans `share`, each with mass `middle` at the mean of its
/// ends, and mass `end` at its upper end.
pub(super) struct BeadedString {
    pub(super) share: Vec<f64>,
    pub(super) middle: Vec<f64>,
    pub(super) end: Vec<f64>,
    steps: Vec<Step>,
}

/// What a span, but for the first, does to the shape of the string, times the
/// spans up to it and their deflections: so that nothing is divided by.
struct Step {
    stiffness: f64,
    load: f64,
    ratio: f64,
    bend: f64,
}

impl Step {
    fn next(&self, u: f64, here: f64, before: f64) -> f64 {
        let bend = 1.0 + u * self.bend;
        here * (self.stiffness - u * self.load) - before * (self.ratio * (bend * bend))
    }
}

impl BeadedString {
    pub(super) fn new(share: Vec<f64>, middle: Vec<f64>, end: Vec<f64>) -> Self {
        let steps = (1..share.len())
            .map(|i| {
                let ratio = share[i] / share[i - 1];
                Step {
                    stiffness: 1.0 + ratio,
                    load: share[i] * (0.25 * (middle[i - 1] + middle[i]) + end[i - 1]),
                    ratio,
                    bend: 0.25 * share[i - 1] * middle[i - 1],
                }
            })
            .collect();
        Self {
            share,
            middle,
            end,
            steps,
        }
    }

    /// The Fredholm determinant, product of (1 - u / eigenvalue), and how many
    /// eigenvalues are below `u`: the string is plucked at its lower end; its
    /// shape changes sign once for each (Gantmacher, Krein, Oscillation
    /// matrices, 2002, chapter II).
    fn determinant(&self, u: f64) -> (f64, usize) {
        let (mut below, mut scale) = (0, 1.0);
        let (mut before, mut here) = (0.0, self.share.first().copied().unwrap_or(1.0));
        for step in &self.steps {
            let next = step.next(u, here, before);
            before = here;
            here = next;
            below += usize::from((here < 0.0) != (before < 0.0));
            while here.abs() > LARGE {
                here /= LARGE;
                before /= LARGE;
                scale *= LARGE;
            }
        }
        (here * scale, below)
    }

    /// The determinants at several places, in the time of about two.
    fn determinants(&self, u: [f64; LANES]) -> [f64; LANES] {
        let mut before = [0.0; LANES];
        let mut here = [self.share.first().copied().unwrap_or(1.0); LANES];
        for step in &self.steps {
            for ((before, here), &u) in before.iter_mut().zip(&mut here).zip(&u) {
                let next = step.next(u, *here, *before);
                *before = *here;
                *here = next;
            }
        }
        if here.iter().all(|value| value.is_finite()) {
            here
        } else {
            u.map(|u| self.determinant(u).0)
        }
    }

    /// The eigenvalue of rank `j` (from 1), above `low`; `None` when there is none.
    fn eigenvalue(&self, j: usize, low: f64) -> Option<f64> {
        if j >= self.share.len() {
            return None;
        }
        let (mut low, mut high) = (low, low.max(1.0) * 2.0);
        let (mut at_low, mut at_high) = (self.determinant(low), self.determinant(high));
        while at_high.1 < j {
            (low, at_low) = (high, at_high);
            high *= 2.0;
            if high > LARGE {
                return None;
            }
            at_high = self.determinant(high);
        }
        // Bisection, as long as others are between.
        while at_high.1 > j || at_low.1 + 1 < j {
            let middle = 0.5 * (low + high);
            if middle <= low || middle >= high {
                return Some(middle);
            }
            let at_middle = self.determinant(middle);
            if at_middle.1 < j {
                (low, at_low) = (middle, at_middle);
            } else {
                (high, at_high) = (middle, at_middle);
            }
        }
        if at_low.1 >= j {
            return Some(low);
        }
        let (mut left, mut right) = (at_low.0, at_high.0);
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
        let near = self.near(low);
        let mut total = 0.0;
        for first in (0..NODES).step_by(LANES) {
            let mut cosines = [0.0; LANES];
            let mut distances = [0.0; LANES];
            let nodes = cosines.iter_mut().zip(&mut distances);
            for (i, (cosine, distance)) in (first..).zip(nodes) {
                let (sine, own) = (0.5 * (f64::from(i) + 0.5) * step).sin_cos();
                *cosine = own;
                *distance = width * sine * sine;
            }
            let determinants = self.determinants(distances.map(|distance| low + distance));
            for ((distance, determinant), cosine) in
                distances.into_iter().zip(determinants).zip(cosines)
            {
                // D is linear in sine^2 here, so that the sine cancels.
                let root = near.quotient(distance, || determinant).abs().sqrt();
                total += (-0.5 * x * distance).exp() / (low + distance) * cosine / root;
            }
        }
        total * step * width.sqrt()
    }

    /// The same without an upper end: u = low cosh(t)^2.
    fn beyond(&self, x: f64, low: f64) -> f64 {
        const STEP: f64 = 0.02;
        let near = self.near(low);
        let mut total = 0.0;
        for i in 0..2200u32 {
            let t = STEP * (f64::from(i) + 0.5);
            let (sine, cosine) = (t.sinh(), t.cosh());
            let distance = low * sine * sine;
            if 0.5 * x * distance > NEGLIGIBLE {
                break;
            }
            let determinant = || self.determinant(low + distance).0;
            let root = near.quotient(distance, determinant).abs().sqrt();
            let term = (-0.5 * x * distance).exp() * 2.0 / (cosine * root);
            total += term;
            if term < 1e-18 * total {
                break;
            }
        }
        total * STEP / low.sqrt()
    }

    /// For D(low + distance) / distance, where `low` is a zero of D.
    fn near(&self, low: f64) -> Near {
        let span = NEAR * low;
        let mut places = [low; LANES];
        for (place, p) in places.iter_mut().zip(POINTS) {
            *place = low + p * span;
        }
        let mut quotients = [0.0; POINTS.len()];
        let determinants = self.determinants(places);
        for ((quotient, p), determinant) in quotients.iter_mut().zip(POINTS).zip(determinants) {
            *quotient = determinant / (p * span);
        }
        Near { span, quotients }
    }
}

/// Places around a zero of the determinant, in spans from it.
const POINTS: [f64; 6] = [-1.0, -0.6, -0.3, 0.3, 0.6, 1.0];

/// What is interpolated around a zero, so that nothing cancels.
struct Near {
    span: f64,
    /// At each of [`POINTS`].
    quotients: [f64; POINTS.len()],
}

impl Near {
    /// D(low + distance) / distance; D there is asked for only when it is not near.
    fn quotient(&self, distance: f64, determinant: impl FnOnce() -> f64) -> f64 {
        if distance > self.span {
            return determinant() / distance;
        }
        // Lagrange
        let s = distance / self.span;
        let mut total = 0.0;
        for (i, value) in self.quotients.iter().enumerate() {
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
