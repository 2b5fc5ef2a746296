//! What a report says of all columns at once.

use super::Matched;
use crate::error::Result;
use crate::table::joint::{ClassifierTest, CodedRows, Coding};
use crate::table::plan::Settings;
use crate::table::profile::Kind;
use crate::table::report::{Importance, MultivariateReport};

/// What tells the rows of both sides apart, all columns taken together.
pub(super) fn multivariate(
    matched: &[Matched],
    settings: &Settings,
) -> Result<Option<MultivariateReport>> {
    // The target and what is predicted follow from the rest.
    let is_feature = |name: &str| {
        settings.target.as_deref() != Some(name) && settings.prediction.as_deref() != Some(name)
    };
    // A time that has gone on tells everything apart.
    let mut usable: Vec<&Matched> = matched
        .iter()
        .filter(|column| is_feature(&column.name) && column.findings.kind != Kind::Datetime)
        .collect();
    // In any order of the columns the same answer.
    usable.sort_by(|a, b| a.name.cmp(&b.name));
    let mut sides = [Vec::new(), Vec::new()];
    let (mut codings, mut names) = (Vec::new(), Vec::new());
    for column in &usable {
        let [baseline, current] = &column.codes;
        names.push(column.name.as_str());
        sides[0].push(baseline.as_slice());
        sides[1].push(current.as_slice());
        codings.push(if column.ordered {
            Coding::Ordered
        } else {
            Coding::Labels
        });
    }
    let [baseline, current] = sides.map(|columns| by_rows(&columns));
    let test = ClassifierTest {
        alpha: settings.verdict.alpha,
        min_effect: settings.verdict.min_effect,
        seed: settings.seed,
    };
    let Some(told) = test.compare(&baseline, &current, &codings)? else {
        return Ok(None);
    };
    // Where nothing tells the sides apart, no column does more than others.
    let tells = told.p_value.value() < settings.verdict.alpha;
    let importance = told
        .columns
        .iter()
        .filter(|(_, importance)| tells && *importance > 0.0);
    let columns = importance.filter_map(|&(place, importance)| {
        Some(Importance {
            name: names.get(place)?.to_string(),
            importance,
        })
    });
    Ok(Some(MultivariateReport {
        test: "classifier_two_sample",
        verdict: told.verdict,
        statistic: told.auc,
        low: told.low,
        high: told.high,
        p_value: told.p_value.value(),
        n_baseline: told.n_baseline,
        n_current: told.n_current,
        columns: columns.collect(),
    }))
}

/// Columns of codes, row after row.
fn by_rows(columns: &[&[u8]]) -> CodedRows {
    let rows = columns.iter().map(|column| column.len()).min().unwrap_or(0);
    let row = |row: usize| {
        columns
            .iter()
            .filter_map(move |column| column.get(row).copied())
    };
    CodedRows {
        columns: columns.len(),
        codes: (0..rows).flat_map(row).collect(),
    }
}
