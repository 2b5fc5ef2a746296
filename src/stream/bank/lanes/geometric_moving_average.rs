//! Geometric moving averages in lanes.

use super::{DRIFT, InLanes, LANES, mask, renewed, select, taken};
use crate::stream::geometric_moving_average::{
    GeometricMovingAverage, GeometricMovingAverageParameters,
};
use crate::stream::page_hinkley::Mode;

/// A field of [`GeometricMovingAverage`] each; counts are exact up to 2^53.
#[derive(Default)]
pub(in crate::stream::bank) struct Lanes {
    n: [f64; LANES],
    mean: [f64; LANES],
    average: [f64; LANES],
    since: [f64; LANES],
}

pub(in crate::stream::bank) struct Constants {
    least: f64,
    alpha: f64,
    /// Infinite for what does not count.
    up: f64,
    down: f64,
}

impl InLanes for GeometricMovingAverage {
    type Lanes = Lanes;
    type Constants = Constants;

    fn constants(parameters: &GeometricMovingAverageParameters) -> Constants {
        let limit = |other| match parameters.mode {
            mode if mode == other => f64::INFINITY,
            _ => parameters.threshold,
        };
        Constants {
            least: parameters.min_instances as f64,
            alpha: parameters.alpha,
            up: limit(Mode::Down),
            down: limit(Mode::Up),
        }
    }

    fn put(&self, lanes: &mut Lanes, lane: usize) {
        lanes.n[lane] = self.n as f64;
        lanes.mean[lane] = self.mean;
        lanes.average[lane] = self.average;
        lanes.since[lane] = self.since as f64;
    }

    fn get(&mut self, lanes: &Lanes, lane: usize) {
        self.n = lanes.n[lane] as u64;
        self.mean = lanes.mean[lane];
        self.average = lanes.average[lane];
        self.since = lanes.since[lane] as u64;
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
            let x = row[l];
            let n = s.n[l] + 1.0;
            let mean = s.mean[l] + (x - s.mean[l]) / n;
            let average = constants.alpha * s.average[l] + (1.0 - constants.alpha) * (x - mean);
            let turned = (s.average[l] > 0.0) != (average > 0.0);
            let over = (average > constants.up) | (-average > constants.down);
            let signal = mask((n >= constants.least) & over) & DRIFT;
            s.since[l] = select(take & turned, s.n[l], s.since[l]);
            s.n[l] = select(take, n, s.n[l]);
            s.mean[l] = select(take, mean, s.mean[l]);
            s.average[l] = select(take, average, s.average[l]);
            signals[l] = renewed(take, signal, signals[l]);
            merged |= signals[l] & live[l];
        }
        merged
    }
}
