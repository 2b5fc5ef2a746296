//! Tests of shares: numbers in bins of the baseline.

mod psi;

pub use psi::{Binning, PSI};
