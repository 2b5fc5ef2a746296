//! Rust tests of the core, one module per area.

mod drift;
mod golden;
mod math;
