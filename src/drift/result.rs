//! What a comparison answers.

/// The outcome of comparing a current sample with a baseline.
#[derive(Debug, Clone, PartialEq)]
pub struct TestResult {
    /// Configuration name of the test.
    pub test: &'static str,
    /// The statistic or distance.
    pub statistic: f64,
    /// Probability of a statistic at least this extreme without drift; `None`
    /// for distances.
    pub p_value: Option<f64>,
    /// The test's own measure of how large the difference is.
    pub effect_size: f64,
    /// Degrees of freedom, where the test has them.
    pub df: Option<f64>,
    /// Values of the baseline that were used.
    pub n_baseline: usize,
    /// Values of the current sample that were used.
    pub n_current: usize,
    /// Missing values left out of the baseline.
    pub n_missing_baseline: usize,
    /// Missing values left out of the current sample.
    pub n_missing_current: usize,
}
