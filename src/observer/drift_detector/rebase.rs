//! Other baselines: by hand, and after a training.

use ndarray::{ArrayView1, aview1};

use super::alarm::{About, Alarm};
use super::config::Config;
use super::origin::Origin;
use super::state::Baseline;
use super::watch::{Kept, Watch};
use super::{DriftDetector, ONE_SERIES, check_window};
use crate::error::{Error, Result};
use crate::event::ModelId;

impl DriftDetector {
    /// Compares with another baseline of shape `(n,)`, which is copied. The
    /// windows start empty and without drift; the counts go on. A threshold that
    /// was calibrated stays as it is. Drift that is open ends with it: that is told
    /// (`drift_resolved`) with the next event that the detector hears.
    ///
    /// With a model, only its series (a name without version: those of all its
    /// versions that have no baseline of their own); it need not have been known.
    ///
    /// # Errors
    /// Those of the test's `fit`, and `InvalidValue` for a model without
    /// `per_model`; then nothing has changed.
    pub fn rebase(&self, baseline: ArrayView1<'_, f64>, model: Option<&ModelId>) -> Result<()> {
        if let Some(model) = model
            && !self.config.per_model
        {
            let got = format!("\"{model}\" for a detector with one series");
            return Err(Error::invalid_value("model", got, ONE_SERIES));
        }
        let fitted = Baseline::new(&self.config, baseline)?;
        check_window(&self.config, &fitted, baseline)?;
        let mut watch = self.watch.lock();
        let held = watch.fitted();
        watch.rebase(&self.config, model, fitted);
        drop(watch);
        drop(held); // not under the lock
        Ok(())
    }

    /// Whether a new version of `model` changes what this detector should compare
    /// with: it takes events of that name, or of any, and with `per_model` has a
    /// series or a baseline of it. A training without a model concerns detectors
    /// that keep no models apart and take any.
    pub fn is_concerned(&self, model: Option<&ModelId>) -> bool {
        let of_name = |other: &ModelId| model.is_some_and(|model| model.name() == other.name());
        if let Some(only) = &self.config.model
            && !of_name(only.model())
        {
            return false;
        }
        let watch = self.watch.lock();
        match &watch.kept {
            Kept::One(_) => true,
            Kept::ByModel(series) => {
                let named = watch.baselines.all_named().iter();
                let mut named = named.map(|named| &named.model);
                let mut heard = series.iter().filter_map(|(model, _)| model.as_ref());
                named.any(of_name) || heard.any(of_name)
            }
        }
    }

    /// After a training: compares every version of `model` with `baseline`, or,
    /// without one, with the last full window (with `per_model`: that of the
    /// version heard last). Windows start empty, as with [`DriftDetector::rebase`].
    /// Answers the drift that ends with it, to be told by [`Alarm::event`]; nothing
    /// for a model that does not concern it. Drift of events without a model is told
    /// with the next event that the detector hears: an event derived from the
    /// training's would be taken for one of its model.
    ///
    /// A window is a small sample: a baseline of `window_size` values is itself
    /// uncertain, and a threshold that was found for a larger one is crossed more
    /// often.
    ///
    /// # Errors
    /// Those of the test's `fit`; `InvalidValue` when there is no full window. Then
    /// nothing has changed.
    pub fn renew(
        &self,
        baseline: Option<ArrayView1<'_, f64>>,
        model: Option<&ModelId>,
    ) -> Result<Vec<Alarm>> {
        if !self.is_concerned(model) {
            return Ok(Vec::new());
        }
        let window;
        let sample = match baseline {
            Some(baseline) => baseline,
            None => {
                let last = self.watch.lock().last_window(model);
                window = last.ok_or_else(|| {
                    let got = "the last window, which is not full";
                    let allowed = format!("a full window: {} values", self.config.window_size);
                    Error::invalid_value("baseline", got, allowed)
                })?;
                aview1(&window)
            }
        };
        let baseline = Baseline::new(&self.config, sample)?;
        check_window(&self.config, &baseline, sample)?;
        let every_version = model.map(|model| ModelId::new(model.name(), None, None));
        let every_version = every_version.transpose()?;
        let mut watch = self.watch.lock();
        let held = watch.fitted();
        let ended = watch.renew(&self.config, every_version.as_ref(), &baseline);
        let names_none = |alarm: &Alarm| {
            let about = alarm.about.as_ref();
            model.is_some() && about.is_some_and(|about| about.model.is_none())
        };
        let (later, now) = ended.into_iter().partition(names_none);
        watch.untold.extend::<Vec<_>>(later);
        drop(watch);
        drop((held, baseline)); // not under the lock
        Ok(now)
    }
}

impl Watch {
    /// Remembers under which model and feature something was told.
    #[cold]
    pub(super) fn remember(&mut self, config: &Config, origin: Origin<'_>) {
        let member = match &mut self.kept {
            Kept::One(member) => Some(&mut **member),
            Kept::ByModel(series) => series.get_mut(origin.model),
        };
        if let Some(member) = member.filter(|member| member.state.drifting) {
            member.told = Some(About {
                model: origin.model.clone(),
                feature: origin.feature.or(config.feature.as_ref()).cloned(),
            });
        }
    }

    /// Compares everyone, or a model or all versions of a name, with another
    /// baseline; counts go on.
    fn rebase(&mut self, config: &Config, model: Option<&ModelId>, baseline: Baseline) {
        let changed = match model {
            Some(model) => Some(self.baselines.set(model, baseline)),
            None => {
                self.baselines.set_all(baseline);
                None
            }
        };
        let mut heard = false;
        match &mut self.kept {
            Kept::One(member) => {
                if let Some((_, baseline)) = self.baselines.of(None) {
                    self.untold.extend(member.rebase(config, baseline));
                }
            }
            Kept::ByModel(series) => {
                for (key, member) in series.iter_mut() {
                    let Some((place, baseline)) = self.baselines.of(key.as_ref()) else {
                        continue;
                    };
                    if changed.is_none() || place == changed {
                        self.untold.extend(member.rebase(config, baseline));
                        heard = true;
                    }
                }
            }
        }
        let named = changed.and_then(|place| self.baselines.all_named_mut().get_mut(place));
        if let Some(named) = named {
            named.heard |= heard;
        }
    }

    /// The last full window of any version of a model.
    fn last_window(&self, model: Option<&ModelId>) -> Option<Vec<f64>> {
        let state = match &self.kept {
            Kept::One(member) => Some(&member.state),
            Kept::ByModel(series) => {
                let name = model?.name();
                let of_name = series.iter().filter(|(key, member)| {
                    let key = key.as_ref();
                    key.is_some_and(|key| key.name() == name) && member.state.window.is_full()
                });
                let last = of_name.max_by_key(|(key, _)| series.last_seen(key));
                last.map(|(_, member)| &member.state)
            }
        };
        let window = &state.filter(|state| state.window.is_full())?.window;
        Some(window.to_vec())
    }

    /// Compares all versions of a model with another baseline, those that had one of
    /// their own included.
    fn renew(
        &mut self,
        config: &Config,
        every_version: Option<&ModelId>,
        baseline: &Baseline,
    ) -> Vec<Alarm> {
        let Kept::ByModel(series) = &mut self.kept else {
            self.rebase(config, None, baseline.clone());
            return std::mem::take(&mut self.untold);
        };
        let Some(every_version) = every_version else {
            return Vec::new();
        };
        let of_name = |model: &ModelId| model.name() == every_version.name();
        let place = self.baselines.set(every_version, baseline.clone());
        let mut ended = Vec::new();
        let mut heard = false;
        for (key, member) in series.iter_mut() {
            if key.as_ref().is_some_and(of_name) {
                ended.extend(member.rebase(config, baseline));
                heard = true;
            }
        }
        for (index, named) in self.baselines.all_named_mut().iter_mut().enumerate() {
            if of_name(&named.model) {
                named.baseline = baseline.clone();
                named.heard |= heard && index == place;
            }
        }
        ended
    }
}
