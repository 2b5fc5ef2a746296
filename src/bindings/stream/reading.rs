//! What can be read of a detector, as Python sees it.

/// A type of reading in the list of detectors.
pub(crate) trait Reading {
    /// The reading from what the core answers.
    fn of(value: Option<f64>) -> Self;
}

impl Reading for f64 {
    fn of(value: Option<f64>) -> Self {
        value.unwrap_or(0.0)
    }
}

impl Reading for usize {
    fn of(value: Option<f64>) -> Self {
        value.unwrap_or(0.0) as usize
    }
}

impl Reading for Option<f64> {
    fn of(value: Option<f64>) -> Self {
        value
    }
}

impl Reading for Option<usize> {
    fn of(value: Option<f64>) -> Self {
        value.map(|value| value as usize)
    }
}
