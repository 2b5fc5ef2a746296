//! A bank as JSON: versioned, sealed with a checksum; what all detectors share stands once.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::discoveries::Control;
use super::features::Origin;
use super::{Bank, MOST_FEATURES, MOST_THREADS, features_of};
use crate::error::Result;
use crate::stream::definition::{Direction, Signal};
use crate::stream::options::Options;
use crate::stream::state::{FORMAT, Snapshot, damaged, opened, sealed};

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    format: u64,
    detector: String,
    parameters: Map<String, Value>,
    options: Options,
    threads: usize,
    /// The positions of those that are left out.
    masked: Vec<usize>,
    features: Vec<Feature>,
    /// Of a bank with a false discovery rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    control: Option<Control>,
}

/// What is one detector's own.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Feature {
    signal: Signal,
    ended: bool,
    direction: Option<Direction>,
    n_samples: u64,
    n_missing: u64,
    n_detections: u64,
    recent: Vec<f64>,
    memory: Value,
}

impl From<Snapshot> for Feature {
    fn from(one: Snapshot) -> Self {
        Self {
            signal: one.signal,
            ended: one.ended,
            direction: one.direction,
            n_samples: one.n_samples,
            n_missing: one.n_missing,
            n_detections: one.n_detections,
            recent: one.recent,
            memory: one.memory,
        }
    }
}

impl Feature {
    fn into_snapshot(self, options: Options) -> Snapshot {
        Snapshot {
            format: FORMAT,
            detector: String::new(),
            parameters: Map::new(),
            options,
            signal: self.signal,
            ended: self.ended,
            direction: self.direction,
            n_samples: self.n_samples,
            n_missing: self.n_missing,
            n_detections: self.n_detections,
            recent: self.recent,
            memory: self.memory,
        }
    }
}

impl Bank {
    /// All of it as JSON, which [`Bank::from_state`] reads.
    pub fn state(&self) -> Value {
        let masked = self.masked.iter().enumerate();
        let features = (0..self.n_features()).filter_map(|i| self.features.snapshot(i));
        sealed(&Stored {
            format: FORMAT,
            detector: self.name().to_owned(),
            parameters: self.parameters(),
            options: *self.options(),
            threads: self.threads,
            masked: masked
                .filter_map(|(i, &masked)| masked.then_some(i))
                .collect(),
            features: features.map(Feature::from).collect(),
            control: self.control.clone(),
        })
    }

    /// Reads what [`Bank::state`] has written.
    ///
    /// # Errors
    /// `InvalidValue` for what is damaged, foreign, or of a later version.
    pub fn from_state(state: Value) -> Result<Self> {
        let stored: Stored = opened(state)?;
        let n = stored.features.len();
        if n == 0 || n > MOST_FEATURES {
            return Err(damaged("a number of features that no bank has"));
        }
        if stored.threads == 0 || stored.threads > MOST_THREADS {
            return Err(damaged("a number of threads that no bank has"));
        }
        let options = stored.options;
        let snapshots = stored.features.into_iter();
        let snapshots = snapshots.map(|one| one.into_snapshot(options)).collect();
        let mut masked = vec![false; n];
        for position in stored.masked {
            match masked.get_mut(position) {
                Some(masked) => *masked = true,
                None => return Err(damaged("a mask of features that are not there")),
            }
        }
        let origin = Origin::Stored(snapshots);
        let prototype = crate::stream::get(&stored.detector, &stored.parameters, options)?;
        let mut control = stored.control;
        if let Some(control) = &mut control {
            control.restored(prototype.as_ref(), n)?;
        }
        Ok(Self {
            prototype,
            features: features_of(&stored.detector, &stored.parameters, options, origin)?,
            masked,
            threads: stored.threads,
            control,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::stream::state::sealed;
    use crate::stream::{self, Bank, Options};

    #[test]
    fn forged_discoveries_harm_nobody() {
        let parameters = json!({"target": 0.5});
        let parameters = parameters.as_object().unwrap();
        let name = "betting_confidence_sequence";
        let detector = stream::get(name, parameters, Options::default()).unwrap();
        for method in ["e_bh", "e_lond"] {
            let mut bank = Bank::with_fdr(detector.as_ref(), 3, 0.2, method).unwrap();
            for _ in 0..20 {
                bank.update(&[1.0, 0.5, 0.5]).unwrap();
            }
            let mut state = bank.state();
            state.as_object_mut().unwrap().remove("checksum");
            let keys = [
                "",
                "/fdr",
                "/method",
                "/selected",
                "/selected/0",
                "/runs",
                "/runs/0",
                "/runs/0/number",
                "/runs/0/discoveries",
                "/n_runs",
                "/n_discoveries",
            ];
            let forgeries = [
                json!(null),
                json!(0),
                json!(-1),
                json!(7),
                json!(1e-9),
                json!(1e300),
                json!(u64::MAX),
                json!([]),
                json!([2, 1]),
                json!([0, 9]),
                json!("e_bh"),
                json!("e_lond"),
            ];
            for key in keys {
                for forgery in &forgeries {
                    let mut forged = state.clone();
                    let Some(place) = forged.pointer_mut(&format!("/control{key}")) else {
                        continue;
                    };
                    *place = forgery.clone();
                    let forged: Value = sealed(&forged);
                    // What is not refused goes on without a panic.
                    if let Ok(mut bank) = Bank::from_state(forged) {
                        for _ in 0..8 {
                            bank.update(&[1.0, 0.0, 1.0]).unwrap();
                        }
                        bank.reset();
                        let _ = (bank.discoveries(), bank.state());
                    }
                }
            }
            let sound = Bank::from_state(bank.state()).unwrap();
            assert_eq!(sound.discoveries(), bank.discoveries());
        }
    }
}
