//! What happened: the standard kinds, custom ones, and what exporters need to
//! know about them.

use std::collections::BTreeMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use parking_lot::RwLock;

use super::Severity;
use crate::error::{Error, Result};

macro_rules! standard_kinds {
    ($($variant:ident = $name:literal, $severity:ident, $metric:ident, $unit:literal, $doc:literal;)*) => {
        /// What happened. Written and read as a string.
        ///
        /// # Example
        /// ```
        /// use driftline::event::Kind;
        /// assert_eq!(Kind::parse("accuracy").unwrap(), Kind::Accuracy);
        /// assert_eq!(Kind::parse("cache_hit").unwrap().as_str(), "cache_hit");
        /// assert!(Kind::parse(" ").is_err());
        /// ```
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Kind {
            $(#[doc = $doc] $variant,)*
            /// Any other kind.
            Custom(Arc<str>),
        }

        enum Index {
            $($variant),*
        }

        impl Kind {
            /// The standard kinds, in the order of their index.
            pub const STANDARD: &'static [Kind] = &[$(Kind::$variant),*];

            /// The kind as it is written.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Kind::$variant => $name,)*
                    Kind::Custom(name) => name,
                }
            }

            /// The severity of an event of this kind that names none.
            pub fn default_severity(&self) -> Severity {
                match self {
                    $(Kind::$variant => Severity::$severity,)*
                    Kind::Custom(_) => Severity::Info,
                }
            }

            /// The position in [`Kind::STANDARD`]; `None` for a custom kind.
            pub fn index(&self) -> Option<usize> {
                match self {
                    $(Kind::$variant => Some(Index::$variant as usize),)*
                    Kind::Custom(_) => None,
                }
            }

            const STANDARD_NAMES: &'static [&'static str] = &[$($name),*];

            fn standard(name: &str) -> Option<Kind> {
                match name {
                    $($name => Some(Kind::$variant),)*
                    _ => None,
                }
            }

            fn standard_definition(&self) -> Option<Definition> {
                match self {
                    $(Kind::$variant => Some(Definition {
                        metric_type: MetricType::$metric,
                        unit: Some($unit.into()).filter(|unit: &Arc<str>| !unit.is_empty()),
                        description: Some($doc.into()),
                    }),)*
                    Kind::Custom(_) => None,
                }
            }
        }
    };
}

standard_kinds! {
    InferenceCompleted = "inference_completed", Info, Histogram, "ms", "An inference was answered; the value is its latency in milliseconds.";
    InferenceFailed = "inference_failed", Error, Counter, "", "An inference failed.";
    GroundTruth = "ground_truth", Info, Counter, "", "The true value of a prediction is known; the value is it, where it is a number.";
    Observation = "observation", Info, Gauge, "", "One value of a feature or of an output.";
    TrainingStarted = "training_started", Info, Counter, "", "A training run started.";
    TrainingCompleted = "training_completed", Info, Counter, "", "A training run ended.";
    RetrainingTriggered = "retraining_triggered", Warning, Counter, "", "Retraining was asked for.";
    RetrainingFailed = "retraining_failed", Error, Counter, "", "A retraining that was asked for could not be started, or did not end in time.";
    DriftScore = "drift_score", Info, Gauge, "", "A drift score computed elsewhere.";
    DriftDetected = "drift_detected", Error, Counter, "", "Drift was found; the value is the statistic.";
    DriftResolved = "drift_resolved", Info, Counter, "", "Drift has gone; the value is the statistic, none where another baseline ended it.";
    DataMissing = "data_missing", Error, Counter, "", "A feature has gone missing; the value is the share of missing values.";
    DataRecovered = "data_recovered", Info, Counter, "", "A feature that had gone missing is back; the value is the share of missing values.";
    Accuracy = "accuracy", Info, Gauge, "", "Share of right predictions, 0 to 1.";
    Precision = "precision", Info, Gauge, "", "Precision, 0 to 1.";
    Recall = "recall", Info, Gauge, "", "Recall, 0 to 1.";
    F1 = "f1", Info, Gauge, "", "F1 score, 0 to 1.";
    LatencyP99 = "latency_p99", Info, Gauge, "ms", "99th percentile of the latency in milliseconds.";
    SloBreached = "slo_breached", Error, Counter, "", "A service-level objective is no longer met.";
    SloRecovered = "slo_recovered", Info, Counter, "", "A service-level objective is met again.";
}

/// How exporters show a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricType {
    /// The last value counts.
    Gauge,
    /// The number of events counts.
    Counter,
    /// The distribution of the values counts.
    Histogram,
}

impl MetricType {
    /// From `"gauge"`, `"counter"` or `"histogram"`.
    ///
    /// # Errors
    /// `InvalidValue` for anything else.
    pub fn parse(name: &str) -> Result<Self> {
        match name {
            "gauge" => Ok(Self::Gauge),
            "counter" => Ok(Self::Counter),
            "histogram" => Ok(Self::Histogram),
            other => Err(Error::invalid_value(
                "type",
                format!("{other:?}"),
                "\"gauge\", \"counter\" or \"histogram\"",
            )),
        }
    }

    /// The type as it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gauge => "gauge",
            Self::Counter => "counter",
            Self::Histogram => "histogram",
        }
    }
}

/// What exporters need to know about a kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// How the kind is shown.
    pub metric_type: MetricType,
    /// The unit of the value, as in `"ms"`.
    pub unit: Option<Arc<str>>,
    /// One sentence for the reader of a dashboard.
    pub description: Option<Arc<str>>,
}

/// Definitions of custom kinds, shared by the process.
static DEFINED: RwLock<BTreeMap<Arc<str>, Definition>> = RwLock::new(BTreeMap::new());

impl Kind {
    /// How many custom kinds can be defined.
    pub const MAX_DEFINED: usize = 1000;

    /// The longest accepted name, in bytes.
    pub const MAX_LEN: usize = 256;

    /// From its name: a standard kind, or a custom one.
    ///
    /// # Errors
    /// `InvalidValue` for a name that is empty, blank or longer than
    /// [`Kind::MAX_LEN`] bytes.
    pub fn parse(name: &str) -> Result<Self> {
        if let Some(kind) = Self::standard(name) {
            return Ok(kind);
        }
        if name.trim().is_empty() || name.len() > Self::MAX_LEN {
            return Err(Error::invalid_value(
                "kind",
                super::metadata::shortened(name),
                "a name that is not empty and at most 256 bytes long, such as \"accuracy\"",
            ));
        }
        Ok(Self::Custom(name.into()))
    }

    /// The standard kind that `name` is one typing slip away from (one letter
    /// missing, added, changed, or two exchanged); `None` when it is one itself.
    pub fn did_you_mean(name: &str) -> Option<&'static str> {
        if Self::standard(name).is_some() {
            return None;
        }
        let mut names = Self::STANDARD_NAMES.iter().copied();
        names.find(|standard| strsim::damerau_levenshtein(standard, name) == 1)
    }

    /// Tells exporters what a custom kind is. Defining it again replaces the
    /// definition.
    ///
    /// # Errors
    /// `InvalidValue` for a bad name, a standard kind (whose definition is
    /// fixed), or more than [`Kind::MAX_DEFINED`] kinds.
    pub fn define(name: &str, definition: Definition) -> Result<Self> {
        let Self::Custom(name) = Self::parse(name)? else {
            return Err(Error::invalid_value(
                "name",
                format!("{name:?}"),
                "a custom kind; what a standard kind is cannot be redefined",
            ));
        };
        let mut defined = DEFINED.write();
        if defined.len() >= Self::MAX_DEFINED && !defined.contains_key(&name) {
            return Err(Error::invalid_value(
                "name",
                format!("{name:?} after {} defined kinds", Self::MAX_DEFINED),
                "at most 1000 defined kinds in a process",
            ));
        }
        defined.insert(Arc::clone(&name), definition);
        Ok(Self::Custom(name))
    }

    /// How exporters show the kind; `None` for a custom one that is not defined.
    pub fn metric_type(&self) -> Option<MetricType> {
        match self {
            Self::Custom(name) => {
                let defined = DEFINED.read();
                defined.get(name).map(|definition| definition.metric_type)
            }
            standard => Some(standard.standard_definition()?.metric_type),
        }
    }

    /// What the kind is: fixed for a standard kind, as defined for a custom one.
    pub fn definition(&self) -> Option<Definition> {
        match self {
            Self::Custom(name) => DEFINED.read().get(name).cloned(),
            standard => standard.standard_definition(),
        }
    }
}

impl Hash for Kind {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
