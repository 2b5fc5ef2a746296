//! Rust tests of the core, one module per area.

mod golden;
mod hub;
mod math;
