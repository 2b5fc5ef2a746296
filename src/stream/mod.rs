//! Streaming detectors: has something changed, told value by value.
//!
//! A detector is made by [`get`] from its name, its parameters and the [`Options`] that all
//! share; [`available`] names them. Both follow from the lists of the rooms, which `list.rs` joins. A method is a
//! [`Definition`]: how it takes one finite value. [`Running`] makes a [`Detector`] of it: it
//! leaves out and counts what is missing, begins anew after a change, keeps the counts and
//! stores all of it.
//!
//! | where | what |
//! |---|---|
//! | `definition.rs` | what makes a detector |
//! | `detector.rs` | what all detectors have in common |
//! | `options.rs` | what can be said to every detector |
//! | `running.rs` | a detector at work |
//! | `state.rs` | detectors as JSON |
//! | `charts/` | sums, moving averages and control charts |
//! | `errors/` | detectors of errors |
//! | `evidence/` | posteriors, e-values and martingales |
//! | `windows/` | parts of a window against each other, or against a baseline |
//! | `calibrate/` | from a budget of false alarms to parameters |
//! | `bank/` | one detector for each of many features |
//! | [`discovery`] | which of many detectors to believe |

mod bank;
mod calibrate;
mod charts;
mod definition;
mod detector;
pub mod discovery;
mod errors;
mod evidence;
pub(crate) mod list;
mod options;
mod running;
mod state;
mod windows;

pub use bank::{Bank, Detection, MOST_FEATURES};
pub use calibrate::{Calibration, Null, Source, calibrated};
pub(crate) use charts::list::for_each_chart;
pub use charts::*;
pub use definition::{Definition, Direction, Input, Signal, Tuning};
pub use detector::{Counts, Detector, LARGEST};
pub(crate) use errors::list::for_each_error_detector;
pub use errors::*;
pub(crate) use evidence::list::for_each_evidence_detector;
pub use evidence::*;
pub(crate) use list::for_each_stream_detector;
pub use options::{MOST_RECENT, OnDrift, Options};
pub use running::Running;
pub(crate) use windows::list::for_each_window_detector;
pub use windows::*;

use std::sync::LazyLock;

use serde_json::{Map, Value};

use self::state::Snapshot;
use crate::drift::{Parameters, unknown};
use crate::error::Result;

macro_rules! factory {
    ($($(#[$doc:meta])* $class:ident = $name:literal, $reads:tt {
        $($param:ident: $hint:literal, $type:ty = $default:tt,)*
    })*) => {
        /// The names of all detectors, in alphabetical order.
        ///
        /// # Example
        /// ```
        /// assert!(driftline::stream::available().contains(&"adwin"));
        /// ```
        pub fn available() -> &'static [&'static str] {
            static NAMES: LazyLock<Vec<&str>> = LazyLock::new(|| {
                let mut names = vec![$($name),*];
                names.sort_unstable();
                names
            });
            &NAMES
        }

        /// Makes a detector from its configuration name and parameters.
        ///
        /// # Errors
        /// `InvalidValue` for an unknown detector or parameter (with the nearest name) or a
        /// value out of range; `InvalidType` for a wrong type.
        /// # Example
        /// ```
        /// use driftline::stream::{self, Options, Signal};
        /// let mut detector = stream::get("adwin", &Default::default(), Options::default())?;
        /// let values: Vec<f64> = (0..2000).map(|i| f64::from(i % 2 + i / 1000)).collect();
        /// assert_eq!(detector.update_many(&values)?, [1023]);
        /// # Ok::<(), driftline::error::Error>(())
        /// ```
        pub fn get(
            name: &str,
            parameters: &Map<String, Value>,
            options: Options,
        ) -> Result<Box<dyn Detector>> {
            match name {
                $($name => {
                    let parameters = Parameters::from_map($name, parameters)?;
                    Ok(Box::new(Running::<$class>::new(parameters, options)?))
                })*
                _ => Err(unknown(
                    "detector".to_owned(), &format!("\"{name}\""), name, available(),
                )),
            }
        }

        /// Reads what [`Detector::state`] has written.
        ///
        /// # Errors
        /// `InvalidValue` for what is damaged, foreign, or of a later version.
        pub fn from_state(state: Value) -> Result<Box<dyn Detector>> {
            let snapshot: Snapshot = state::opened(state)?;
            match snapshot.detector.as_str() {
                $($name => Ok(Box::new(Running::<$class>::restore(snapshot)?)),)*
                name => Err(unknown(
                    "detector".to_owned(), &format!("\"{name}\""), name, available(),
                )),
            }
        }
    };
}
for_each_stream_detector!(factory);
