//! Sums, moving averages and control charts.
//!
//! | where | what |
//! |---|---|
//! | one file each | the methods |
//! | `phase_one.rs` | what a chart knows of a process in control |

pub(in crate::stream) mod cusum;
pub(in crate::stream) mod ewma_chart;
pub(in crate::stream) mod geometric_moving_average;
pub(in crate::stream) mod list;
pub(in crate::stream) mod page_hinkley;
pub(in crate::stream) mod phase_one;
pub(in crate::stream) mod shewhart;

pub use cusum::{CUSUM, CUSUMParameters};
pub use ewma_chart::{EWMAChart, EWMAChartParameters};
pub use geometric_moving_average::{GeometricMovingAverage, GeometricMovingAverageParameters};
pub use page_hinkley::{Mode, PageHinkley, PageHinkleyParameters};
pub use shewhart::{Shewhart, ShewhartParameters};
