//! Rust tests of the core, one module per area.

// A test that cannot go on should say so and stop.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod adjust;
mod alerts;
mod binning;
mod categorical;
mod classical_laws;
mod classical_tests;
mod config;
mod delivery;
mod drift;
mod drift_detector;
mod drift_detector_asking;
mod drift_detector_models;
mod drift_monitor;
mod effects;
mod event;
mod golden;
mod hub;
mod labels;
mod latency_monitor;
mod limit_laws;
mod math;
mod metrics_collector;
mod multivariate;
mod ordered;
mod performance_monitor;
mod ranking;
mod resampling;
mod retraining_trigger;
mod sinks;
mod sketch;
mod sketch_categories;
mod sketch_ranks;
mod sort;
mod stream;
mod stream_anytime;
mod stream_bank;
mod stream_bank_discoveries;
mod stream_bank_observer;
mod stream_bocpd;
mod stream_calibrate;
mod stream_charts;
mod stream_conformal;
mod stream_detector;
mod stream_detector_foreign;
mod stream_discovery;
mod stream_golden;
mod stream_windows;
mod table;
mod table_joint;
mod table_performance;
mod table_plan;
mod table_rows;
mod table_verdict;
