//! Detectors that compare the parts of a window, or a window with a baseline.
//!
//! | where | what |
//! |---|---|
//! | one file each | the methods |
//! | `optimal_cuts.rs` | where OPTWIN cuts a window of any width |
//! | `parts.rs` | two parts of a window in running sums |
//! | `ring.rs` | the last values in order |
//! | `deviation_tree.rs` | the largest deviation of two samples under insertion and removal |

pub(in crate::stream) mod adwin;
pub(in crate::stream) mod deviation_tree;
pub(in crate::stream) mod incremental_ks;
pub(in crate::stream) mod kswin;
pub(in crate::stream) mod list;
pub(in crate::stream) mod optimal_cuts;
pub(in crate::stream) mod optwin;
pub(in crate::stream) mod parts;
pub(in crate::stream) mod ring;
pub(in crate::stream) mod seed;
pub(in crate::stream) mod windowed_test;

pub use adwin::{ADWIN, ADWINParameters};
pub use incremental_ks::{IncrementalKS, IncrementalKSParameters};
pub use kswin::{KSWIN, KSWINParameters};
pub use optwin::{OPTWIN, OPTWINParameters};
pub use seed::{SEED, SEEDParameters};
pub use windowed_test::{WindowedTest, WindowedTestParameters};
