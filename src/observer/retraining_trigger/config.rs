//! What a trigger is made with.

use std::sync::Arc;

use super::scheduler::Baseline;
use super::strategy::{Strategy, check_p};
use crate::error::{Error, Result};
use crate::event::{Kind, ModelId};
use crate::observer::{DriftDetector, Filter};

/// The most looks that a confirmation can ask for.
pub(super) const MAX_LOOKS: u32 = 64;

/// The most runs that a rate can be limited to.
pub(super) const MAX_RUNS: u32 = 10_000;

/// The most attempts after the first.
pub(super) const MAX_RETRIES: u32 = 100;

/// The options of a [`RetrainingTrigger`](super::RetrainingTrigger).
///
/// # Example
/// ```
/// use driftline::observer::TriggerConfig;
/// let config = TriggerConfig { confirm: Some((3, 5)), ..TriggerConfig::default() };
/// assert_eq!((config.min_f1, config.max_p), (Some(0.75), Some(0.05)));
/// ```
#[derive(Clone)]
pub struct TriggerConfig {
    /// An f1 below this asks for retraining at once; above 0 and at most 1.
    pub min_f1: Option<f64>,
    /// A p-value below this asks for retraining, and so does a `drift_detected`
    /// without p-value; above 0 and at most 1. Not with a strategy.
    pub max_p: Option<f64>,
    /// What tells it instead of `max_p`.
    pub strategy: Option<Strategy>,
    /// Kinds of events that `max_p` and the strategy look at.
    pub kinds: Vec<Kind>,
    /// An effect (`effect_size` of the metadata; without one, the event's value)
    /// that is smaller than this, its sign aside, asks for nothing; 0 or more. For
    /// `max_p` and strategies.
    pub min_effect: Option<f64>,
    /// `(k, n)`: k of the last n looks at one model, feature and source must say so,
    /// 1 <= k <= n <= 64. For `max_p` and strategies.
    pub confirm: Option<(u32, u32)>,
    /// Seconds of event time between two runs of one model name, 0 or more.
    pub cooldown_s: f64,
    /// At most so many runs, of all models, within so many seconds of event time.
    pub rate_limit: Option<(u32, f64)>,
    /// Seconds of event time after which a run that has not completed is given up,
    /// above 0.
    pub run_timeout_s: f64,
    /// Attempts after the first to schedule a run, or to fetch a baseline; 0 to 100.
    pub retries: u32,
    /// The model of events that name none. Without it they start nothing.
    pub default_model: Option<ModelId>,
    /// The kind of event with which detectors get a new baseline.
    pub rebase_on: Option<Kind>,
    /// The detectors that do.
    pub detectors: Vec<Arc<DriftDetector>>,
    /// Where their baselines come from; `None`: the last window of each.
    pub baseline: Option<Arc<dyn Baseline>>,
    /// The name in reports and logs.
    pub name: Arc<str>,
}

impl Default for TriggerConfig {
    fn default() -> Self {
        Self {
            min_f1: Some(0.75),
            max_p: Some(0.05),
            strategy: None,
            kinds: vec![Kind::DriftScore, Kind::DriftDetected],
            min_effect: None,
            confirm: None,
            cooldown_s: 3600.0,
            rate_limit: None,
            run_timeout_s: 86_400.0,
            retries: 5,
            default_model: None,
            rebase_on: None,
            detectors: Vec::new(),
            baseline: None,
            name: "retraining_trigger".into(),
        }
    }
}

impl std::fmt::Debug for TriggerConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TriggerConfig")
            .field("min_f1", &self.min_f1)
            .field("max_p", &self.max_p)
            .field("strategy", &self.strategy)
            .field("confirm", &self.confirm)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl TriggerConfig {
    /// Whether events of `kinds` are looked at.
    pub(super) fn looks(&self) -> bool {
        self.max_p.is_some() || self.strategy.is_some()
    }

    pub(super) fn filter(&self) -> Filter {
        let mut kinds = vec![Kind::TrainingStarted, Kind::TrainingCompleted];
        if self.min_f1.is_some() {
            kinds.push(Kind::F1);
        }
        if self.looks() {
            kinds.extend(self.kinds.iter().cloned());
            if self.kinds.contains(&Kind::DriftDetected) {
                kinds.push(Kind::DriftResolved); // says that it is over
            }
        }
        kinds.extend(self.rebase_on.clone());
        let mut once = Vec::with_capacity(kinds.len());
        for kind in kinds {
            if !once.contains(&kind) {
                once.push(kind);
            }
        }
        Filter {
            kinds: Some(once),
            ..Filter::default()
        }
    }

    /// # Errors
    /// `InvalidValue` that names the first option out of range.
    pub(super) fn validate(&self) -> Result<()> {
        if let Some(min_f1) = self.min_f1 {
            check(
                min_f1 > 0.0 && min_f1 <= 1.0,
                "min_f1",
                min_f1,
                "a number above 0 and at most 1, or None to switch it off",
            )?;
        }
        if let (Some(max_p), None) = (self.max_p, &self.strategy) {
            check_p("max_p", max_p)?;
        }
        if let Some(strategy) = &self.strategy {
            strategy.validate()?;
        }
        check(
            self.min_f1.is_some() || self.looks(),
            "min_f1, max_p, strategy",
            "none of them",
            "at least one: nothing would ever start a run",
        )?;
        self.validate_kinds()?;
        if let Some(effect) = self.min_effect {
            let allowed = "a finite number of 0 or more, or None";
            check(at_least_zero(effect), "min_effect", effect, allowed)?;
        }
        if let Some((k, n)) = self.confirm {
            let allowed = "two whole numbers (k, n) with 1 <= k <= n <= 64, or None";
            let is_right = 1 <= k && k <= n && n <= MAX_LOOKS;
            check(is_right, "confirm", format!("({k}, {n})"), allowed)?;
        }
        check(
            at_least_zero(self.cooldown_s),
            "cooldown_s",
            self.cooldown_s,
            "a finite number of seconds of 0 or more",
        )?;
        if let Some((runs, seconds)) = self.rate_limit {
            let is_right = (1..=MAX_RUNS).contains(&runs) && seconds > 0.0 && seconds.is_finite();
            let got = format!("({runs}, {seconds})");
            let allowed = "(runs, seconds): 1 to 10,000 runs within a finite number of seconds \
                           above 0, or None";
            check(is_right, "rate_limit", got, allowed)?;
        }
        check(
            self.run_timeout_s > 0.0 && self.run_timeout_s.is_finite(),
            "run_timeout_s",
            self.run_timeout_s,
            "a finite number of seconds above 0",
        )?;
        let retries = "a whole number from 0 to 100";
        check(
            self.retries <= MAX_RETRIES,
            "retries",
            self.retries,
            retries,
        )?;
        let name = format!("{:?}", self.name);
        check(
            !self.name.trim().is_empty(),
            "name",
            name,
            "text that is not empty",
        )?;
        self.validate_rebasing()
    }

    fn validate_kinds(&self) -> Result<()> {
        check(!self.kinds.is_empty(), "kinds", "none", "at least one kind")?;
        let own = [Kind::RetrainingTriggered, Kind::RetrainingFailed];
        let told = self.kinds.iter().chain(&self.rebase_on);
        match told.into_iter().find(|kind| own.contains(kind)) {
            Some(kind) => {
                let allowed = "kinds that the trigger does not tell itself";
                Err(Error::invalid_value("kinds, rebase_on", kind, allowed))
            }
            None => Ok(()),
        }
    }

    fn validate_rebasing(&self) -> Result<()> {
        if self.rebase_on.is_some() {
            let allowed = "the drift detectors that are to get new baselines, at least one";
            return check(!self.detectors.is_empty(), "detectors", "none", allowed);
        }
        let allowed = "an event kind such as \"training_completed\": without it nobody gets a \
                       new baseline";
        let is_right = self.detectors.is_empty() && self.baseline.is_none();
        check(
            is_right,
            "rebase_on",
            "none with detectors or a baseline",
            allowed,
        )
    }
}

fn at_least_zero(number: f64) -> bool {
    number >= 0.0 && number.is_finite()
}

fn check(
    is_right: bool,
    argument: &'static str,
    got: impl ToString,
    allowed: &'static str,
) -> Result<()> {
    if is_right {
        return Ok(());
    }
    Err(Error::invalid_value(argument, got, allowed))
}
