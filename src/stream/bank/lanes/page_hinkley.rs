//! Page-Hinkley tests in lanes.

use super::{DRIFT, InLanes, LANES, mask, renewed, select, taken};
use crate::stream::page_hinkley::{Mode, PageHinkley, PageHinkleyParameters};

/// A field of [`PageHinkley`] each; counts are exact up to 2^53.
#[derive(Default)]
pub(in crate::stream::bank) struct Lanes {
    n: [f64; LANES],
    mean: [f64; LANES],
    rising: [f64; LANES],
    falling: [f64; LANES],
    lowest: [f64; LANES],
    highest: [f64; LANES],
    lowest_at: [f64; LANES],
    highest_at: [f64; LANES],
}

pub(in crate::stream::bank) struct Constants {
    least: f64,
    delta: f64,
    alpha: f64,
    /// Infinite for what does not count.
    up: f64,
    down: f64,
}

impl InLanes for PageHinkley {
    type Lanes = Lanes;
    type Constants = Constants;

    fn constants(parameters: &PageHinkleyParameters) -> Constants {
        let limit = |other| match parameters.mode {
            mode if mode == other => f64::INFINITY,
            _ => parameters.threshold,
        };
        Constants {
            least: parameters.min_instances as f64,
            delta: parameters.delta,
            alpha: parameters.alpha,
            up: limit(Mode::Down),
            down: limit(Mode::Up),
        }
    }

    fn put(&self, lanes: &mut Lanes, lane: usize) {
        lanes.n[lane] = self.n as f64;
        lanes.mean[lane] = self.mean;
        lanes.rising[lane] = self.rising;
        lanes.falling[lane] = self.falling;
        lanes.lowest[lane] = self.lowest;
        lanes.highest[lane] = self.highest;
        lanes.lowest_at[lane] = self.lowest_at as f64;
        lanes.highest_at[lane] = self.highest_at as f64;
    }

    fn get(&mut self, lanes: &Lanes, lane: usize) {
        self.n = lanes.n[lane] as u64;
        self.mean = lanes.mean[lane];
        self.rising = lanes.rising[lane];
        self.falling = lanes.falling[lane];
        self.lowest = lanes.lowest[lane];
        self.highest = lanes.highest[lane];
        self.lowest_at = lanes.lowest_at[lane] as u64;
        self.highest_at = lanes.highest_at[lane] as u64;
    }

    #[inline(always)]
    fn step_lanes<const ALL: bool>(
        s: &mut Lanes,
        constants: &Constants,
        row: &[f64; LANES],
        live: &[u64; LANES],
        signals: &mut [u64; LANES],
    ) -> u64 {
        let mut merged = 0;
        for l in 0..LANES {
            let take = ALL || taken(row[l]);
            let x = select(take, row[l], 0.0);
            let n = s.n[l] + 1.0;
            let mean = s.mean[l] + (x - s.mean[l]) / n;
            let deviation = x - mean;
            let rising = constants.alpha * s.rising[l] + deviation - constants.delta;
            let falling = constants.alpha * s.falling[l] + deviation + constants.delta;
            let first = n == 1.0;
            let lower = (rising < s.lowest[l]) | first;
            let higher = (falling > s.highest[l]) | first;
            let lowest = select(lower, rising, s.lowest[l]);
            let highest = select(higher, falling, s.highest[l]);
            let over = (rising - lowest > constants.up) | (highest - falling > constants.down);
            let signal = mask((n >= constants.least) & over) & DRIFT;
            s.lowest_at[l] = select(take & lower, n, s.lowest_at[l]);
            s.highest_at[l] = select(take & higher, n, s.highest_at[l]);
            s.n[l] = select(take, n, s.n[l]);
            s.mean[l] = select(take, mean, s.mean[l]);
            s.rising[l] = select(take, rising, s.rising[l]);
            s.falling[l] = select(take, falling, s.falling[l]);
            s.lowest[l] = select(take, lowest, s.lowest[l]);
            s.highest[l] = select(take, highest, s.highest[l]);
            signals[l] = renewed(take, signal, signals[l]);
            merged |= signals[l] & live[l];
        }
        merged
    }
}
