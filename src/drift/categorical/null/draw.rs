//! Random counts.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

use super::factorial::Factorials;

/// Up to this many units are drawn one by one.
const ONE_BY_ONE: u64 = 12;
/// From this variance on a rounded normal number stands for a binomial one: its
/// distribution function is off by less than 0.002.
const NORMAL_FROM: f64 = 1000.0;

pub(super) struct Source {
    bits: Xoshiro256PlusPlus,
    spare: Option<f64>,
    factorials: Factorials,
}

impl Source {
    pub(super) fn new(seed: u64, largest: u64) -> Self {
        Self {
            bits: Xoshiro256PlusPlus::seed_from_u64(seed),
            spare: None,
            factorials: Factorials::new(largest),
        }
    }

    /// Uniform in [0, 1).
    fn uniform(&mut self) -> f64 {
        (self.bits.next_u64() >> 11) as f64 * (0.5 / (1u64 << 52) as f64)
    }

    /// Standard normal.
    ///
    /// # Source
    /// Marsaglia & Bray, A convenient method for generating normal variables,
    /// 1964.
    fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        loop {
            let (x, y) = (2.0 * self.uniform() - 1.0, 2.0 * self.uniform() - 1.0);
            let square = x * x + y * y;
            if square > 0.0 && square < 1.0 {
                let factor = (-2.0 * square.ln() / square).sqrt();
                self.spare = Some(y * factor);
                return x * factor;
            }
        }
    }

    /// Gamma with this shape, at least 1/2, and scale 1.
    ///
    /// # Source
    /// Marsaglia & Tsang, A simple method for generating gamma variables, 2000,
    /// sections 2 and 6 (shapes below 1).
    pub(super) fn gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            let boost = (1.0 - self.uniform()).powf(1.0 / shape);
            return self.gamma(shape + 1.0) * boost;
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let v = (1.0 + c * x).powi(3);
            if v > 0.0 {
                let u = 1.0 - self.uniform();
                if u.ln() < 0.5 * x * x + d - d * v + d * v.ln() {
                    return d * v;
                }
            }
        }
    }

    /// How many of `draws` units drawn without return are among `marked`.
    pub(super) fn hypergeometric(&mut self, marked: u64, others: u64, draws: u64) -> u64 {
        let all = marked + others;
        // Marked and drawn are two independent choices: either may come first.
        let (few, many) = (marked.min(draws), marked.max(draws));
        if few <= ONE_BY_ONE {
            let mut left = many;
            for k in 0..few {
                if self.uniform() * ((all - k) as f64) < left as f64 {
                    left -= 1;
                }
            }
            return many - left;
        }
        let lowest = (few + many).saturating_sub(all);
        let mode = (u128::from(few + 1) * u128::from(many + 1) / u128::from(all + 2)) as u64;
        let mode = mode.clamp(lowest, few);
        let ln = |n| self.factorials.ln(n);
        let chosen = |n, k| ln(n) - ln(k) - ln(n - k);
        let at_mode = chosen(many, mode) + chosen(all - many, few - mode) - chosen(all, few);
        let ratio = |h: u64| {
            let fall = (few - h) as f64 * (many - h) as f64;
            fall / ((h + 1) as f64 * (all - many + h + 1 - few) as f64)
        };
        let at_mode = at_mode.exp();
        self.around(mode, (lowest, few), at_mode, ratio)
    }

    /// How many of `n` trials succeed.
    fn binomial(&mut self, n: u64, p: f64) -> u64 {
        if n == 0 || p <= 0.0 {
            return 0;
        }
        if p >= 1.0 {
            return n;
        }
        let mean = n as f64 * p;
        let variance = mean * (1.0 - p);
        if variance > NORMAL_FROM {
            let drawn = mean + self.normal() * variance.sqrt();
            return (drawn.round().max(0.0) as u64).min(n);
        }
        let mode = (((n + 1) as f64 * p) as u64).min(n);
        let ln = |n| self.factorials.ln(n);
        let ways = ln(n) - ln(mode) - ln(n - mode);
        let at_mode = (ways + mode as f64 * p.ln() + (n - mode) as f64 * (-p).ln_1p()).exp();
        let odds = p / (1.0 - p);
        let ratio = |h: u64| (n - h) as f64 / (h + 1) as f64 * odds;
        self.around(mode, (0, n), at_mode, ratio)
    }

    /// How many of `n` units fall on each share of a whole.
    pub(super) fn multinomial(&mut self, mut n: u64, shares: &[f64], into: &mut [u64]) {
        let mut left: f64 = shares.iter().sum();
        for (&share, count) in shares.iter().zip(into) {
            *count = self.binomial(n, if left > 0.0 { share / left } else { 0.0 });
            n -= *count;
            left -= share;
        }
    }

    /// Inversion from the mode outwards, given P(h + 1) / P(h).
    fn around(
        &mut self,
        mode: u64,
        (lowest, highest): (u64, u64),
        at_mode: f64,
        ratio: impl Fn(u64) -> f64,
    ) -> u64 {
        let mut left = self.uniform() - at_mode;
        if left < 0.0 {
            return mode;
        }
        let (mut up, mut down) = (at_mode, at_mode);
        let (mut above, mut below) = (mode, mode);
        loop {
            if above < highest {
                up *= ratio(above);
                above += 1;
                left -= up;
                if left < 0.0 {
                    return above;
                }
            }
            if below > lowest {
                below -= 1;
                down /= ratio(below);
                left -= down;
                if left < 0.0 {
                    return below;
                }
            }
            // What rounding left over.
            let over = above >= highest && below <= lowest;
            if over || (up < 1e-17 && down < 1e-17) {
                return mode;
            }
        }
    }
}
