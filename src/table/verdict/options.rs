//! What a family of columns is judged by.

use serde::{Deserialize, Serialize};

use crate::drift::Adjustment;
use crate::error::{Error, Result};

/// How `alpha` is shared among the columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Correction {
    /// Of the columns called drifted, a share of at most alpha is false on average, for
    /// independent or positively dependent columns (Benjamini, Hochberg, 1995).
    #[default]
    Bh,
    /// The same for any dependence (Benjamini, Yekutieli, 2001).
    By,
    /// The chance of even one false verdict is at most alpha, for any dependence.
    Holm,
    /// The same for independent or positively dependent columns.
    Hochberg,
    /// The same for any dependence, each column by itself.
    Bonferroni,
    /// Each column at alpha, however many there are.
    None,
}

impl Correction {
    /// The short names, in the order of the variants.
    pub const NAMES: [&'static str; 6] = ["bh", "by", "holm", "hochberg", "bonferroni", "none"];

    const ALL: [Self; 6] = [
        Self::Bh,
        Self::By,
        Self::Holm,
        Self::Hochberg,
        Self::Bonferroni,
        Self::None,
    ];

    /// The correction of this name: a short one or one of
    /// [`Adjustment::NAMES`](crate::drift::Adjustment::NAMES).
    ///
    /// # Errors
    /// `InvalidValue` for any other name, with the nearest one.
    /// # Example
    /// ```
    /// use driftline::table::verdict::Correction;
    /// assert_eq!(Correction::from_name("bh")?, Correction::Bh);
    /// assert_eq!(Correction::from_name("benjamini_hochberg")?, Correction::Bh);
    /// # Ok::<(), driftline::error::Error>(())
    /// ```
    pub fn from_name(name: &str) -> Result<Self> {
        let known = |correction: &Self| correction.name() == name;
        if let Some(short) = Self::ALL.into_iter().find(known) {
            return Ok(short);
        }
        match Adjustment::from_name(name) {
            Ok(Adjustment::BenjaminiHochberg) => Ok(Self::Bh),
            Ok(Adjustment::BenjaminiYekutieli) => Ok(Self::By),
            Ok(Adjustment::Holm) => Ok(Self::Holm),
            Ok(Adjustment::Hochberg) => Ok(Self::Hochberg),
            Ok(Adjustment::Bonferroni) => Ok(Self::Bonferroni),
            Err(_) => {
                let mut allowed = Self::NAMES.map(|name| format!("\"{name}\"")).join(", ");
                let known = Self::NAMES.iter().chain(&Adjustment::NAMES);
                let near = known.map(|other| (strsim::damerau_levenshtein(name, other), other));
                if let Some((_, other)) = near.min().filter(|(distance, _)| *distance <= 2) {
                    allowed.push_str(&format!("; did you mean \"{other}\"?"));
                }
                let got = format!("\"{name}\"");
                Err(Error::invalid_value("correction", got, allowed))
            }
        }
    }

    /// Its short name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bh => "bh",
            Self::By => "by",
            Self::Holm => "holm",
            Self::Hochberg => "hochberg",
            Self::Bonferroni => "bonferroni",
            Self::None => "none",
        }
    }

    pub(super) fn adjustment(self) -> Option<Adjustment> {
        match self {
            Self::Bh => Some(Adjustment::BenjaminiHochberg),
            Self::By => Some(Adjustment::BenjaminiYekutieli),
            Self::Holm => Some(Adjustment::Holm),
            Self::Hochberg => Some(Adjustment::Hochberg),
            Self::Bonferroni => Some(Adjustment::Bonferroni),
            Self::None => None,
        }
    }
}

/// What is drift, and how sure one wants to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// The rate of false verdicts accepted, 0 to 1, both excluded.
    pub alpha: f64,
    /// The share of rows that may move without being called drift, 0 to 1 (excluded). At
    /// 0 the adjusted p-values decide.
    pub min_effect: f64,
    /// How `alpha` is shared among the columns.
    pub correction: Correction,
}

impl Default for Options {
    /// 0.05, 0.05, Benjamini-Hochberg.
    fn default() -> Self {
        Self {
            alpha: 0.05,
            min_effect: 0.05,
            correction: Correction::default(),
        }
    }
}

impl Options {
    /// Checks the ranges.
    ///
    /// # Errors
    /// `InvalidValue` for `alpha` or `min_effect` out of range.
    pub fn validate(&self) -> Result<()> {
        if !(self.alpha > 0.0 && self.alpha < 1.0) {
            let allowed = "a number between 0 and 1, both excluded";
            return Err(Error::invalid_value("alpha", self.alpha, allowed));
        }
        if !(0.0..1.0).contains(&self.min_effect) {
            let allowed = "a number from 0 to 1 (excluded)";
            return Err(Error::invalid_value("min_effect", self.min_effect, allowed));
        }
        Ok(())
    }
}
