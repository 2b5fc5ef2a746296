//! Which deviations a test counts.

use serde::{Deserialize, Serialize};

/// The alternative hypothesis, named as in SciPy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Alternative {
    /// The samples differ, either way.
    #[default]
    TwoSided,
    /// Below: what is below what is said at each test.
    Less,
    /// Above: what is above what is said at each test.
    Greater,
}
