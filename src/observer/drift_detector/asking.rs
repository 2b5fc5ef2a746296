//! Looks by code of the host's, which runs while no lock is held.
//!
//! A test that [is foreign](crate::drift::Univariate::is_foreign) may take locks,
//! give values to this very detector, or take its time. So a look that is due only
//! copies the window ([`Question`]); whoever gave the values lets go of the lock,
//! asks the test, takes the lock again and judges the answer.
//!
//! Meanwhile others may have given values, changed the baseline or begun afresh. An
//! answer counts when it is about the same baseline and start, and no later look of
//! the series was answered before it: so the state is that of the latest look.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use ndarray::{ArrayView1, aview1};

use super::DriftDetector;
use super::alarm::{Alarm, Limit};
use super::config::Config;
use super::origin::Origin;
use super::state::{Baseline, State};
use super::watch::{Kept, Watch};
use crate::drift::{FittedUnivariate, TestResult};
use crate::error::{Error, Result};
use crate::event::Timestamp;
use crate::fork;
use crate::observer::timeline::Times;

/// Starts of series so far, in all detectors.
static STARTS: AtomicU64 = AtomicU64::new(0);

/// Which looks a series has asked for.
#[derive(Debug, Clone)]
pub(super) struct Asking {
    /// Which start of which series it is; `None` where the test is native.
    start: Option<u64>,
    asked: u64,
    /// The latest look that was answered.
    answered: u64,
}

/// A look that is due.
#[derive(Debug, Clone)]
pub(super) struct Question {
    fitted: Arc<dyn FittedUnivariate>,
    /// The values, oldest first.
    window: Vec<f64>,
    limit: Limit,
    /// The position, among the values given, of the one that brought it about.
    index: usize,
    at: Timestamp,
    start: Option<u64>,
    number: u64,
}

impl Asking {
    pub(super) fn new(config: &Config) -> Self {
        let is_foreign = config.test.is_foreign();
        Self {
            start: is_foreign.then(|| STARTS.fetch_add(1, Relaxed)),
            asked: 0,
            answered: 0,
        }
    }

    pub(super) fn is_foreign(&self) -> bool {
        self.start.is_some()
    }

    pub(super) fn ask(
        &mut self,
        fitted: Arc<dyn FittedUnivariate>,
        window: Vec<f64>,
        limit: Limit,
        (index, at): (usize, Timestamp),
    ) -> Question {
        self.asked += 1;
        Question {
            fitted,
            window,
            limit,
            index,
            at,
            start: self.start,
            number: self.asked,
        }
    }
}

impl State {
    /// Judges an answer, unless it comes too late.
    fn answer(
        &mut self,
        config: &Config,
        question: &Question,
        answer: Option<&TestResult>,
    ) -> Option<Alarm> {
        if question.start != self.asking.start || question.number < self.asking.answered {
            return None;
        }
        self.asking.answered = question.number;
        self.limit = question.limit;
        let measured = answer.map(|result| {
            let result = result.clone();
            (result.statistic, result.p_value, Some(result))
        });
        let when = (Times::Clock(question.at), question.index);
        self.judge(config, measured, when, Some(&question.window))
    }
}

impl Watch {
    /// The look of a series that is to be asked for.
    fn question(&mut self, origin: Origin<'_>) -> Option<Box<Question>> {
        self.state_of(origin)?.question.take()
    }

    fn answer(
        &mut self,
        config: &Config,
        origin: Origin<'_>,
        question: &Question,
        answer: Option<&TestResult>,
    ) -> Option<Alarm> {
        let state = self.state_of(origin)?;
        let alarm = state.answer(config, question, answer)?;
        self.remember(config, origin);
        Some(alarm)
    }

    fn state_of(&mut self, origin: Origin<'_>) -> Option<&mut State> {
        let member = match &mut self.kept {
            Kept::One(member) => Some(&mut **member),
            Kept::ByModel(series) => series.get_mut(origin.model),
        };
        member.map(|member| &mut member.state)
    }

    /// What is compared with, to be held while it is replaced under a lock: the last
    /// hold on an object of the host's must not be lost there.
    pub(super) fn fitted(&self) -> Vec<Arc<dyn FittedUnivariate>> {
        self.baselines
            .all()
            .map(|baseline| Arc::clone(&baseline.fitted))
            .collect()
    }
}

impl DriftDetector {
    /// Takes values and asks for each look that they bring about. Answers with an
    /// error after the value whose look failed.
    #[cold]
    pub(super) fn take_asking(
        &self,
        origin: Origin<'_>,
        values: &[f64],
        times: Times<'_>,
        alarms: &mut Vec<Alarm>,
    ) -> Result<()> {
        let config = &self.config;
        let mut start = 0;
        loop {
            let rest = values.get(start..).unwrap_or_default();
            let times = match times {
                Times::Each(all) => Times::Each(all.get(start..).unwrap_or_default()),
                other => other,
            };
            let before = alarms.len();
            let (taken, question) = {
                let mut watch = self.watch.lock();
                let taken = watch.take(config, origin, rest, times, false, alarms);
                (taken, watch.question(origin))
            };
            let failed = question.and_then(|question| {
                let (alarm, error) = self.look_outside(origin, &question);
                alarms.extend(alarm);
                error
            });
            for alarm in alarms.iter_mut().skip(before) {
                alarm.index += start;
            }
            start += taken;
            match failed {
                Some(error) => return Err(error),
                None if start >= values.len() => return Ok(()),
                None => {}
            }
        }
    }

    /// Asks the test while no lock is held, and judges its answer.
    fn look_outside(
        &self,
        origin: Origin<'_>,
        question: &Question,
    ) -> (Option<Alarm>, Option<Error>) {
        let answer = fork::pause(|| question.fitted.compare(aview1(&question.window)));
        let answer = answer.and_then(|result| check_p_value(&self.config, result));
        let judged = answer.as_ref().ok();
        let mut watch = self.watch.lock();
        let alarm = watch.answer(&self.config, origin, question, judged);
        drop(watch);
        (alarm, answer.err())
    }
}

/// Lets a test that is code of the host's compare once before it is relied on: the
/// first values of the baseline, again and again where they are fewer than a window.
///
/// # Errors
/// What it fails with; `InvalidValue` when it gives no p-value and p-values decide.
pub(super) fn try_out(
    config: &Config,
    baseline: &Baseline,
    sample: ArrayView1<'_, f64>,
) -> Result<()> {
    let present = sample.iter().copied().filter(|value| !value.is_nan());
    let present: Vec<f64> = present.take(config.window_size).collect();
    let window = present.iter().copied().cycle().take(config.window_size);
    let window: Vec<f64> = window.collect();
    let result = fork::pause(|| baseline.fitted.compare(aview1(&window)))?;
    check_p_value(config, result).map(drop)
}

/// # Errors
/// `InvalidValue` for a result without a p-value where that decides.
fn check_p_value(config: &Config, result: TestResult) -> Result<TestResult> {
    if result.p_value.is_none() && Limit::initial(config).alpha().is_some() {
        return Err(Error::invalid_value(
            "test",
            format!("a result of \"{}\" without a p-value", config.test.name()),
            "a p-value with every result, as alpha and false_alarm_every need it; or threshold",
        ));
    }
    Ok(result)
}
