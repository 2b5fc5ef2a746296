//! Which deviations a test counts.

use serde::{Deserialize, Serialize};

use super::PValue;

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

impl Alternative {
    /// The p-value of a statistic whose law is symmetric about 0 and continuous,
    /// given ln P(S > s); large statistics are evidence for
    /// [`Greater`](Self::Greater).
    pub(crate) fn p_value(self, statistic: f64, log_sf: impl Fn(f64) -> f64) -> PValue {
        PValue::from_ln(match self {
            Self::TwoSided => std::f64::consts::LN_2 + log_sf(statistic.abs()),
            Self::Less => log_sf(-statistic),
            Self::Greater => log_sf(statistic),
        })
    }

    /// A signed statistic's distance in the direction that counts.
    pub(crate) fn distance(self, statistic: f64) -> f64 {
        match self {
            Self::TwoSided => statistic.abs(),
            Self::Less => -statistic,
            Self::Greater => statistic,
        }
    }
}
