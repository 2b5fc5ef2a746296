//! What an observer listens to.

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::event::{Event, Kind, ModelFilter, Severity};

/// What an observer listens to; `None` is everything.
///
/// # Example
/// ```
/// use driftline::event::{Event, Kind};
/// use driftline::observer::Filter;
/// let filter = Filter { kinds: Some(vec![Kind::Accuracy]), ..Filter::default() };
/// assert!(filter.matches(&Event::new(Kind::Accuracy, Some(0.9))));
/// assert!(!filter.matches(&Event::new(Kind::F1, Some(0.9))));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Kinds of events.
    pub kinds: Option<Vec<Kind>>,
    /// Models; an event without a model does not match.
    pub models: Option<Vec<ModelFilter>>,
    /// Features; an event without a feature does not match.
    pub features: Option<Vec<Arc<str>>>,
    /// The lowest severity.
    pub min_severity: Option<Severity>,
}

impl Filter {
    /// Whether the observer is to be told of `event`.
    pub fn matches(&self, event: &Event) -> bool {
        let kind = |kinds: &Vec<Kind>| kinds.contains(&event.kind);
        self.kinds.as_ref().is_none_or(kind) && self.matches_beyond_kind(event)
    }

    /// [`Filter::matches`] when the kind is known to match.
    pub(crate) fn matches_beyond_kind(&self, event: &Event) -> bool {
        self.min_severity
            .is_none_or(|least| event.severity >= least)
            && self.models.as_ref().is_none_or(|models| {
                let model = event.model.as_ref();
                model.is_some_and(|model| models.iter().any(|filter| filter.matches(model)))
            })
            && self.features.as_ref().is_none_or(|features| {
                let feature = event.feature.as_ref();
                feature.is_some_and(|feature| features.contains(feature))
            })
    }

    /// [`Filter::matches_beyond_kind`] for an event without model and feature.
    pub(crate) fn matches_plain(&self, severity: Severity) -> bool {
        self.models.is_none()
            && self.features.is_none()
            && self.min_severity.is_none_or(|least| severity >= least)
    }

    /// Whether only the kind decides.
    pub(crate) fn is_by_kind_only(&self) -> bool {
        self.models.is_none() && self.features.is_none() && self.min_severity.is_none()
    }

    /// What passes both filters.
    ///
    /// # Errors
    /// `InvalidValue` when nothing can pass both.
    pub fn narrowed(&self, by: &Filter) -> Result<Filter> {
        let kinds = common("kinds", &self.kinds, &by.kinds, |a, b| {
            (a == b).then(|| a.clone())
        })?;
        let models = common("models", &self.models, &by.models, ModelFilter::common)?;
        let features = common("features", &self.features, &by.features, |a, b| {
            (a == b).then(|| Arc::clone(a))
        })?;
        Ok(Filter {
            kinds,
            models,
            features,
            min_severity: self.min_severity.max(by.min_severity),
        })
    }
}

/// What two lists have in common, where both are given.
fn common<T: Clone + std::fmt::Display>(
    argument: &'static str,
    own: &Option<Vec<T>>,
    by: &Option<Vec<T>>,
    meet: impl Fn(&T, &T) -> Option<T>,
) -> Result<Option<Vec<T>>> {
    let (Some(a), Some(b)) = (own, by) else {
        return Ok(own.clone().or_else(|| by.clone()));
    };
    let met: Vec<T> = a
        .iter()
        .flat_map(|a| b.iter().filter_map(|b| meet(a, b)))
        .collect();
    if met.is_empty() {
        return Err(Error::invalid_value(
            argument,
            listed(b),
            format!(
                "at least one that the observer itself listens to: {}",
                listed(a)
            ),
        ));
    }
    Ok(Some(met))
}

/// Quoted names, as a person would list them.
fn listed<T: std::fmt::Display>(items: &[T]) -> String {
    let quoted: Vec<_> = items.iter().map(|item| format!("\"{item}\"")).collect();
    quoted.join(", ")
}
