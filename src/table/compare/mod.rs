//! Both sides of a column, compared: what is found, before anybody judges it.
//!
//! | where | what |
//! |---|---|
//! | `numbers.rs` | numbers: test, distance, histogram, quantiles, range |
//! | `labels.rs` | labels: test, counts, unseen and vanished categories |
//! | `times.rs` | times: as numbers, by hour and weekday |

mod labels;
mod numbers;
mod times;

use std::sync::Arc;

use super::column_tests::Tests;
use super::profile::{Kind, Profile, Values};
use super::report::{
    CategoryCount, Figure, Histogram, Quantiles, RangeReport, Summary, VanishedReport,
};
use super::verdict::{Evidence, Moved, Unseen, What};
use crate::drift::{TestResult, Univariate};
use crate::error::Result;

/// What is found in one column.
#[derive(Debug)]
pub(super) struct Findings {
    pub(super) kind: Kind,
    pub(super) result: Option<TestResult>,
    pub(super) evidence: Evidence,
    pub(super) flags: Vec<&'static str>,
    pub(super) unseen: Option<UnseenCategories>,
    pub(super) vanished: Option<VanishedReport>,
    pub(super) range: Option<RangeReport>,
    pub(super) baseline: Summary,
    pub(super) current: Summary,
    pub(super) histogram: Option<Histogram>,
    pub(super) quantiles: Option<Quantiles>,
    pub(super) categories: Option<Vec<CategoryCount>>,
    /// Of times: hours and weekdays of both sides.
    pub(super) clock: Option<[[Vec<u64>; 2]; 2]>,
}

/// Categories that the baseline has not.
#[derive(Debug)]
pub(super) struct UnseenCategories {
    pub(super) rows: u64,
    pub(super) n_categories: u64,
    pub(super) most: Vec<super::report::Category>,
}

/// What can be said of two profiles.
#[derive(Debug)]
pub(super) enum Comparison {
    Found(Box<Findings>),
    Changed(Kind, Kind),
    Unusable(String),
}

/// Compares the sides of a column; of a group of its rows `kind` is that of the whole, and
/// nobody wants to look at details.
///
/// # Errors
/// Those of the test.
pub(super) fn compare(
    name: &str,
    baseline: &Profile,
    current: &Profile,
    tests: &Tests,
    kind: Option<Kind>,
) -> Result<Comparison> {
    let detail = kind.is_none();
    let kind = kind.unwrap_or(baseline.kind());
    for profile in [baseline, current] {
        if let Values::Unusable(reason) = &profile.values {
            return Ok(Comparison::Unusable(reason.clone()));
        }
    }
    let findings = match (&baseline.values, &current.values) {
        (Values::Nothing, _) | (_, Values::Nothing) => {
            let kind = if matches!(baseline.values, Values::Nothing) {
                current.kind()
            } else {
                baseline.kind()
            };
            let mut findings = Findings::of(kind, baseline, current);
            // An empty side has no test, and is told by its missing rate.
            findings.baseline = summary(baseline);
            findings.current = summary(current);
            findings
        }
        (Values::Times(b), Values::Times(c)) => {
            times::compare(name, (baseline, b), (current, c), tests)?
        }
        (Values::Numbers(b), Values::Numbers(c)) if kind != Kind::Categorical => {
            numbers::compare(name, (baseline, b), (current, c), tests)?
        }
        (Values::Numbers(_) | Values::Labels(_), Values::Numbers(_) | Values::Labels(_))
            if kind == Kind::Categorical =>
        {
            // Codes may meet labels that are no numbers; labels never meet numbers.
            let changed = matches!(
                (&baseline.values, &current.values),
                (Values::Labels(_), Values::Numbers(_)) | (Values::Numbers(_), Values::Labels(_))
            );
            if changed {
                return Ok(Comparison::Changed(typed(baseline), typed(current)));
            }
            labels::compare(name, baseline, current, tests)?
        }
        _ => return Ok(Comparison::Changed(typed(baseline), typed(current))),
    };
    let mut findings = findings;
    if !detail {
        findings.histogram = None;
        findings.quantiles = None;
        findings.categories = None;
    }
    findings.flag(baseline, current);
    Ok(Comparison::Found(Box::new(findings)))
}

impl Findings {
    fn of(kind: Kind, baseline: &Profile, current: &Profile) -> Self {
        Self {
            kind,
            result: None,
            evidence: Evidence {
                moved: vec![(What::Values, Moved::Nothing)],
                missing: (
                    baseline.missing,
                    baseline.rows,
                    current.missing,
                    current.rows,
                ),
                unseen: None::<Unseen>,
                log_p_value: None,
                weight: 1.0,
            },
            flags: Vec::new(),
            unseen: None,
            vanished: None,
            range: None,
            baseline: Summary::default(),
            current: Summary::default(),
            histogram: None,
            quantiles: None,
            categories: None,
            clock: None,
        }
    }

    fn flag(&mut self, baseline: &Profile, current: &Profile) {
        let sides = [
            (
                baseline,
                &self.baseline,
                "constant_baseline",
                "all_unique_baseline",
            ),
            (
                current,
                &self.current,
                "constant_current",
                "all_unique_current",
            ),
        ];
        for (profile, summary, constant, all_unique) in sides {
            if summary.rows > 0 && summary.distinct == 1 {
                self.flags.push(constant);
            }
            if summary.rows > 1 && summary.distinct == summary.rows && self.kind != Kind::Numeric {
                self.flags.push(all_unique);
            }
            let thinned = match &profile.values {
                Values::Numbers(numbers) => numbers.is_approximate(),
                Values::Times(times) => times.seconds.is_approximate(),
                _ => false,
            };
            if thinned && !self.flags.contains(&"approximate") {
                self.flags.push("approximate");
            }
            let infinite = match &profile.values {
                Values::Numbers(numbers) => numbers.infinite() > 0,
                _ => false,
            };
            if infinite && !self.flags.contains(&"infinite") {
                self.flags.push("infinite");
            }
        }
    }
}

/// The kind without regard to how few different numbers there are.
fn typed(profile: &Profile) -> Kind {
    match profile.values {
        Values::Numbers(_) => Kind::Numeric,
        _ => profile.kind(),
    }
}

/// The figures of one side.
pub(super) fn summary(profile: &Profile) -> Summary {
    let mut summary = Summary {
        missing: profile.missing,
        ..Summary::default()
    };
    match &profile.values {
        Values::Numbers(numbers) => numbers::summarise(&mut summary, numbers),
        Values::Times(times) => times::summarise(&mut summary, times),
        Values::Labels(labels) => labels::summarise(&mut summary, labels),
        Values::Nothing | Values::Unusable(_) => {}
    }
    summary
}

/// A number as a figure.
fn number(value: f64) -> Option<Figure> {
    Some(Figure::Number(value))
}

/// A test of the user's refuses for reasons of its own: the error names the column.
fn in_column<T>(name: &str, test: &Arc<dyn Univariate>, result: Result<T>) -> Result<T> {
    use crate::error::Error;
    result.map_err(|error| match error {
        Error::InvalidValue { got, allowed, .. } => {
            let got = format!(
                "column \"{name}\" has {got}, which test \"{}\" refuses",
                test.name()
            );
            Error::invalid_value("tests", got, allowed)
        }
        other => other,
    })
}
