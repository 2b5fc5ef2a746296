//! Distributions and sums that the tests stand on, at the accuracy they need.
//!
//! Tail probabilities keep their relative accuracy down to 1e-300; sums are
//! compensated. What a function promises stands in its documentation and is
//! tested against 50-digit references (`tests/data/math.json`).

pub mod autocorrelation;
mod binomial;
pub mod block_bootstrap;
mod bridge;
mod gamma;
mod kolmogorov;
mod kuiper;
mod lattice;
mod quadrature;
mod smirnov;
mod student_t;
mod sum;
mod wide;

pub use bridge::{QuadraticForm, Weighting, anderson_darling_log_sf, cramer_von_mises_log_sf};
pub use gamma::gamma_ratio_half;
pub use kolmogorov::{kolmogorov_log_sf, kolmogorov_sf, kstwo_sf};
pub use kuiper::{kuiper_log_sf, kuiper_two_sample_limit_log_sf, kuiper_two_sample_log_sf};
pub(crate) use lattice::gcd;
pub use lattice::{
    Sides, smirnov_two_sample_limit_log_sf, smirnov_two_sample_log_sf, smirnov_two_sample_sf,
};
pub use smirnov::smirnov_sf;
pub use student_t::student_t_sf;
pub use sum::{SampleMoments, mean, moments, sum};
