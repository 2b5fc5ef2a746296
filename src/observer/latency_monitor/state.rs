//! What is known of one model.

use super::breach::{Burning, Change, Judged};
use super::config::{BurnRate, LatencyConfig, MAX_LATENCY_MS, Objective};
use super::panes::Panes;
use super::ring::{Counts, Ring};
use crate::event::Timestamp;
use crate::observer::timeline::{Tick, Timeline, Times};
use crate::sketch::DdSketch;

/// Inferences that are taken together at most, and at least.
const PART: usize = 256;
const PART_FROM: usize = 16;

/// What a run of inferences came to.
#[derive(Debug, Clone, Copy)]
pub(super) enum Run<'a> {
    /// They were answered; their latencies in ms, NaN where it is not known.
    Answered(&'a [f64]),
    /// They failed; how many.
    Failed(usize),
}

impl Run<'_> {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Answered(latencies) => latencies.len(),
            Self::Failed(n) => *n,
        }
    }
}

/// The windows of one [`BurnRate`].
#[derive(Debug, Clone)]
struct Burn {
    rate: BurnRate,
    /// The share above which it burns.
    enter: f64,
    long: Ring,
    short: Ring,
}

/// What is known of one model.
#[derive(Debug, Clone)]
pub(super) struct Latencies {
    timeline: Timeline,
    /// When the first of the running slots ends, in nanoseconds since 1970.
    until: i64,
    /// NaN before the first latency.
    pub(super) ema: f64,
    pub(super) panes: Panes,
    pub(super) window: Ring,
    burns: Box<[Burn]>,
    pub(super) n_failed: u64,
    pub(super) n_refused: u64,
    pub(super) breached: bool,
    pub(super) n_breaches: u64,
    pub(super) last_seen: Option<Timestamp>,
}

impl Latencies {
    pub(super) fn new(config: &LatencyConfig, objective: &Objective, empty: &DdSketch) -> Self {
        let burns = config.burn_rates.iter().map(|&rate| Burn {
            rate,
            enter: objective.enter_at(rate.factor),
            long: Ring::new(rate.long_s),
            short: Ring::new(rate.short_s),
        });
        Self {
            timeline: Timeline::new(),
            until: i64::MIN,
            ema: f64::NAN,
            panes: Panes::new(empty),
            window: Ring::new(config.window_s),
            burns: burns.collect(),
            n_failed: 0,
            n_refused: 0,
            breached: false,
            n_breaches: 0,
            last_seen: None,
        }
    }

    /// Takes inferences until the end or, with `stop_at_first`, until right
    /// after the first that brought about a change. Answers how many it took.
    #[inline]
    pub(super) fn take(
        &mut self,
        config: &LatencyConfig,
        objective: &Objective,
        run: Run<'_>,
        times: Times<'_>,
        stop_at_first: bool,
        changes: &mut Vec<Change>,
    ) -> usize {
        let len = run.len();
        let mut index = 0;
        while index < len {
            let at = self.timeline.at(times, index);
            self.last_seen = Some(at);
            if at.as_nanos() >= self.until {
                self.turn(at);
            }
            let end = self.end_of_part(times, index, len);
            let part = match run {
                Run::Answered(latencies) => latencies.get(index..end).unwrap_or_default(),
                Run::Failed(_) => &[],
            };
            if part.len() >= PART_FROM && self.take_part(config.ema_alpha, objective, part) {
                index = end;
                continue;
            }
            while index < end {
                match run {
                    Run::Answered(latencies) => {
                        let latency = latencies.get(index).copied().unwrap_or(f64::NAN);
                        self.answered(config.ema_alpha, objective.slo_ms, latency);
                    }
                    Run::Failed(_) => self.failed(),
                }
                index += 1;
                if objective.slo_ms.is_finite() && self.is_due(objective) {
                    changes.push(self.change(config, objective, index - 1));
                    if stop_at_first {
                        return index;
                    }
                }
            }
        }
        len
    }

    /// Where the inferences from `index` on that can be taken together end: at
    /// the end of a slot of time, or after [`PART`].
    #[inline(always)]
    fn end_of_part(&mut self, times: Times<'_>, index: usize, len: usize) -> usize {
        let most = len.min(index + PART);
        if !matches!(times, Times::Each(_)) {
            return most;
        }
        let mut end = index + 1;
        while end < most {
            let at = self.timeline.at(times, end);
            if at.as_nanos() >= self.until {
                break;
            }
            self.last_seen = Some(at);
            end += 1;
        }
        end
    }

    /// Takes latencies of one slot of time together, unless one of them is
    /// refused or may change the state: the same as taking each, but for the
    /// rounding of the average and of the sum.
    fn take_part(&mut self, alpha: f64, objective: &Objective, part: &[f64]) -> bool {
        let (mut refused, mut slow) = (0_u64, 0_u64);
        for &latency in part {
            refused += u64::from(!(0.0..=MAX_LATENCY_MS).contains(&latency));
            slow += u64::from(latency > objective.slo_ms);
        }
        let counts = Counts {
            answered: part.len() as u64,
            slow,
            failed: 0,
        };
        let is_settled = objective.slo_ms.is_infinite() || self.is_settled(objective, counts);
        if refused > 0 || self.ema.is_nan() || !is_settled {
            return false;
        }
        // Four steps of the average at once, so that each need not wait for the
        // one before.
        let decay = 1.0 - alpha;
        let decay_of_four = (decay * decay) * (decay * decay);
        let (fours, rest) = part.as_chunks::<4>();
        let mut ema = self.ema;
        for &[a, b, c, d] in fours {
            let four = ((a * decay + b) * decay + c) * decay + d;
            ema = ema * decay_of_four + alpha * four;
        }
        for &latency in rest {
            ema += alpha * (latency - ema);
        }
        self.ema = ema;
        self.panes.running.insert_many(part);
        self.count(counts);
        true
    }

    /// Whether these inferences cannot change the state, in whatever order.
    fn is_settled(&self, objective: &Objective, counts: Counts) -> bool {
        let weight = objective.failed_weight;
        let is_window_settled = |total: Counts, enter: f64, min_samples: u64| {
            let (n, more) = (total.judged(weight), counts.judged(weight));
            let (bad, more_bad) = (total.bad(weight), counts.bad(weight));
            if self.breached {
                bad as f64 > enter * objective.recover_at * (n + more) as f64
            } else {
                n + more < min_samples || (bad + more_bad) as f64 <= enter * n as f64
            }
        };
        if self.burns.is_empty() {
            let total = self.window.total();
            return is_window_settled(total, objective.enter, objective.min_samples);
        }
        let is_long_settled =
            |burn: &Burn| is_window_settled(burn.long.total(), burn.enter, objective.min_samples);
        let is_short_settled = |burn: &Burn| is_window_settled(burn.short.total(), burn.enter, 1);
        if self.breached {
            // One pair that goes on burning is enough.
            let goes_on = |burn| is_long_settled(burn) && is_short_settled(burn);
            self.burns.iter().any(goes_on)
        } else {
            // Each pair needs both windows to begin.
            let stays_out = |burn| is_long_settled(burn) || is_short_settled(burn);
            self.burns.iter().all(stays_out)
        }
    }

    /// Time alone has passed. Answers what that brought about, and when.
    pub(super) fn tick(
        &mut self,
        config: &LatencyConfig,
        objective: &Objective,
        tick: &Tick,
    ) -> Option<(Timestamp, Change)> {
        let at = self.timeline.tick(tick)?;
        self.turn(at);
        let is_due = objective.slo_ms.is_finite() && self.is_due(objective);
        is_due.then(|| (at, self.change(config, objective, 0)))
    }

    #[inline(always)]
    fn answered(&mut self, alpha: f64, slo_ms: f64, latency: f64) {
        if !(0.0..=MAX_LATENCY_MS).contains(&latency) {
            self.n_refused += 1;
            return;
        }
        self.ema = if self.ema.is_nan() {
            latency
        } else {
            self.ema + alpha * (latency - self.ema)
        };
        self.panes.running.insert(latency);
        self.count(Counts {
            answered: 1,
            slow: u64::from(latency > slo_ms),
            failed: 0,
        });
    }

    fn failed(&mut self) {
        self.n_failed += 1;
        self.count(Counts {
            failed: 1,
            ..Counts::default()
        });
    }

    #[inline(always)]
    fn count(&mut self, counts: Counts) {
        self.window.running.add(counts);
        for burn in &mut self.burns {
            burn.long.running.add(counts);
            burn.short.running.add(counts);
        }
    }

    /// Lets all windows go on to a time.
    #[cold]
    #[inline(never)]
    fn turn(&mut self, at: Timestamp) {
        let at = at.as_nanos();
        self.window.advance(at);
        self.panes.advance(self.window.slot());
        self.until = self.window.end();
        for burn in &mut self.burns {
            for ring in [&mut burn.long, &mut burn.short] {
                ring.advance(at);
                self.until = self.until.min(ring.end());
            }
        }
    }

    /// Whether the state is to change.
    #[inline(always)]
    fn is_due(&self, objective: &Objective) -> bool {
        if !self.burns.is_empty() {
            return self.is_due_by_burn_rate(objective);
        }
        let total = self.window.total();
        if self.breached {
            is_at_most(total, objective, objective.enter * objective.recover_at)
        } else {
            is_above(total, objective, objective.enter, objective.min_samples)
        }
    }

    #[inline(never)]
    fn is_due_by_burn_rate(&self, objective: &Objective) -> bool {
        if !self.breached {
            return self.burning(objective).is_some();
        }
        self.burns.iter().all(|burn| {
            let limit = burn.enter * objective.recover_at;
            is_at_most(burn.short.total(), objective, limit)
                || is_at_most(burn.long.total(), objective, limit)
        })
    }

    /// The first pair of windows that burns.
    fn burning(&self, objective: &Objective) -> Option<&Burn> {
        self.burns.iter().find(|burn| {
            is_above(burn.short.total(), objective, burn.enter, 1)
                && is_above(
                    burn.long.total(),
                    objective,
                    burn.enter,
                    objective.min_samples,
                )
        })
    }

    /// Changes the state.
    #[cold]
    #[inline(never)]
    fn change(&mut self, config: &LatencyConfig, objective: &Objective, index: usize) -> Change {
        let burning = self.burning(objective).map(|burn| {
            let rate = |ring: &Ring| share(ring.total(), objective) / objective.budget;
            Burning {
                rate: burn.rate,
                long: rate(&burn.long),
                short: rate(&burn.short),
            }
        });
        self.breached = !self.breached;
        self.n_breaches += u64::from(self.breached);
        Change {
            index,
            began: self.breached,
            judged: self.judged(config, objective),
            burning,
        }
    }

    /// What the window says.
    pub(super) fn judged(&self, config: &LatencyConfig, objective: &Objective) -> Judged {
        let total = self.window.total();
        let quantile = self.panes.window().quantile(config.quantile);
        // How many are slow is known exactly; the estimate keeps to that side.
        let slow = total.slow as f64;
        let above = slow > objective.enter * total.answered as f64;
        Judged {
            quantile_ms: quantile.map(|estimate| match (objective.slo_ms, above) {
                (slo, _) if slo.is_infinite() => estimate,
                (slo, true) => estimate.max(slo),
                (slo, false) => estimate.min(slo),
            }),
            n: total.judged(objective.failed_weight),
            n_slow: total.slow,
            n_failed: total.failed,
            share: share(total, objective),
        }
    }
}

/// Share of bad ones; 0 where there are none at all.
fn share(counts: Counts, objective: &Objective) -> f64 {
    let weight = objective.failed_weight;
    counts.bad(weight) as f64 / counts.judged(weight).max(1) as f64
}

#[inline(always)]
fn is_above(counts: Counts, objective: &Objective, limit: f64, min_samples: u64) -> bool {
    let n = counts.judged(objective.failed_weight);
    let bad = counts.bad(objective.failed_weight);
    // Counts fit into an i64, whose conversion is one instruction.
    n >= min_samples && bad as i64 as f64 > limit * n as i64 as f64
}

#[inline(always)]
fn is_at_most(counts: Counts, objective: &Objective, limit: f64) -> bool {
    let n = counts.judged(objective.failed_weight);
    let bad = counts.bad(objective.failed_weight);
    bad as i64 as f64 <= limit * n as i64 as f64
}
