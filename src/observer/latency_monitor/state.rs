//! What is known of one model.

use super::breach::{Burning, Change, Judged};
use super::config::{BurnRate, LatencyConfig, MAX_LATENCY_MS, Objective};
use super::panes::Panes;
use super::ring::{Counts, Ring};
use crate::event::Timestamp;
use crate::observer::timeline::{Tick, Timeline, Times};
use crate::sketch::DdSketch;

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
        let each = matches!(times, Times::Each(_));
        let len = run.len();
        for index in 0..len {
            if each || index == 0 {
                let at = self.timeline.at(times, index);
                self.last_seen = Some(at);
                if at.as_nanos() >= self.until {
                    self.turn(at);
                }
            }
            match run {
                Run::Answered(latencies) => {
                    let latency = latencies.get(index).copied().unwrap_or(f64::NAN);
                    self.answered(config.ema_alpha, objective.slo_ms, latency);
                }
                Run::Failed(_) => self.failed(),
            }
            if objective.slo_ms.is_finite() && self.is_due(objective) {
                changes.push(self.change(config, objective, index));
                if stop_at_first {
                    return index + 1;
                }
            }
        }
        len
    }

    /// Time alone has passed. Answers what that brought about.
    pub(super) fn tick(
        &mut self,
        config: &LatencyConfig,
        objective: &Objective,
        tick: &Tick,
    ) -> Option<Change> {
        let at = self.timeline.tick(tick)?;
        self.turn(at);
        let is_due = objective.slo_ms.is_finite() && self.is_due(objective);
        let change = is_due.then(|| self.change(config, objective, 0));
        change.map(|change| Change { at, ..change })
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
            at: self.last_seen.unwrap_or(Timestamp::from_nanos(0)),
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
