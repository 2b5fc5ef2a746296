//! Rust tests of the core, one module per area.
