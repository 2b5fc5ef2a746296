//! From a plan and a table to a report.

use std::collections::{HashMap, HashSet};

use super::column::Column;
use super::compare::{Comparison, Findings, compare};
use super::explain::explain;
use super::groups::Groups;
use super::joint::{ClassifierTest, CodedRows, Coding, Conclusion};
use super::performance::{self, Performance, Task};
use super::periods::Every;
use super::plan::{Plan, Reading, Side, threads, unknown};
use super::profile::{Kind, Profile};
use super::report::{
    CategoryCount, ChangedColumn, ColumnReport, EffectReport, GroupColumn, GroupReport, Importance,
    MetricReport, MissingReport, MultivariateReport, OptionsReport, PerformanceReport,
    PeriodColumn, PeriodsReport, Profiles, Report, SchemaReport, SegmentsReport, SideReport,
    SkippedColumn, TableReport, TimeProfile, UnseenReport,
};
use super::sampling::Coder;
use super::stream;
use super::verdict::{self, Evidence, Family, Judgement, Verdict, What};
use super::{Batches, Host, Table};
use crate::error::{Error, Result};

/// Periods that a current table is cut into.
#[derive(Debug, Clone)]
pub struct Periods {
    /// The column of times.
    pub by: String,
    /// How long each is.
    pub every: Every,
}

/// A column of both tables, found comparable.
struct Matched<'a> {
    name: &'a str,
    /// In the plan.
    place: usize,
    findings: Findings,
}

impl Plan {
    /// Compares a table with the baseline.
    ///
    /// # Errors
    /// `EmptySample` for a table without rows; `InvalidValue` when it shares no column with
    /// the baseline or lacks one that was asked for by name; those of the tests and of the
    /// table, and `Interrupted`.
    /// # Cost
    /// O(m log m + n + m) a column.
    pub fn compare(&self, table: &mut dyn Table, host: &dyn Host) -> Result<Report> {
        self.compare_by(table, None, host)
    }

    /// The same, and period by period.
    ///
    /// # Errors
    /// Those of [`Plan::compare`]; `InvalidValue` for a column of `periods` that is none of
    /// times.
    pub fn compare_periods(
        &self,
        table: &mut dyn Table,
        periods: &Periods,
        host: &dyn Host,
    ) -> Result<Report> {
        self.compare_by(table, Some(periods), host)
    }

    /// Compares a table that comes in batches with the baseline: the same report as that
    /// of the whole table, as long as no column has more than 262,144 different numbers;
    /// beyond, ranks are within 0.1 % and the column is flagged `"approximate"`.
    ///
    /// # Errors
    /// Those of [`Plan::compare`]; `InvalidType` for a plan with segments, or with both
    /// target and prediction.
    pub fn compare_batches(&self, batches: &mut dyn Batches, host: &dyn Host) -> Result<Report> {
        if self.segments.is_some() {
            let got = "a stream of batches larger than memory";
            return Err(Error::invalid_type(
                "current",
                got,
                "a table at hand, to compare segments",
            ));
        }
        if self.performance.is_some() {
            let got = "a stream of batches larger than memory";
            let allowed = "a table at hand, to compare predictions with targets";
            return Err(Error::invalid_type("current", got, allowed));
        }
        let names = batches.names().to_vec();
        let matching = self.matching(&names)?;
        let coders = self.coders(&matching.shared);
        let asked = (self.settings.threads, self.settings.seed);
        let side = stream::read(
            "current",
            batches,
            &matching.of_table,
            Some(&coders),
            asked,
            host,
        )?;
        self.judged(matching, &side, &Cut::default(), host)
    }

    fn compare_by(
        &self,
        table: &mut dyn Table,
        periods: Option<&Periods>,
        host: &dyn Host,
    ) -> Result<Report> {
        let names = table.names().to_vec();
        let matching = self.matching(&names)?;
        let place_of = |argument: &'static str, name: &str| {
            let place = names.iter().position(|other| other == name);
            place.ok_or_else(|| unknown(argument, name, &names))
        };
        let mut cut = Cut::default();
        if let Some(periods) = periods {
            let column = Column::read(table.column(place_of("by", &periods.by)?)?);
            let Column::Times(times) = &column else {
                let got = format!("\"{}\", which is no column of times", periods.by);
                let allowed = "the name of a column of dates or timestamps";
                return Err(Error::invalid_value("by", got, allowed));
            };
            let (groups, names) = Groups::by_periods(times, periods.every);
            cut = Cut {
                groups: Some(groups),
                periods: Some((periods, names)),
                ..cut
            };
        } else if let (Some(name), Some(segments)) = (&self.settings.segments, &self.segments) {
            let column = Column::read(table.column(place_of("segments", name)?)?);
            let labels = Groups::labels("segments", name, &column)?;
            cut.groups = Some(Groups::by_names(&labels, &segments.names));
        }
        let reading = Reading {
            argument: "current",
            places: &matching.of_table,
            coders: Some(self.coders(&matching.shared)),
            groups: cut.groups.as_ref(),
            threads: self.settings.threads,
            seed: self.settings.seed,
        };
        let side = reading.read(table, host)?;
        if let (Some((paired, _)), Some((target, prediction))) =
            (&self.performance, self.settings.pair(&names)?)
        {
            let mut performance = Performance::default();
            let (target, prediction) = (table.column(target)?, table.column(prediction)?);
            let (target, prediction) = (Column::read(target), Column::read(prediction));
            paired.add(&mut performance, &target, &prediction)?;
            cut.performance = Some(performance);
        }
        self.judged(matching, &side, &cut, host)
    }

    /// Which columns of a table are those of the plan.
    fn matching(&self, names: &[String]) -> Result<Matching> {
        let places: HashMap<&str, usize> = names.iter().map(String::as_str).zip(0..).collect();
        let mut matching = Matching::default();
        for (place, column) in self.columns.iter().enumerate() {
            match places.get(column.name.as_str()) {
                Some(&at) => {
                    matching.shared.push(place);
                    matching.of_table.push(at);
                }
                None => matching.schema.missing.push(column.name.clone()),
            }
        }
        if self.settings.columns.is_none() {
            let known: HashSet<&str> = self.columns().collect();
            let new = names.iter().filter(|name| !known.contains(name.as_str()));
            matching.schema.new = new.cloned().collect();
        }
        if matching.shared.is_empty() {
            let own: Vec<String> = self.columns().map(str::to_owned).collect();
            let got = format!("a table with columns {}", quoted(names));
            let allowed = format!("at least one column of the baseline: {}", quoted(&own));
            return Err(Error::invalid_value("current", got, allowed));
        }
        Ok(matching)
    }

    fn coders(&self, shared: &[usize]) -> Vec<&Coder> {
        shared
            .iter()
            .filter_map(|&place| Some(&self.columns.get(place)?.coder))
            .collect()
    }

    fn judged(
        &self,
        matching: Matching,
        side: &Side,
        cut: &Cut<'_>,
        host: &dyn Host,
    ) -> Result<Report> {
        let ready = Ready {
            plan: self,
            side,
            shared: &matching.shared,
        };
        let mut schema = Some(matching.schema);
        let mut made = None;
        let mut work = || {
            made = schema.take().map(|schema| ready.report(schema, cut));
        };
        if self.settings.tests.are_foreign() {
            work(); // they run where the interpreter is
        } else {
            host.aside(&mut work);
        }
        made.unwrap_or(Err(Error::Interrupted))
    }
}

/// The columns of the plan that a table has.
#[derive(Default)]
struct Matching {
    /// Their places in the plan, ascending.
    shared: Vec<usize>,
    /// Their places in the table.
    of_table: Vec<usize>,
    schema: SchemaReport,
}

/// What a table at hand is cut by, beside its columns.
#[derive(Default)]
struct Cut<'a> {
    groups: Option<Groups>,
    periods: Option<(&'a Periods, Vec<String>)>,
    performance: Option<Performance>,
}

fn quoted(names: &[String]) -> String {
    let shown: Vec<String> = names
        .iter()
        .take(20)
        .map(|name| format!("\"{name}\""))
        .collect();
    let more = if names.len() > 20 { ", ..." } else { "" };
    format!("{}{more}", shown.join(", "))
}

/// Both sides as they are read.
struct Ready<'a> {
    plan: &'a Plan,
    side: &'a Side,
    /// The columns of the plan that the current table has, in its order in `side`.
    shared: &'a [usize],
}

impl<'a> Ready<'a> {
    fn report(&self, mut schema: SchemaReport, cut: &Cut<'_>) -> Result<Report> {
        let matched = self.matched(&mut schema)?;
        if matched.is_empty() {
            let got = format!(
                "columns {} of which none can be compared",
                quoted(&self.names())
            );
            let allowed = "at least one column of the same kind in both tables";
            return Err(Error::invalid_value("current", got, allowed));
        }
        let options = &self.plan.settings.verdict;
        let evidence: Vec<Evidence> = matched
            .iter()
            .map(|column| column.findings.evidence.clone())
            .collect();
        let family = verdict::judge(&evidence, options)?;
        let table = table_report(&family);
        let multivariate = self.multivariate(&matched)?;
        let (segments, periods) = match (&cut.groups, &cut.periods) {
            (Some(groups), Some((periods, names))) => {
                (None, Some(self.periods(&matched, groups, periods, names)?))
            }
            (Some(groups), None) => (self.segments(&matched, groups)?, None),
            (None, _) => (None, None),
        };
        let performance = match (&self.plan.performance, &cut.performance) {
            (Some((_, baseline)), Some(current)) => {
                performance_report(baseline, current, options.alpha)?
            }
            _ => None,
        };
        let columns = matched
            .into_iter()
            .zip(family.judgements)
            .map(|(column, judgement)| self.column_report(column, judgement))
            .collect();
        Ok(Report {
            format: 1,
            verdict: verdict_of(&table),
            baseline: SideReport {
                rows: self.plan.rows,
                duplicate_rows: Some(self.plan.duplicate_rows),
            },
            current: SideReport {
                rows: self.side.rows,
                duplicate_rows: Some(self.side.duplicate_rows),
            },
            options: OptionsReport {
                alpha: options.alpha,
                min_effect: options.min_effect,
                correction: options.correction.name().to_owned(),
                seed: self.plan.settings.seed,
            },
            table,
            schema,
            columns,
            multivariate,
            performance,
            segments,
            periods,
        })
    }

    fn names(&self) -> Vec<String> {
        let columns = self
            .shared
            .iter()
            .filter_map(|&place| self.plan.columns.get(place));
        columns.map(|column| column.name.clone()).collect()
    }

    /// Compares what can be compared, on several threads.
    fn matched(&self, schema: &mut SchemaReport) -> Result<Vec<Matched<'a>>> {
        let compared = self.compared(
            |place| {
                let column = self.plan.columns.get(place)?;
                Some((
                    &column.profile,
                    &self.side.columns.get(self.at(place)?)?.profile,
                ))
            },
            true,
        )?;
        let mut matched = Vec::new();
        for (&place, comparison) in self.shared.iter().zip(compared) {
            let Some(column) = self.plan.columns.get(place) else {
                continue;
            };
            let name = column.name.as_str();
            match comparison {
                Some(Comparison::Found(findings)) => {
                    let mut findings = *findings;
                    let weights = &self.plan.settings.weights;
                    let weight = weights.iter().find(|(other, _)| other == name);
                    findings.evidence.weight = weight.map_or(1.0, |(_, weight)| *weight);
                    matched.push(Matched {
                        name,
                        place,
                        findings,
                    });
                }
                Some(Comparison::Changed(baseline, current)) => {
                    schema.changed.push(ChangedColumn {
                        name: name.to_owned(),
                        baseline,
                        current,
                    });
                }
                Some(Comparison::Unusable(reason)) => {
                    let asked = self.plan.settings.columns.is_some();
                    if asked {
                        let got = format!("\"{name}\", which has {reason}");
                        let allowed = "columns of numbers, strings, bools, dates or times";
                        return Err(Error::invalid_value("columns", got, allowed));
                    }
                    schema.skipped.push(SkippedColumn {
                        name: name.to_owned(),
                        reason,
                    });
                }
                None => {}
            }
        }
        Ok(matched)
    }

    /// Where a column of the plan is on the current side.
    fn at(&self, place: usize) -> Option<usize> {
        self.shared.binary_search(&place).ok()
    }

    /// Comparisons of the shared columns, of profiles that `sides` gives.
    fn compared<'p>(
        &self,
        sides: impl Fn(usize) -> Option<(&'p Profile, &'p Profile)> + Sync,
        detail: bool,
    ) -> Result<Vec<Option<Comparison>>> {
        let tests = &self.plan.settings.tests;
        let one = |place: usize| -> Result<Option<Comparison>> {
            let (Some(column), Some((baseline, current))) =
                (self.plan.columns.get(place), sides(place))
            else {
                return Ok(None);
            };
            compare(&column.name, baseline, current, tests, detail).map(Some)
        };
        let cells = (self.plan.rows + self.side.rows).saturating_mul(self.shared.len() as u64);
        let threads = if tests.are_foreign() {
            1
        } else {
            threads(
                self.plan.settings.threads,
                usize::try_from(cells).unwrap_or(usize::MAX),
            )
        };
        if threads <= 1 {
            return self.shared.iter().map(|&place| one(place)).collect();
        }
        let next = std::sync::atomic::AtomicUsize::new(0);
        let done = parking_lot::Mutex::new(Vec::with_capacity(self.shared.len()));
        std::thread::scope(|scope| {
            let labour = || {
                while let Some(&place) = self
                    .shared
                    .get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
                {
                    let result = one(place);
                    done.lock().push((place, result));
                }
            };
            let workers: Vec<_> = (1..threads.min(self.shared.len()))
                .map_while(|_| std::thread::Builder::new().spawn_scoped(scope, labour).ok())
                .collect();
            labour();
            for worker in workers {
                let _ = worker.join();
            }
        });
        let mut done: HashMap<usize, Result<Option<Comparison>>> =
            done.into_inner().into_iter().collect();
        self.shared
            .iter()
            .map(|place| done.remove(place).unwrap_or(Ok(None)))
            .collect()
    }

    fn column_report(&self, column: Matched<'_>, judgement: Judgement) -> ColumnReport {
        let Matched { name, findings, .. } = column;
        let settings = &self.plan.settings;
        let is = |role: &Option<String>| role.as_deref() == Some(name);
        let role = if is(&settings.target) {
            "target"
        } else if is(&settings.prediction) {
            "prediction"
        } else {
            "feature"
        };
        let explanation = explain(&findings, &judgement, settings.verdict.min_effect);
        let effect = |interval: &verdict::Interval| EffectReport {
            name: "share_moved",
            interval: interval.clone(),
        };
        let has_effect = findings.result.is_some()
            || !matches!(findings.kind, Kind::Missing)
                && findings.baseline.rows > 0
                && findings.current.rows > 0;
        let part = |what: What| {
            let place = findings
                .evidence
                .moved
                .iter()
                .position(|(part, _)| *part == what);
            place.and_then(|place| judgement.parts.get(place))
        };
        let clock = findings.clock.as_ref().and_then(|[[hb, hc], [wb, wc]]| {
            let hours = (0..24).map(|hour| format!("{hour:02}")).collect();
            let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
                .map(str::to_owned)
                .to_vec();
            let profile = |labels, b: &[u64], c: &[u64], what| {
                Some(TimeProfile {
                    labels,
                    baseline: b.to_vec(),
                    current: c.to_vec(),
                    effect: effect(part(what)?),
                })
            };
            Some(Profiles {
                hour: profile(hours, hb, hc, What::Hour)?,
                weekday: profile(days, wb, wc, What::Weekday)?,
            })
        });
        let rate = |missing: u64, rows: u64| missing as f64 / (rows.max(1)) as f64;
        let (mb, rb, mc, rc) = findings.evidence.missing;
        let result = findings.result.as_ref();
        let unseen = findings.unseen.map(|unseen| {
            let excess = judgement.unseen.as_ref();
            UnseenReport {
                rows: unseen.rows,
                share: rate(unseen.rows, findings.current.rows),
                low: excess.map_or(0.0, |excess| excess.low),
                high: excess.map_or(0.0, |excess| excess.high),
                n_categories: unseen.n_categories,
                categories: unseen.most,
            }
        });
        ColumnReport {
            name: name.to_owned(),
            kind: findings.kind,
            role,
            verdict: judgement.verdict,
            reasons: judgement
                .reasons
                .iter()
                .map(|reason| reason.name())
                .collect(),
            explanation,
            flags: findings.flags,
            test: result.map(|result| result.test.clone().into_owned()),
            statistic: result.map(|result| result.statistic),
            p_value: result.and_then(|result| result.p_value),
            log_p_value: result.and_then(|result| result.log_p_value),
            p_adjusted: judgement.p_adjusted,
            effect_size: has_effect.then_some(judgement.effect.value),
            effect: has_effect.then(|| effect(&judgement.effect)),
            rows_needed: judgement.rows_needed,
            missing: MissingReport {
                baseline: rate(mb, rb),
                current: rate(mc, rc),
                difference: judgement.missing.value,
                low: judgement.missing.low,
                high: judgement.missing.high,
                p_value: judgement.missing_p_value,
            },
            unseen,
            vanished: findings.vanished,
            range: findings.range,
            baseline: findings.baseline,
            current: findings.current,
            histogram: findings.histogram,
            quantiles: findings.quantiles,
            categories: findings
                .categories
                .filter(|all: &Vec<CategoryCount>| !all.is_empty()),
            profiles: clock,
        }
    }

    /// What tells the rows of both sides apart, all columns taken together.
    fn multivariate(&self, matched: &[Matched<'_>]) -> Result<Option<MultivariateReport>> {
        // The target and what is predicted follow from the rest.
        let settings = &self.plan.settings;
        let is_feature = |name: &str| {
            settings.target.as_deref() != Some(name) && settings.prediction.as_deref() != Some(name)
        };
        // A time that has gone on tells everything apart.
        let usable: Vec<&Matched<'_>> = matched
            .iter()
            .filter(|column| is_feature(column.name) && column.findings.kind != Kind::Datetime)
            .collect();
        let mut sides = [Vec::new(), Vec::new()];
        let (mut codings, mut names) = (Vec::new(), Vec::new());
        for column in &usable {
            let planned = self.plan.columns.get(column.place);
            let read = self
                .at(column.place)
                .and_then(|at| self.side.columns.get(at));
            let (Some(planned), Some(read)) = (planned, read) else {
                continue;
            };
            names.push(column.name);
            sides[0].push(planned.codes.as_slice());
            sides[1].push(read.codes.as_slice());
            codings.push(if planned.coder.is_ordered() {
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
        let importance = told
            .columns
            .iter()
            .filter(|(_, importance)| *importance > 0.0);
        let columns = importance.filter_map(|&(place, importance)| {
            Some(Importance {
                name: names.get(place)?.to_string(),
                importance,
            })
        });
        Ok(Some(MultivariateReport {
            test: "classifier_two_sample",
            verdict: match told.conclusion {
                Conclusion::Drifted => Verdict::Drifted,
                Conclusion::Stable => Verdict::Stable,
                Conclusion::Inconclusive => Verdict::Inconclusive,
            },
            statistic: told.auc,
            low: told.low,
            high: told.high,
            p_value: told.p_value.value(),
            n_baseline: told.n_baseline,
            n_current: told.n_current,
            columns: columns.collect(),
        }))
    }

    /// The columns of each group, judged together.
    fn judged_groups<'p>(
        &'p self,
        matched: &[Matched<'_>],
        n_groups: usize,
        baseline: impl Fn(usize, usize) -> Option<&'p Profile> + Sync,
    ) -> Result<Vec<Vec<(String, Kind, Judgement)>>> {
        let mut found = Vec::new();
        let mut evidence = Vec::new();
        for group in 0..n_groups {
            let compared = self.compared(
                |place| {
                    let current = self.side.columns.get(self.at(place)?)?.groups.get(group)?;
                    Some((baseline(group, place)?, current))
                },
                false,
            )?;
            let mut columns = Vec::new();
            for (&place, comparison) in self.shared.iter().zip(compared) {
                let Some(whole) = matched.iter().find(|column| column.place == place) else {
                    continue;
                };
                if let Some(Comparison::Found(findings)) = comparison {
                    columns.push((whole.name.to_owned(), findings.kind));
                    let mut own = findings.evidence;
                    own.weight = whole.findings.evidence.weight;
                    evidence.push(own);
                }
            }
            found.push(columns);
        }
        let judgements = verdict::judge(&evidence, &self.plan.settings.verdict)?.judgements;
        let mut judgements = judgements.into_iter();
        Ok(found
            .into_iter()
            .map(|columns| {
                let own = judgements.by_ref().take(columns.len()).collect::<Vec<_>>();
                columns
                    .into_iter()
                    .zip(own)
                    .map(|((name, kind), judgement)| (name, kind, judgement))
                    .collect()
            })
            .collect())
    }

    fn segments(&self, matched: &[Matched<'_>], groups: &Groups) -> Result<Option<SegmentsReport>> {
        let (Some(column), Some(segments)) = (&self.plan.settings.segments, &self.plan.segments)
        else {
            return Ok(None);
        };
        // The column of the groups has one value in each.
        let judged = self.judged_groups(matched, segments.names.len(), |group, place| {
            self.plan
                .columns
                .get(place)
                .filter(|planned| planned.name != *column)?
                .groups
                .get(group)
        })?;
        let mut reports = Vec::new();
        let mut parts = Vec::new();
        for ((columns, name), (&rows_baseline, &rows_current)) in judged
            .into_iter()
            .zip(&segments.names)
            .zip(segments.rows.iter().zip(&groups.rows))
        {
            let share_baseline = rows_baseline as f64 / self.plan.rows as f64;
            let share_current = rows_current as f64 / self.side.rows as f64;
            // Of the rows that move, in the joint distribution of group and value: those
            // that change group, and those within that moved for certain.
            let within: f64 = columns
                .iter()
                .map(|(_, _, judgement)| judgement.effect.low)
                .sum();
            let within = within / columns.len().max(1) as f64;
            parts.push(
                (share_baseline - share_current).abs() / 2.0
                    + share_baseline.min(share_current) * within,
            );
            let drifted = columns
                .iter()
                .filter(|(_, _, j)| j.verdict == Verdict::Drifted)
                .count();
            reports.push(GroupReport {
                name: name.as_deref().map(str::to_owned),
                rows_baseline,
                rows_current,
                share_baseline,
                share_current,
                verdict: Verdict::of_all(columns.iter().map(|(_, _, judgement)| judgement.verdict)),
                share_drifted: drifted as f64 / columns.len().max(1) as f64,
                contribution: 0.0,
                columns: columns
                    .into_iter()
                    .map(|(name, _, judgement)| group_column(name, &judgement))
                    .collect(),
            });
        }
        let whole: f64 = parts.iter().sum();
        for (report, part) in reports.iter_mut().zip(parts) {
            report.contribution = if whole > 0.0 { part / whole } else { 0.0 };
        }
        reports.sort_by(|a, b| b.contribution.total_cmp(&a.contribution));
        Ok(Some(SegmentsReport {
            column: column.clone(),
            groups: reports,
            n_omitted: segments.omitted.max(groups.omitted),
        }))
    }

    fn periods(
        &self,
        matched: &[Matched<'_>],
        groups: &Groups,
        periods: &Periods,
        names: &[String],
    ) -> Result<PeriodsReport> {
        let judged = self.judged_groups(matched, names.len(), |_, place| {
            Some(&self.plan.columns.get(place)?.profile)
        })?;
        let mut columns: Vec<PeriodColumn> = matched
            .iter()
            .map(|column| PeriodColumn {
                name: column.name.to_owned(),
                kind: column.findings.kind,
                effect: Vec::new(),
                low: Vec::new(),
                high: Vec::new(),
                verdicts: Vec::new(),
            })
            .collect();
        let mut verdicts = Vec::new();
        for of_period in &judged {
            for column in &mut columns {
                let own = of_period.iter().find(|(name, _, _)| *name == column.name);
                let effect = own.map(|(_, _, judgement)| &judgement.effect);
                column.effect.push(effect.map(|effect| effect.value));
                column.low.push(effect.map(|effect| effect.low));
                column.high.push(effect.map(|effect| effect.high));
                column
                    .verdicts
                    .push(own.map_or(Verdict::Inconclusive, |(_, _, judgement)| judgement.verdict));
            }
            verdicts.push(Verdict::of_all(
                of_period.iter().map(|(_, _, judgement)| judgement.verdict),
            ));
        }
        Ok(PeriodsReport {
            column: periods.by.clone(),
            every: periods.every.as_name().to_owned(),
            names: names.to_vec(),
            rows: groups.rows.clone(),
            verdicts,
            columns,
        })
    }
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

fn group_column(name: String, judgement: &Judgement) -> GroupColumn {
    GroupColumn {
        name,
        verdict: judgement.verdict,
        effect_size: Some(judgement.effect.value),
        low: Some(judgement.effect.low),
        high: Some(judgement.effect.high),
        p_adjusted: judgement.p_adjusted,
    }
}

fn table_report(family: &Family) -> TableReport {
    let count = |verdict| {
        family
            .judgements
            .iter()
            .filter(|own| own.verdict == verdict)
            .count()
    };
    TableReport {
        columns: family.judgements.len(),
        drifted: count(Verdict::Drifted),
        stable: count(Verdict::Stable),
        inconclusive: count(Verdict::Inconclusive),
        share_drifted: family.share_drifted.value,
        share_drifted_low: family.share_drifted.low,
        share_drifted_high: family.share_drifted.high,
    }
}

fn verdict_of(table: &TableReport) -> Verdict {
    if table.drifted > 0 {
        Verdict::Drifted
    } else if table.inconclusive > 0 {
        Verdict::Inconclusive
    } else {
        Verdict::Stable
    }
}

fn performance_report(
    baseline: &Performance,
    current: &Performance,
    alpha: f64,
) -> Result<Option<PerformanceReport>> {
    let task = match baseline.task().or(current.task()) {
        None => return Ok(None),
        Some(Task::Regression) => "regression",
        Some(Task::Classification) => "classification",
    };
    let metrics = performance::compare(baseline, current, 1.0 - alpha)?;
    let metrics = metrics.into_iter().map(|metric| MetricReport {
        name: metric.name.to_owned(),
        baseline: metric.baseline,
        current: metric.current,
        difference: metric.difference,
        low: metric.low,
        high: metric.high,
    });
    Ok(Some(PerformanceReport {
        task,
        metrics: metrics.collect(),
    }))
}
