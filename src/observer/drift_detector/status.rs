//! What can be read of a detector.

use super::alarm::Limit;
use super::member::Member;
use super::state::{Baseline, State};
use super::{DriftDetector, ONE_SERIES, of_model};
use crate::error::{Error, Result};
use crate::event::{ModelId, Timestamp};
use crate::math::autocorrelation;

/// What a detector has seen and found: of one series, or of all.
///
/// Of all, counts are sums over the series, `drift_detected` and `data_missing`
/// say whether any series is in that state, `last_alert` is the latest, and
/// `statistic` and `p_value` are `None`: each series has its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Status {
    /// The model whose series it is; `None`: of all, or of events without one.
    pub model: Option<ModelId>,
    /// Values in the window.
    pub n: usize,
    /// Values taken since the start, missing ones left out.
    pub n_samples: u64,
    /// Missing values since the start.
    pub n_missing: u64,
    /// Whether too many of the last arrivals are missing, or nothing came for
    /// `no_data_after_s`.
    pub data_missing: bool,
    /// Statistic of the last look.
    pub statistic: Option<f64>,
    /// p-value of the last look, for tests that have one.
    pub p_value: Option<f64>,
    /// What looks are held to; with a budget of time, what the last one was.
    pub limit: Limit,
    /// Whether the last look found drift.
    pub drift_detected: bool,
    /// Alerts told, or that would have been without a hub: beginnings of drift
    /// and reminders.
    pub n_detections: u64,
    /// Looks that found drift within the cooldown.
    pub n_suppressed: u64,
    /// When the last alert was told.
    pub last_alert: Option<Timestamp>,
    /// Lag-1 autocorrelation of the baseline in its order; `None` for a constant.
    pub baseline_autocorrelation: Option<f64>,
    /// Values of the baseline, missing ones left out.
    pub n_baseline: usize,
}

impl Status {
    /// Of nothing seen yet.
    pub(super) fn empty(limit: Limit, baseline: Option<&Baseline>) -> Self {
        Self {
            model: None,
            n: 0,
            n_samples: 0,
            n_missing: 0,
            data_missing: false,
            statistic: None,
            p_value: None,
            limit,
            drift_detected: false,
            n_detections: 0,
            n_suppressed: 0,
            last_alert: None,
            baseline_autocorrelation: baseline.and_then(|baseline| baseline.autocorrelation),
            n_baseline: baseline.map_or(0, |baseline| baseline.n),
        }
    }

    /// Of one series.
    pub(super) fn of(model: Option<ModelId>, member: &mut Member) -> Self {
        let silent = member.silence.is_told();
        let state: &mut State = &mut member.state;
        Self {
            model,
            n: state.window.len(),
            n_samples: state.missing.present(),
            n_missing: state.missing.total(),
            data_missing: silent || state.missing.is_exceeded(),
            statistic: state.statistic,
            p_value: state.p_value,
            limit: state.limit,
            drift_detected: state.drifting,
            n_detections: state.n_detections,
            n_suppressed: state.n_suppressed,
            last_alert: state.last_alert,
            baseline_autocorrelation: state.baseline.autocorrelation,
            n_baseline: state.baseline.n,
        }
    }

    /// Adds what a series has seen and found.
    pub(super) fn add(&mut self, other: &Self) {
        self.n += other.n;
        self.n_samples += other.n_samples;
        self.n_missing += other.n_missing;
        self.data_missing |= other.data_missing;
        self.drift_detected |= other.drift_detected;
        self.n_detections += other.n_detections;
        self.n_suppressed += other.n_suppressed;
        self.last_alert = self.last_alert.max(other.last_alert);
    }
}

impl DriftDetector {
    /// What it has seen and found, over all series.
    pub fn status(&self) -> Status {
        self.watch.lock().status(&self.config)
    }

    /// What it has seen and found of a model, or (`None`) of events without one.
    /// A model that is named in a baseline has a status before it is heard of.
    ///
    /// # Errors
    /// `InvalidValue` for a model that has no series, and always without
    /// `per_model`.
    pub fn status_of(&self, model: &Option<ModelId>) -> Result<Status> {
        let found = self.watch.lock().status_of(&self.config, model);
        found.ok_or_else(|| {
            let got = match model {
                Some(model) => format!("\"{model}\""),
                None => "none".to_owned(),
            };
            let allowed = match self.config.per_model {
                true => format!("a model that has a series: {}", self.some_models()),
                false => ONE_SERIES.to_owned(),
            };
            Error::invalid_value("model", got, allowed)
        })
    }

    /// A few models that have a series, for a message.
    fn some_models(&self) -> String {
        let models = self.models();
        let named = models.iter().take(5).map(|model| match model {
            Some(model) => format!("\"{model}\""),
            None => "none".to_owned(),
        });
        let mut names: Vec<_> = named.collect();
        if names.is_empty() {
            return "there is none yet".to_owned();
        }
        if models.len() > names.len() {
            names.push(format!("... ({} in all)", models.len()));
        }
        names.join(", ")
    }

    /// The models that have a series, in the order in which they came (where one
    /// made room for another, in its place); `None` is that of events without
    /// one. Empty without `per_model`.
    pub fn models(&self) -> Vec<Option<ModelId>> {
        self.watch.lock().models()
    }

    /// The most models that are kept apart; `None` without `per_model`.
    pub fn max_models(&self) -> Option<usize> {
        self.watch.lock().max_models()
    }

    /// Values of models for which there was no room: not judged.
    pub fn n_overflow(&self) -> u64 {
        self.watch.lock().n_overflow()
    }

    /// Values of models that no baseline is for: not judged.
    pub fn n_unknown_model(&self) -> u64 {
        self.watch.lock().n_unknown_model()
    }

    /// What a person should know before trusting p-values or a threshold set by
    /// hand: a baseline's values depend on those before them (see
    /// [`autocorrelation::is_strong`]).
    pub fn warning(&self) -> Option<String> {
        let watch = self.watch.lock();
        let baselines = watch.baselines();
        let named = baselines.all_named().iter();
        let named = named.map(|named| (of_model(&named.model), &named.baseline));
        let shared = baselines.shared_one();
        let mut all = shared
            .map(|one| ("baseline".to_owned(), one))
            .into_iter()
            .chain(named);
        all.find_map(|(name, baseline)| {
            let (r1, n) = (baseline.autocorrelation?, baseline.n);
            autocorrelation::is_strong(r1, n).then(|| {
                format!(
                    "{name}: each value depends on the one before it (lag-1 autocorrelation \
                     {r1:.2}), so the window's statistic varies more than independent values' \
                     would and false alarms come sooner than promised; use \
                     DriftDetector.calibrated(history, ...), or shuffle the baseline if its \
                     order means nothing"
                )
            })
        })
    }
}
