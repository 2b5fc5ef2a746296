//! A current side of which only counts on the baseline's bins are known.

use super::Host;
use super::bins::{CODES, ColumnBins};
use super::comparing::judged;
use super::judge::{Current, Outcome};
use super::plan::Plan;
use super::profile::Profile;
use super::report::{Report, SchemaReport, SkippedColumn};
use super::side::SideColumn;
use crate::error::Result;

impl Plan {
    /// Compares counts on the bins of the baseline with it, column by column. Within a bin
    /// the values are taken to lie as the baseline's do, so that distances are those at the
    /// edges of bins; every column is flagged `"approximate"`. Nothing is said of all columns
    /// at once, of duplicate rows, segments and performance, nor of columns of times.
    ///
    /// # Shapes
    /// `columns`: (k,), some of [`Plan::bins`], each with (256,) counts by code, which add up
    /// to `rows`.
    /// # Cost
    /// O(n + m) a column.
    /// # Errors
    /// Those of [`Plan::compare`].
    pub fn compare_counts(
        &self,
        columns: &[(&ColumnBins, [u64; CODES])],
        rows: u64,
        host: &dyn Host,
    ) -> Result<Report> {
        let mut schema = SchemaReport::default();
        let mut outcomes = Vec::new();
        let mut asked = Some(columns);
        host.aside(&mut || {
            if let Some(columns) = asked.take() {
                outcomes = self.outcomes(columns, rows, &mut schema);
            }
        });
        let outcomes = outcomes.into_iter().collect::<Result<Vec<Outcome>>>()?;
        let beside = Current {
            rows,
            ..Current::default()
        };
        let mut report = judged(outcomes, schema, &self.base(), &beside, host)?;
        report.current.duplicate_rows = None;
        for column in &mut report.columns {
            if !column.flags.contains(&"approximate") {
                column.flags.push("approximate");
            }
        }
        Ok(report)
    }

    fn outcomes(
        &self,
        columns: &[(&ColumnBins, [u64; CODES])],
        rows: u64,
        schema: &mut SchemaReport,
    ) -> Vec<Result<Outcome>> {
        let mut outcomes = Vec::new();
        for planned in &self.columns {
            let own = columns
                .iter()
                .find(|(bins, _)| **bins.name() == *planned.name);
            let Some((bins, counts)) = own else {
                schema.missing.push(planned.name.clone());
                continue;
            };
            match bins.values(&planned.profile, counts) {
                Ok(values) => {
                    let side = SideColumn {
                        profile: Profile::new(rows, values),
                        groups: Vec::new(),
                        coder: None,
                        codes: Vec::new(),
                    };
                    outcomes.push(planned.outcome(side, Vec::new(), &self.settings, None));
                }
                Err(reason) => schema.skipped.push(SkippedColumn {
                    name: planned.name.clone(),
                    reason,
                }),
            }
        }
        outcomes
    }
}
