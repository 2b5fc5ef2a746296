//! Quadratic functionals of the Brownian bridge: the laws of the two-sample
//! Cramer-von Mises and Anderson-Darling statistics, without and with ties.
//!
//! - [`cramer_von_mises_log_sf`], [`anderson_darling_log_sf`]: the limit laws
//!   of continuous data, to rounding error over their full range.
//! - [`QuadraticForm`]: both statistics given how the values are tied: exact
//!   moments, the exact conditional law of small samples, the limit law.

mod finite;
mod form;
mod limit;
mod moments;
mod permutation;
mod string;

pub use finite::{
    anderson_darling_sigma, anderson_darling_two_sample_log_sf, cramer_von_mises_asymptotic_log_sf,
    cramer_von_mises_two_sample_log_sf,
};
pub use form::{QuadraticForm, Weighting};
pub use limit::{anderson_darling_log_sf, cramer_von_mises_log_sf};
