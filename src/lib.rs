//! driftline: watch machine-learning models in production.
//!
//! | room | what lives there |
//! |---|---|
//! | [`error`] | the one error type |
//! | [`event`] | [`event::Event`] and its parts: plain data |
//! | [`hub`] | registration, dispatch, reports |
//! | [`observer`] | the observer trait and the native observers |
//! | [`alert`] | alerts and the sinks that tell people of them |
//! | [`delivery`] | work that leaves the emitter's thread: queued, retried, counted |
//! | [`config`] | set-ups in YAML, JSON and TOML: read with positions, checked |
//! | [`labels`] | labels that arrive later, joined to their predictions by id |
//! | [`export`] | metrics as text that scrapers read |
//! | [`drift`] | two-sample tests and distances |
//! | [`stream`] | streaming detectors: changes, told value by value |
//! | [`monitor`] | a plan at work: rows in, rolling verdicts out |
//! | [`table`] | tables: columns of two sides, compared and judged together |
//! | [`estimate`] | how well predictions do before the truth is known |
//! | [`sketch`] | summaries in bounded memory that merge: quantiles, ranks, categories |
//! | `saved` | state as bytes and as files: headers, checksums |
//! | [`math`] | distributions and sums that the tests stand on |
//! | [`fork`] | what a forked child finds, and what it makes anew |
//!
//! Imports run one way: `math, config -> error`; `drift -> sketch -> math`; `stream -> drift,
//! sketch, math`; `estimate -> math`; `table -> drift, estimate, sketch, math, saved`;
//! `monitor -> table, estimate, labels, event, math, saved`; `event -> error`;
//! `export, labels -> event`; `delivery -> error, fork`; `alert -> event, delivery, fork`;
//! `observer -> event, drift, stream, sketch, math, monitor, labels, export, alert, delivery`;
//! `hub -> event, observer, fork`. The core knows nothing of Python; the bindings (cargo
//! feature `python`) know everything.

pub mod alert;
#[cfg(feature = "python")]
mod bindings;
pub mod config;
pub mod delivery;
pub mod drift;
pub mod error;
pub mod estimate;
pub mod event;
pub mod export;
pub mod fork;
pub mod hub;
pub mod labels;
pub mod math;
pub mod monitor;
pub mod observer;
mod saved;
pub mod sketch;
pub mod stream;
pub mod table;
