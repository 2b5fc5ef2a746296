//! One series of a detector: its state, and whether it is silent.

use super::config::Config;
use super::silence::Silence;
use super::state::{Baseline, State};

/// One series.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) state: State,
    pub(super) silence: Silence,
}

impl Member {
    pub(super) fn new(config: &Config, baseline: &Baseline) -> Self {
        Self {
            state: State::new(config, baseline.clone()),
            silence: Silence::default(),
        }
    }
}
