//! Which model an event is about.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::Timestamp;
use crate::error::{Error, Result};

/// A model: its name, and its version when one is known.
///
/// Equal when name and version are; when it was deployed does not count.
/// Cloning is cheap.
///
/// # Example
/// ```
/// use driftline::event::ModelId;
/// let model = ModelId::parse("host:5000/fraud:1.2.0").unwrap();
/// assert_eq!((model.name(), model.version()), ("host:5000/fraud", Some("1.2.0")));
/// assert_eq!(ModelId::parse("models:/fraud/3").unwrap().to_string(), "fraud:3");
/// ```
#[derive(Debug, Clone)]
pub struct ModelId(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    name: Box<str>,
    version: Option<Box<str>>,
    deployed_at: Option<Timestamp>,
}

impl ModelId {
    /// From its parts.
    ///
    /// # Errors
    /// `InvalidValue` for an empty or blank name or version.
    pub fn new(name: &str, version: Option<&str>, deployed_at: Option<Timestamp>) -> Result<Self> {
        if name.trim().is_empty() {
            return Err(Error::invalid_value(
                "model",
                format!("the name {name:?}"),
                "a name that is not empty, such as \"fraud\" or \"fraud:1.2.0\"",
            ));
        }
        if version.is_some_and(|version| version.trim().is_empty()) {
            return Err(Error::invalid_value(
                "model",
                format!("the version {:?}", version.unwrap_or_default()),
                "a version that is not empty, or none",
            ));
        }
        Ok(Self(Arc::new(Parts {
            name: name.into(),
            version: version.map(Into::into),
            deployed_at,
        })))
    }

    /// From text: `name`, `name:version` (split at the last colon whose right
    /// side has no slash), or MLflow's `models:/name/version` and
    /// `models:/name@alias`.
    ///
    /// # Errors
    /// `InvalidValue` when the name or the version would be empty.
    pub fn parse(text: &str) -> Result<Self> {
        if let Some(rest) = text.strip_prefix("models:/") {
            let split = rest.split_once('@').or_else(|| rest.rsplit_once('/'));
            return match split {
                Some((name, version)) => Self::new(name, Some(version), None),
                None => Self::new(rest, None, None),
            };
        }
        match text.rsplit_once(':') {
            Some((name, version)) if !version.contains('/') => Self::new(name, Some(version), None),
            _ => Self::new(text, None, None),
        }
    }

    /// The model's name.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The model's version.
    pub fn version(&self) -> Option<&str> {
        self.0.version.as_deref()
    }

    /// When this version went into service.
    pub fn deployed_at(&self) -> Option<Timestamp> {
        self.0.deployed_at
    }
}

impl PartialEq for ModelId {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
            || (self.0.name == other.0.name && self.0.version == other.0.version)
    }
}

impl Eq for ModelId {}

impl Hash for ModelId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.name.hash(state);
        self.0.version.hash(state);
    }
}

impl fmt::Display for ModelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.name)?;
        match &self.0.version {
            Some(version) => write!(f, ":{version}"),
            None => Ok(()),
        }
    }
}

/// Which models an observer listens to: all versions of a name, or one.
///
/// # Example
/// ```
/// use driftline::event::{ModelFilter, ModelId};
/// let any = ModelFilter::parse("fraud").unwrap();
/// assert!(any.matches(&ModelId::parse("fraud:2").unwrap()));
/// let one = ModelFilter::parse("fraud:1").unwrap();
/// assert!(!one.matches(&ModelId::parse("fraud:2").unwrap()));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ModelFilter(ModelId);

impl ModelFilter {
    /// From text, read like [`ModelId::parse`].
    ///
    /// # Errors
    /// `InvalidValue` when the name or the version would be empty.
    pub fn parse(text: &str) -> Result<Self> {
        ModelId::parse(text).map(Self)
    }

    /// The model that is meant; without a version, any version of it.
    pub fn model(&self) -> &ModelId {
        &self.0
    }

    /// Whether events of this model are meant.
    pub fn matches(&self, model: &ModelId) -> bool {
        self.0.name() == model.name()
            && (self.0.version().is_none() || self.0.version() == model.version())
    }

    /// The models that both filters mean.
    pub(crate) fn common(&self, other: &Self) -> Option<Self> {
        if self.matches(&other.0) {
            Some(other.clone())
        } else {
            other.matches(&self.0).then(|| self.clone())
        }
    }
}

impl From<ModelId> for ModelFilter {
    fn from(model: ModelId) -> Self {
        Self(model)
    }
}

impl fmt::Display for ModelFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
