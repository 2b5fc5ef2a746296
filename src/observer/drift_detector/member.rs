//! One series of a detector: its state, and whether it is silent.

use super::alarm::{About, Alarm};
use super::config::Config;
use super::silence::Silence;
use super::state::{Baseline, State};

/// One series.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) state: State,
    pub(super) silence: Silence,
    /// Under which model and feature the last alarm was told.
    pub(super) told: Option<About>,
}

impl Member {
    pub(super) fn new(config: &Config, baseline: &Baseline) -> Self {
        Self {
            state: State::new(config, baseline.clone()),
            silence: Silence::default(),
            told: None,
        }
    }

    /// Starts with another baseline; the drift that this ends, if it was told.
    pub(super) fn rebase(&mut self, config: &Config, baseline: &Baseline) -> Option<Alarm> {
        let ended = self.state.drifting.then(|| {
            let at = self.state.last_alert?;
            let about = self.told.take().unwrap_or_else(|| About {
                model: None,
                feature: config.feature.clone(),
            });
            Some(Alarm::rebased(config, at, about))
        });
        self.state.rebase(config, baseline.clone());
        ended.flatten()
    }
}
