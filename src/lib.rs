//! driftline: watch machine-learning models in production.
//!
//! | room | what lives there |
//! |---|---|
//! | [`error`] | the one error type |
//! | [`event`] | [`event::Event`] and its parts: plain data |
//! | [`hub`] | registration, dispatch, reports |
//! | [`observer`] | the observer trait and the native observers |
//! | [`export`] | metrics as text that scrapers read |
//! | [`drift`] | two-sample tests and distances |
//! | [`math`] | distributions and sums that the tests stand on |
//!
//! Imports run one way: `math -> error`; `drift -> math`; `event -> error`;
//! `export -> event`; `observer -> event, drift, math, export`;
//! `hub -> event, observer`. The core knows nothing of Python; the bindings
//! (cargo feature `python`) know everything.

#[cfg(feature = "python")]
mod bindings;
pub mod drift;
pub mod error;
pub mod event;
pub mod export;
pub mod hub;
pub mod math;
pub mod observer;
