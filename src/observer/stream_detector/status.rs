//! What can be read of a stream detector.

use std::sync::Arc;

use super::StreamDetector;
use super::alarm::Reading;
use super::config::StreamSource;
use super::state::{Engine, State};
use super::watch::{Kept, Key};
use crate::error::{Error, Result};
use crate::event::{ModelId, Timestamp};
use crate::stream::Signal;

/// What a stream detector has seen and found: of one series, or of all.
///
/// Of several, counts are sums over the series, `drift_detected` and `warning_detected`
/// say whether any series is in that state, `last_alert` is the latest, and `reading` is
/// empty: each series has its own.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StreamStatus {
    /// The model whose series it is.
    pub model: Option<ModelId>,
    /// The feature whose series it is.
    pub feature: Option<Arc<str>>,
    /// Values since the last change, or since the start.
    pub n: u64,
    /// Values taken since the start, missing ones left out.
    pub n_samples: u64,
    /// Missing values since the start.
    pub n_missing: u64,
    /// Values that the detector does not take, such as 0.3 where it takes 0 and 1.
    pub n_refused: u64,
    /// Whether there was a change, and not yet `resolve_after` values without another.
    pub drift_detected: bool,
    /// Whether the last value was in the detector's warning zone.
    pub warning_detected: bool,
    /// Changes told, or that would have been without a hub.
    pub n_detections: u64,
    /// Changes within the cooldown.
    pub n_suppressed: u64,
    /// When the last alert was told.
    pub last_alert: Option<Timestamp>,
    /// What can be read of the detector.
    pub reading: Reading,
}

impl StreamStatus {
    fn of(key: Key, state: &State) -> Self {
        let (n_samples, n_missing) = state.counts();
        let warns = match &state.engine {
            Engine::Native { detector, .. } => detector.signal() == Signal::Warning,
            Engine::Foreign(_) => false,
        };
        Self {
            model: key.model,
            feature: key.feature,
            n: state.n(),
            n_samples,
            n_missing,
            n_refused: state.n_refused,
            drift_detected: state.course.drifting,
            warning_detected: warns,
            n_detections: state.course.n_detections,
            n_suppressed: state.course.n_suppressed,
            last_alert: state.course.last_alert,
            reading: state.reading(),
        }
    }

    pub(in crate::observer) fn add(&mut self, other: &Self) {
        self.n += other.n;
        self.n_samples += other.n_samples;
        self.n_missing += other.n_missing;
        self.n_refused += other.n_refused;
        self.drift_detected |= other.drift_detected;
        self.warning_detected |= other.warning_detected;
        self.n_detections += other.n_detections;
        self.n_suppressed += other.n_suppressed;
        self.last_alert = self.last_alert.max(other.last_alert);
    }
}

impl StreamDetector {
    /// What it has seen and found: of its series where it has one, else over all.
    pub fn status(&self) -> StreamStatus {
        let watch = self.watch.lock();
        let series = match &watch.kept {
            Kept::One(state) => return StreamStatus::of(self.one(), state),
            Kept::Many(series) => series,
        };
        let mut all: Vec<_> = series
            .iter()
            .map(|(key, state)| StreamStatus::of(key.clone(), state))
            .collect();
        if all.len() == 1
            && let Some(only) = all.pop()
        {
            return only;
        }
        all.iter().fold(StreamStatus::default(), |mut sum, one| {
            sum.add(one);
            sum
        })
    }

    /// What it has seen and found of the series of a model and a feature (`None`: of
    /// events that name none).
    ///
    /// # Errors
    /// `InvalidValue` for what has no series.
    pub fn status_of(
        &self,
        model: Option<&ModelId>,
        feature: Option<&Arc<str>>,
    ) -> Result<StreamStatus> {
        self.look_at(model, feature, |key, state| {
            StreamStatus::of(key.clone(), state)
        })
    }

    /// The detector of a series: a copy with all that it has seen; where it is code of the
    /// host's, it itself. Where there is no series yet, that with which each begins.
    ///
    /// # Errors
    /// `InvalidValue` for what has no series where there are others.
    pub fn detector(
        &self,
        model: Option<&ModelId>,
        feature: Option<&Arc<str>>,
    ) -> Result<StreamSource> {
        let prototype = &self.config.detector;
        if model.is_none() && feature.is_none() {
            let watch = self.watch.lock();
            if let Kept::Many(series) = &watch.kept {
                let mut states = series.iter().map(|(_, state)| state);
                match (states.next(), states.next()) {
                    (None, _) => return Ok(prototype.clone()),
                    (Some(only), None) => return Ok(copy_of(only, prototype)),
                    _ => {}
                }
            }
        }
        self.look_at(model, feature, |_, state| copy_of(state, prototype))
    }

    fn look_at<T>(
        &self,
        model: Option<&ModelId>,
        feature: Option<&Arc<str>>,
        look: impl FnOnce(&Key, &State) -> T,
    ) -> Result<T> {
        let config = &self.config;
        if !config.per_model
            && let Some(model) = model
        {
            let allowed = "no model: only a detector with per_model=True keeps them apart";
            return Err(Error::invalid_value(
                "model",
                format!("\"{model}\""),
                allowed,
            ));
        }
        let key = Key {
            model: model.cloned(),
            feature: feature.or(config.feature.as_ref()).cloned(),
        };
        let watch = self.watch.lock();
        let state = match &watch.kept {
            Kept::One(state) => (key.feature == config.feature).then_some(&**state),
            Kept::Many(series) => series.get(&key),
        };
        if let Some(state) = state {
            return Ok(look(&key, state));
        }
        drop(watch);
        Err(self.no_series(key.model.as_ref(), key.feature.as_ref()))
    }

    /// The error about what has no series.
    pub(super) fn no_series(&self, model: Option<&ModelId>, feature: Option<&Arc<str>>) -> Error {
        let known = self.series();
        let mut names: Vec<_> = known.iter().take(5).map(described).collect();
        let allowed = match names.is_empty() {
            true => "what has a series: there is none yet".to_owned(),
            false => {
                if known.len() > names.len() {
                    names.push(format!("... ({} in all)", known.len()));
                }
                format!("what has a series: {}", names.join(", "))
            }
        };
        let argument = match model.is_some() {
            true => "model",
            false => "feature",
        };
        let got = described(&(model.cloned(), feature.cloned()));
        Error::invalid_value(argument, got, allowed)
    }

    fn one(&self) -> Key {
        Key {
            model: None,
            feature: self.config.feature.clone(),
        }
    }

    /// Model and feature of each series, in the order in which they came (where one made
    /// room for another, in its place).
    pub fn series(&self) -> Vec<(Option<ModelId>, Option<Arc<str>>)> {
        match &self.watch.lock().kept {
            Kept::One(_) => vec![(None, self.config.feature.clone())],
            Kept::Many(series) => series
                .iter()
                .map(|(key, _)| (key.model.clone(), key.feature.clone()))
                .collect(),
        }
    }

    /// The most series that are kept apart; `None` where there is one, whatever comes.
    pub fn max_models(&self) -> Option<usize> {
        self.watch.lock().max_models()
    }

    /// Values for whose series there was no room: not judged.
    pub fn n_overflow(&self) -> u64 {
        self.watch.lock().n_overflow
    }
}

fn copy_of(state: &State, prototype: &StreamSource) -> StreamSource {
    match &state.engine {
        Engine::Native { detector, .. } => detector.clone_box().into(),
        Engine::Foreign(foreign) => match &foreign.detector {
            Some(detector) => StreamSource::Foreign(Arc::clone(detector)),
            None => prototype.clone(),
        },
    }
}

fn described((model, feature): &(Option<ModelId>, Option<Arc<str>>)) -> String {
    match (model, feature) {
        (None, None) => "no model and no feature".to_owned(),
        (None, Some(feature)) => format!("feature \"{feature}\""),
        (Some(model), None) => format!("model \"{model}\" without feature"),
        (Some(model), Some(feature)) => format!("model \"{model}\" with feature \"{feature}\""),
    }
}
