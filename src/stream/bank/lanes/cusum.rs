//! Cumulative sums in lanes.

use super::{DRIFT, InLanes, LANES, mask, renewed, select, taken};
use crate::stream::cusum::{CUSUM, CUSUMParameters};
use crate::stream::page_hinkley::Mode;

/// A field of [`CUSUM`] each; counts are exact up to 2^53.
#[derive(Default)]
pub(in crate::stream::bank) struct Lanes {
    n: [f64; LANES],
    mean: [f64; LANES],
    up: [f64; LANES],
    down: [f64; LANES],
    up_since: [f64; LANES],
    down_since: [f64; LANES],
}

pub(in crate::stream::bank) struct Constants {
    least: f64,
    delta: f64,
    target: Option<f64>,
    /// Infinite for what does not count.
    up: f64,
    down: f64,
}

impl InLanes for CUSUM {
    type Lanes = Lanes;
    type Constants = Constants;

    fn constants(parameters: &CUSUMParameters) -> Constants {
        let limit = |other| match parameters.mode {
            mode if mode == other => f64::INFINITY,
            _ => parameters.threshold,
        };
        Constants {
            least: parameters.min_instances as f64,
            delta: parameters.delta,
            target: parameters.target,
            up: limit(Mode::Down),
            down: limit(Mode::Up),
        }
    }

    fn put(&self, lanes: &mut Lanes, lane: usize) {
        lanes.n[lane] = self.n as f64;
        lanes.mean[lane] = self.mean;
        lanes.up[lane] = self.up;
        lanes.down[lane] = self.down;
        lanes.up_since[lane] = self.up_since as f64;
        lanes.down_since[lane] = self.down_since as f64;
    }

    fn get(&mut self, lanes: &Lanes, lane: usize) {
        self.n = lanes.n[lane] as u64;
        self.mean = lanes.mean[lane];
        self.up = lanes.up[lane];
        self.down = lanes.down[lane];
        self.up_since = lanes.up_since[lane] as u64;
        self.down_since = lanes.down_since[lane] as u64;
    }

    #[inline(always)]
    fn step_lanes<const ALL: bool>(
        s: &mut Lanes,
        constants: &Constants,
        row: &[f64; LANES],
        live: &[u64; LANES],
        signals: &mut [u64; LANES],
    ) -> u64 {
        let mut reference = [0.0; LANES];
        match constants.target {
            Some(target) => {
                reference = [target; LANES];
                for l in 0..LANES {
                    s.n[l] += select(ALL || taken(row[l]), 1.0, 0.0);
                }
            }
            None => {
                for l in 0..LANES {
                    let take = ALL || taken(row[l]);
                    let n = s.n[l] + 1.0;
                    let mean = s.mean[l] + (row[l] - s.mean[l]) / n;
                    s.n[l] = select(take, n, s.n[l]);
                    s.mean[l] = select(take, mean, s.mean[l]);
                    reference[l] = s.mean[l];
                }
            }
        }
        let mut merged = 0;
        for l in 0..LANES {
            let take = ALL || taken(row[l]);
            let (x, mean, n) = (row[l], reference[l], s.n[l]);
            let up = (s.up[l] + x - mean - constants.delta).max(0.0);
            let down = (s.down[l] - x + mean - constants.delta).max(0.0);
            let over = (up > constants.up) | (down > constants.down);
            let signal = mask((n >= constants.least) & over) & DRIFT;
            s.up_since[l] = select(take & (up <= 0.0), n, s.up_since[l]);
            s.down_since[l] = select(take & (down <= 0.0), n, s.down_since[l]);
            s.up[l] = select(take, up, s.up[l]);
            s.down[l] = select(take, down, s.down[l]);
            signals[l] = renewed(take, signal, signals[l]);
            merged |= signals[l] & live[l];
        }
        merged
    }
}
