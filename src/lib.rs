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
//! | [`export`] | metrics as text that scrapers read |
//! | [`drift`] | two-sample tests and distances |
//! | [`sketch`] | summaries in bounded memory that merge: quantiles |
//! | [`math`] | distributions and sums that the tests stand on |
//! | [`fork`] | what a forked child finds, and what it makes anew |
//!
