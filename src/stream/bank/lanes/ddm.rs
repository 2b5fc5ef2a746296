//! Drift detection methods in lanes.

use super::{DRIFT, InLanes, LANES, WARNING, mask, renewed, select, taken};
use crate::stream::ddm::{DDM, DDMParameters};

/// A field of [`DDM`] each; counts are exact up to 2^53.
#[derive(Default)]
pub(in crate::stream::bank) struct Lanes {
    n: [f64; LANES],
    p: [f64; LANES],
    /// Infinite before there is a lowest point.
    p_min: [f64; LANES],
    s_min: [f64; LANES],
    /// 0 outside of a warning zone.
    entered: [f64; LANES],
}

pub(in crate::stream::bank) struct Constants {
    warm_start: f64,
    warning: f64,
    drift: f64,
    /// Whether a rate of 0 is looked at.
    zero: bool,
}

impl InLanes for DDM {
    type Lanes = Lanes;
    type Constants = Constants;

    fn constants(parameters: &DDMParameters) -> Constants {
        Constants {
            warm_start: parameters.warm_start as f64,
            warning: parameters.warning_threshold,
            drift: parameters.drift_threshold,
            zero: parameters.compat.is_some(),
        }
    }

    fn put(&self, lanes: &mut Lanes, lane: usize) {
        let (p_min, s_min) = self.lowest.unwrap_or((f64::INFINITY, f64::INFINITY));
        lanes.n[lane] = self.n as f64;
        lanes.p[lane] = self.p;
        lanes.p_min[lane] = p_min;
        lanes.s_min[lane] = s_min;
        lanes.entered[lane] = self.entered.unwrap_or(0) as f64;
    }

    fn get(&mut self, lanes: &Lanes, lane: usize) {
        self.n = lanes.n[lane] as u64;
        self.p = lanes.p[lane];
        let lowest = (lanes.p_min[lane], lanes.s_min[lane]);
        self.lowest = lowest.0.is_finite().then_some(lowest);
        let entered = lanes.entered[lane] as u64;
        self.entered = (entered > 0).then_some(entered);
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
            let n = s.n[l] + 1.0;
            let p = s.p[l] + 1.0 / n * (row[l] - s.p[l]);
            let look = take & (n > constants.warm_start) & ((p != 0.0) | constants.zero);
            let deviation = (p * (1.0 - p) / n).sqrt();
            let level = p + deviation;
            let above = level > s.p_min[l] + s.s_min[l];
            let p_min = select(above, s.p_min[l], p);
            let s_min = select(above, s.s_min[l], deviation);
            let warning = level > p_min + constants.warning * s_min;
            let drift = level > p_min + constants.drift * s_min;
            // The zone is entered only once.
            let since = select(s.entered[l] > 0.0, s.entered[l], n);
            let entered = select(warning, since, 0.0);
            let signal = mask(look) & (mask(drift) & DRIFT | mask(warning) & WARNING);
            s.p_min[l] = select(look, p_min, s.p_min[l]);
            s.s_min[l] = select(look, s_min, s.s_min[l]);
            s.entered[l] = select(look, entered, s.entered[l]);
            s.n[l] = select(take, n, s.n[l]);
            s.p[l] = select(take, p, s.p[l]);
            signals[l] = renewed(take, signal, signals[l]);
            merged |= signals[l] & live[l];
        }
        merged
    }
}
