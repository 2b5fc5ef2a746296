//! Rust tests of the core, one module per area.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod golden;
mod math;
