//! What can be read of a bank on a hub.

use std::sync::Arc;

use super::StreamBank;
use super::state::State;
use crate::error::{Error, Result};
use crate::event::ModelId;
use crate::observer::StreamStatus;
use crate::stream::{Bank, Detector, Signal};

impl State {
    fn status(&self, model: Option<&ModelId>, feature: usize, name: Arc<str>) -> StreamStatus {
        let (n_samples, n_missing) = self.counts(feature).unwrap_or_default();
        let course = self.course(feature).cloned().unwrap_or_default();
        let signal = self.bank.detector(feature).map(|one| one.signal());
        StreamStatus {
            model: model.cloned(),
            feature: Some(name),
            n: course.n(n_samples),
            n_samples,
            n_missing,
            n_refused: self.n_refused,
            drift_detected: course.drifting,
            warning_detected: signal == Ok(Signal::Warning),
            n_detections: course.n_detections,
            n_suppressed: course.n_suppressed,
            last_alert: course.last_alert,
            reading: self.reading(feature),
        }
    }

    /// Sums over the features; of what was refused it knows rows.
    fn sum(&self, model: Option<&ModelId>) -> StreamStatus {
        let nameless: Arc<str> = "".into();
        let mut sum = StreamStatus::default();
        for feature in 0..self.bank.n_features() {
            sum.add(&self.status(model, feature, Arc::clone(&nameless)));
        }
        sum.model = model.cloned();
        sum.n_refused = self.n_refused;
        sum
    }
}

impl StreamBank {
    /// What it has seen and found, over all features and models: sums, and whether any is
    /// in a state. Rows that were refused count once.
    pub fn status(&self) -> StreamStatus {
        let watch = self.watch.lock();
        let mut series = watch.series().into_iter();
        let mut status = match series.next() {
            Some((model, state)) => state.sum(model),
            None => return StreamStatus::default(),
        };
        for (model, state) in series {
            status.model = None;
            status.add(&state.sum(model));
        }
        status
    }

    /// What it has seen and found of one feature of a model's rows, or over all of its
    /// features (`None`).
    ///
    /// # Errors
    /// `InvalidValue` for a model without rows, and for a name that no feature has.
    pub fn status_of(
        &self,
        model: Option<&ModelId>,
        feature: Option<&str>,
    ) -> Result<StreamStatus> {
        let place = feature.map(|name| self.config.place_of(name)).transpose()?;
        self.look_at(model, |state| match place {
            Some(place) => state.status(model, place, self.config.name_of(place)),
            None => state.sum(model),
        })
    }

    /// A copy of the bank of a model, with all that it has seen; without a model that of
    /// the only series, or, where there is none yet, the bank with which each begins.
    ///
    /// # Errors
    /// `InvalidValue` for a model without rows where others have some.
    pub fn bank(&self, model: Option<&ModelId>) -> Result<Bank> {
        if model.is_none() {
            let watch = self.watch.lock();
            match *watch.series() {
                [] => return Ok(Bank::clone(&self.config.bank)),
                [(_, only)] => return Ok(only.bank.clone()),
                _ => {}
            }
        }
        self.look_at(model, |state| state.bank.clone())
    }

    /// A copy of the detector of one feature; of which model is as for [`StreamBank::bank`].
    ///
    /// # Errors
    /// `InvalidValue` for a model without rows, and for a name that no feature has.
    pub fn detector(&self, model: Option<&ModelId>, feature: &str) -> Result<Box<dyn Detector>> {
        let place = self.config.place_of(feature)?;
        if model.is_none() {
            let watch = self.watch.lock();
            match *watch.series() {
                [] => return Ok(self.config.bank.detector(place)?.clone_box()),
                [(_, only)] => return Ok(only.bank.detector(place)?.clone_box()),
                _ => {}
            }
        }
        self.look_at(model, |state| Ok(state.bank.detector(place)?.clone_box()))?
    }

    fn look_at<T>(&self, model: Option<&ModelId>, look: impl FnOnce(&State) -> T) -> Result<T> {
        if !self.config.per_model
            && let Some(model) = model
        {
            let allowed = "no model: only a detector with per_model=True keeps them apart";
            let got = format!("\"{model}\"");
            return Err(Error::invalid_value("model", got, allowed));
        }
        let watch = self.watch.lock();
        if let Some(state) = watch.get(model) {
            return Ok(look(state));
        }
        drop(watch);
        Err(self.no_series(model))
    }

    /// The error about a model without rows.
    pub(super) fn no_series(&self, model: Option<&ModelId>) -> Error {
        let watch = self.watch.lock();
        let known = watch.series();
        let described = |model: Option<&ModelId>| match model {
            Some(model) => format!("model \"{model}\""),
            None => "no model".to_owned(),
        };
        let mut names: Vec<_> = known
            .iter()
            .take(5)
            .map(|(own, _)| described(*own))
            .collect();
        let allowed = match names.is_empty() {
            true => "what has a series: there is none yet".to_owned(),
            false => {
                if known.len() > names.len() {
                    names.push(format!("... ({} in all)", known.len()));
                }
                format!("what has a series: {}", names.join(", "))
            }
        };
        Error::invalid_value("model", described(model), allowed)
    }

    /// The models of which there are rows, in the order in which they came (where one made
    /// room for another, in its place); `None` is that of events without one.
    pub fn models(&self) -> Vec<Option<ModelId>> {
        let watch = self.watch.lock();
        let series = watch.series().into_iter();
        series.map(|(model, _)| model.cloned()).collect()
    }

    /// The most models that are kept apart; `None` where there is one series, whatever
    /// comes.
    pub fn max_models(&self) -> Option<usize> {
        self.watch.lock().max_models()
    }

    /// Rows for whose model there was no room: not judged.
    pub fn n_overflow(&self) -> u64 {
        self.watch.lock().n_overflow
    }
}
