//! Control charts of exponentially weighted moving averages in lanes, from phase II on.

use super::{DRIFT, InLanes, LANES, WARNING, mask, renewed, select, taken};
use crate::stream::ewma_chart::{EWMAChart, EWMAChartParameters, NEGLIGIBLE};
use crate::stream::page_hinkley::Mode;

/// A field of [`EWMAChart`] each; counts are exact up to 2^53.
#[derive(Default)]
pub(in crate::stream::bank) struct Lanes {
    target: [f64; LANES],
    n: [f64; LANES],
    average: [f64; LANES],
    start: [f64; LANES],
    steady: [f64; LANES],
    spread: [f64; LANES],
    since: [f64; LANES],
}

pub(in crate::stream::bank) struct Constants {
    lambda: f64,
    /// The limits of drift and warning up and down; infinite for what does not count.
    up: [f64; 2],
    down: [f64; 2],
}

impl InLanes for EWMAChart {
    type Lanes = Lanes;
    type Constants = Constants;

    fn constants(parameters: &EWMAChartParameters) -> Constants {
        let widths = [parameters.limit_width, parameters.warning_width];
        let limits = |other| match parameters.mode {
            mode if mode == other => [f64::INFINITY; 2],
            _ => widths,
        };
        Constants {
            lambda: parameters.lambda_val,
            up: limits(Mode::Down),
            down: limits(Mode::Up),
        }
    }

    fn put(&self, lanes: &mut Lanes, lane: usize) {
        lanes.target[lane] = self.in_control.map_or(0.0, |known| known.target);
        lanes.n[lane] = self.n as f64;
        lanes.average[lane] = self.average;
        lanes.start[lane] = self.start;
        lanes.steady[lane] = self.steady;
        lanes.spread[lane] = self.spread;
        lanes.since[lane] = self.since as f64;
    }

    fn get(&mut self, lanes: &Lanes, lane: usize) {
        self.n = lanes.n[lane] as u64;
        self.average = lanes.average[lane];
        self.start = lanes.start[lane];
        self.spread = lanes.spread[lane];
        self.since = lanes.since[lane] as u64;
    }

    fn ready(&self) -> bool {
        self.in_control.is_some()
    }

    #[inline(always)]
    fn step_lanes<const ALL: bool>(
        s: &mut Lanes,
        constants: &Constants,
        row: &[f64; LANES],
        live: &[u64; LANES],
        signals: &mut [u64; LANES],
    ) -> u64 {
        let kept = 1.0 - constants.lambda;
        let young = |any, (&start, &live): (&f64, &u64)| any | (mask(start > NEGLIGIBLE) & live);
        if s.start.iter().zip(live).fold(0, young) != 0 {
            for l in 0..LANES {
                let young = (ALL || taken(row[l])) & (s.start[l] > NEGLIGIBLE);
                let start = s.start[l] * (kept * kept);
                let spread = s.steady[l] * (1.0 - start).sqrt();
                s.start[l] = select(young, start, s.start[l]);
                s.spread[l] = select(young, spread, s.spread[l]);
            }
        }
        let mut merged = 0;
        for l in 0..LANES {
            let take = ALL || taken(row[l]);
            let average = s.average[l] + constants.lambda * (row[l] - s.average[l]);
            let turned = (s.average[l] > s.target[l]) != (average > s.target[l]);
            let deviation = average - s.target[l];
            let [drift, warning] = [0, 1].map(|k| {
                (deviation > constants.up[k] * s.spread[l])
                    | (-deviation > constants.down[k] * s.spread[l])
            });
            let signal = mask(drift) & DRIFT | mask(warning) & WARNING;
            s.since[l] = select(take & turned, s.n[l], s.since[l]);
            s.n[l] = select(take, s.n[l] + 1.0, s.n[l]);
            s.average[l] = select(take, average, s.average[l]);
            signals[l] = renewed(take, signal, signals[l]);
            merged |= signals[l] & live[l];
        }
        merged
    }
}
