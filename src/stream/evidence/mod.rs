//! Detectors that weigh the evidence of a change: posteriors, e-values, martingales.
//!
//! | where | what |
//! |---|---|
//! | one file each | the methods |
//! | `bounded_mean.rs` | means of bounded values |
//! | `wager.rs` | stakes and capital |
//! | `bag.rs` | the values that ranks are taken in |
//! | `run_models.rs` | models of one run of values |

pub(in crate::stream) mod bag;
pub(in crate::stream) mod betting_confidence_sequence;
pub(in crate::stream) mod bocpd;
pub(in crate::stream) mod bounded_mean;
pub(in crate::stream) mod conformal_martingale;
pub(in crate::stream) mod e_detector;
pub(in crate::stream) mod list;
pub(in crate::stream) mod run_models;
pub(in crate::stream) mod wager;

pub use betting_confidence_sequence::{
    BettingConfidenceSequence, BettingConfidenceSequenceParameters,
};
pub use bocpd::{BOCPD, BOCPDModel, BOCPDParameters};
pub use conformal_martingale::{ConformalMartingale, ConformalMartingaleParameters};
pub use e_detector::{EDetector, EDetectorKind, EDetectorParameters};
