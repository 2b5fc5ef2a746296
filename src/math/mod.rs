//! Distributions and sums that the tests stand on, at the accuracy they need.
//!
//! Tail probabilities keep their relative accuracy down to 1e-300; sums are
//! compensated. What a function promises stands in its documentation and is
//! tested against 50-digit references (`tests/data/math.json`).

pub mod autocorrelation;
mod beta;
pub mod block_bootstrap;
mod chi_square;
mod gamma;
mod kolmogorov;
mod lattice;
mod normal;
mod quadrature;
mod saddle_point;
mod smirnov;
mod student_t;
mod sum;
mod tail;

pub use beta::{beta_cdf, f_log_sf, f_sf};
pub use chi_square::{chi_square_log_sf, chi_square_sf};
pub use gamma::{gamma_ratio_half, ln_gamma};
pub use kolmogorov::{kolmogorov_sf, kstwo_sf};
pub(crate) use lattice::gcd;
pub use lattice::{Sides, smirnov_two_sample_sf};
pub use normal::{normal_log_sf, normal_quantile, normal_sf};
pub use smirnov::smirnov_sf;
pub use student_t::{student_t_log_sf, student_t_quantile, student_t_sf};
pub(crate) use sum::two_sum;
pub use sum::{SampleMoments, mean, moments, sum};
