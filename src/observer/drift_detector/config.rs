//! What a detector is made with.

use std::sync::Arc;

use super::budget::{Amount, Budget};
use crate::drift::Univariate;
use crate::error::{Error, Result};
use crate::event::{Kind, ModelFilter};
use crate::observer::{Filter, check_max_models};

/// The largest window: 10 million values, 80 MB.
pub const MAX_WINDOW: usize = 10_000_000;

/// How a look is judged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Decide {
    /// Drift from this distance on (see
    /// [`TestResult::distance`](crate::drift::TestResult::distance)).
    Threshold(f64),
    /// Drift below this p-value, at every look.
    Alpha(f64),
    /// Drift below the p-value that keeps false alarms within the budget.
    FalseAlarmEvery(Budget),
}

impl Decide {
    /// From three options of which exactly one is given.
    ///
    /// # Errors
    /// `InvalidValue` for none or several of them.
    pub fn from_options(
        threshold: Option<f64>,
        alpha: Option<f64>,
        false_alarm_every: Option<Budget>,
    ) -> Result<Self> {
        match (threshold, alpha, false_alarm_every) {
            (Some(threshold), None, None) => Ok(Self::Threshold(threshold)),
            (None, Some(alpha), None) => Ok(Self::Alpha(alpha)),
            (None, None, Some(budget)) => Ok(Self::FalseAlarmEvery(budget)),
            given => {
                let named = [
                    given.0.map(|_| "threshold"),
                    given.1.map(|_| "alpha"),
                    given.2.map(|_| "false_alarm_every"),
                ];
                let named: Vec<_> = named.into_iter().flatten().collect();
                let got = if named.is_empty() {
                    "none of them".to_owned()
                } else {
                    named.join(" and ")
                };
                Err(Error::invalid_value(
                    "threshold, alpha, false_alarm_every",
                    got,
                    "exactly one of the three; DriftDetector.calibrated finds a threshold",
                ))
            }
        }
    }
}

/// The options of a [`DriftDetector`](super::DriftDetector). Start from
/// [`Config::new`], which holds the defaults, and set the fields that differ.
#[derive(Debug, Clone)]
pub struct Config {
    /// Values in the window, 1 to [`MAX_WINDOW`].
    pub window_size: usize,
    /// The comparison with the baseline.
    pub test: Arc<dyn Univariate>,
    /// How a look is judged.
    pub decide: Decide,
    /// Values between looks; `None`: 1 with a threshold, `window_size` otherwise.
    pub check_every: Option<usize>,
    /// Kinds of events to take.
    pub kinds: Vec<Kind>,
    /// The feature to take; `None`: any.
    pub feature: Option<Arc<str>>,
    /// The metadata key that holds the value, dots descend; `None`: the event's
    /// own value.
    pub field: Option<Arc<str>>,
    /// The model to take; `None`: any.
    pub model: Option<ModelFilter>,
    /// Seconds of event time from an alert to its first reminder, and between
    /// reminders; 0 or more.
    pub cooldown_s: f64,
    /// The share of missing values among the last `window_size` arrivals above
    /// which data is missing; 0 to 1.
    pub max_missing_rate: f64,
    /// Whether each model has a window and a state of its own; always so with a
    /// baseline for each.
    pub per_model: bool,
    /// The most models that are kept apart, 1 to 1,000,000; `None`: what the hub
    /// says, 1000 without one, and as many at least as have a baseline.
    pub max_models: Option<usize>,
    /// Data is missing when none came for so many seconds of stream time, found
    /// out at ticks; above 0. `None`: never.
    pub no_data_after_s: Option<f64>,
    /// The name in reports and logs.
    pub name: Arc<str>,
}

impl Config {
    /// The defaults.
    pub fn new(window_size: usize, test: Arc<dyn Univariate>, decide: Decide) -> Self {
        Self {
            window_size,
            test,
            decide,
            check_every: None,
            kinds: vec![Kind::Observation, Kind::DriftScore],
            feature: None,
            field: None,
            model: None,
            cooldown_s: 300.0,
            max_missing_rate: 0.5,
            per_model: false,
            max_models: None,
            no_data_after_s: None,
            name: "drift_detector".into(),
        }
    }

    /// Values between looks.
    pub(super) fn interval(&self) -> usize {
        self.check_every.unwrap_or(match self.decide {
            Decide::Threshold(_) => 1,
            Decide::Alpha(_) | Decide::FalseAlarmEvery(_) => self.window_size,
        })
    }

    pub(super) fn filter(&self) -> Filter {
        Filter {
            kinds: Some(self.kinds.clone()),
            models: self.model.clone().map(|model| vec![model]),
            features: self.feature.clone().map(|feature| vec![feature]),
            min_severity: None,
        }
    }

    /// # Errors
    /// `InvalidValue` that names the first option out of range.
    pub(super) fn validate(&self) -> Result<()> {
        let check = |is_right: bool, argument: &'static str, got: String, allowed: String| {
            if is_right {
                Ok(())
            } else {
                Err(Error::invalid_value(argument, got, allowed))
            }
        };
        check(
            (1..=MAX_WINDOW).contains(&self.window_size),
            "window_size",
            self.window_size.to_string(),
            format!("a whole number from 1 to {MAX_WINDOW}"),
        )?;
        check(
            self.check_every != Some(0),
            "check_every",
            "0".to_owned(),
            "a whole number of 1 or more, or None".to_owned(),
        )?;
        check(
            self.cooldown_s >= 0.0 && self.cooldown_s.is_finite(),
            "cooldown_s",
            self.cooldown_s.to_string(),
            "a finite number of seconds of 0 or more".to_owned(),
        )?;
        check(
            (0.0..=1.0).contains(&self.max_missing_rate),
            "max_missing_rate",
            self.max_missing_rate.to_string(),
            "a number from 0 to 1".to_owned(),
        )?;
        check_max_models(self.max_models)?;
        let after = self.no_data_after_s;
        check(
            after.is_none_or(|seconds| seconds > 0.0 && seconds.is_finite()),
            "no_data_after_s",
            after.unwrap_or_default().to_string(),
            "a finite number of seconds above 0, or None".to_owned(),
        )?;
        check(
            !self.kinds.is_empty(),
            "kinds",
            "none".to_owned(),
            "at least one kind".to_owned(),
        )?;
        for (argument, given) in [
            ("name", Some(&self.name)),
            ("feature", self.feature.as_ref()),
            ("field", self.field.as_ref()),
        ] {
            let text = given.map_or("-", |text| text.trim());
            let got = format!("{:?}", given.map_or("", |text| text));
            let allowed = "text that is not empty".to_owned();
            check(!text.is_empty(), argument, got, allowed)?;
        }
        self.validate_decision()
    }

    fn validate_decision(&self) -> Result<()> {
        let needs_p_value = |argument: &'static str| {
            if self.test.has_p_value() {
                return Ok(());
            }
            Err(Error::invalid_value(
                argument,
                format!("it with test {:?}, which has no p-value", self.test.name()),
                "a test with p-values, such as \"welch\" or \"ks\", or threshold for this one, \
                 which DriftDetector.calibrated finds from history",
            ))
        };
        match self.decide {
            Decide::Threshold(threshold) => {
                if !(threshold >= 0.0 && threshold.is_finite()) {
                    return Err(Error::invalid_value(
                        "threshold",
                        threshold,
                        "a finite number of 0 or more",
                    ));
                }
                Ok(())
            }
            Decide::Alpha(alpha) => {
                if !(alpha > 0.0 && alpha < 1.0) {
                    return Err(Error::invalid_value(
                        "alpha",
                        alpha,
                        "a number between 0 and 1, both excluded",
                    ));
                }
                needs_p_value("alpha")
            }
            Decide::FalseAlarmEvery(budget) => {
                needs_p_value("false_alarm_every")?;
                check_budget(budget, self.interval())
            }
        }
    }
}

/// # Errors
/// `InvalidValue` for a budget of samples that is used up by a single look.
pub(super) fn check_budget(budget: Budget, interval: usize) -> Result<()> {
    match budget.amount() {
        Amount::Samples(samples) if samples <= interval as f64 => Err(Error::invalid_value(
            "false_alarm_every",
            samples,
            format!("more than check_every, which is {interval}"),
        )),
        _ => Ok(()),
    }
}
