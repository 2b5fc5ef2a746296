//! How it stands with the changes of one detector, and what was told of them.

use super::alarm::StreamChange;
use crate::event::Timestamp;

/// Changes of one detector: told, held back, and over after a while.
#[derive(Debug, Clone, Default)]
pub(in crate::observer) struct Course {
    pub(in crate::observer) n_detections: u64,
    pub(in crate::observer) n_suppressed: u64,
    pub(in crate::observer) drifting: bool,
    pub(in crate::observer) last_alert: Option<Timestamp>,
    /// `n_samples` at the last change.
    changed: u64,
}

impl Course {
    /// Values since the last change, of `n_samples` in all.
    pub(in crate::observer) fn n(&self, n_samples: u64) -> u64 {
        n_samples.saturating_sub(self.changed)
    }

    /// While it drifts: how many values bring the end of it, if all are present; 0 where
    /// it is due.
    #[inline]
    pub(in crate::observer) fn left(
        &self,
        n_samples: u64,
        resolve_after: Option<u64>,
    ) -> Option<u64> {
        let after = resolve_after.filter(|_| self.drifting)?;
        Some(after.saturating_sub(self.n(n_samples)))
    }

    /// Takes a change, or the end of the drift; what is to be told of it.
    pub(in crate::observer) fn turn(
        &mut self,
        found: bool,
        n_samples: u64,
        at: Timestamp,
        cooldown_s: f64,
    ) -> Option<StreamChange> {
        self.drifting = found;
        if !found {
            return Some(StreamChange::Resolved);
        }
        self.changed = n_samples;
        if let Some(last) = self.last_alert
            && at.seconds_since(last) < cooldown_s
        {
            self.n_suppressed += 1;
            return None;
        }
        self.last_alert = Some(at);
        self.n_detections += 1;
        Some(StreamChange::Detected)
    }
}
