//! Distributions and sums that the tests stand on, at the accuracy they need.
//!
//! Tail probabilities keep their relative accuracy down to 1e-300; sums are
//! compensated. What a function promises stands in its documentation and is
//! tested against 50-digit references (`tests/data/math.json`).

pub mod autocorrelation;
mod beta;
mod binomial;
pub mod block_bootstrap;
mod bridge;
mod chi_square;
mod gamma;
mod hypergeometric;
mod kolmogorov;
mod kuiper;
mod lattice;
mod noncentral_chi_square;
mod noncentral_t;
mod normal;
mod quadrature;
mod saddle_point;
mod smirnov;
mod sort;
mod student_t;
mod sum;
mod tail;
mod wide;

pub use beta::{beta_cdf, f_log_sf, f_quantile, f_sf};
pub use bridge::{
    QuadraticForm, Weighting, anderson_darling_log_sf, anderson_darling_sigma,
    anderson_darling_two_sample_log_sf, cramer_von_mises_asymptotic_log_sf,
    cramer_von_mises_log_sf, cramer_von_mises_two_sample_log_sf,
};
pub use chi_square::{chi_square_log_sf, chi_square_sf};
pub use gamma::{gamma_ratio_half, ln_gamma};
pub use hypergeometric::{hypergeometric_log_pmf, ln_binomial};
pub use kolmogorov::{kolmogorov_log_sf, kolmogorov_sf, kstwo_log_sf, kstwo_sf};
pub use kuiper::{kuiper_log_sf, kuiper_two_sample_limit_log_sf, kuiper_two_sample_log_sf};
pub(crate) use lattice::gcd;
pub use lattice::{
    Sides, smirnov_two_sample_cost, smirnov_two_sample_limit_log_sf, smirnov_two_sample_log_sf,
    smirnov_two_sample_sf,
};
pub use noncentral_chi_square::noncentral_chi_square_cdf;
pub use noncentral_t::noncentral_t_cdf;
pub use normal::{normal_log_sf, normal_quantile, normal_sf};
pub use smirnov::{smirnov_log_sf, smirnov_sf};
pub use sort::sort_values;
pub use student_t::{student_t_log_sf, student_t_quantile, student_t_sf};
pub(crate) use sum::two_sum;
pub use sum::{SampleMoments, mean, moments, sum};
