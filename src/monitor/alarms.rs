//! Drift that begins, lasts and ends; how it is told.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::look::{ColumnLook, Look};
use crate::event::{Event, Kind, Metadata, ModelId, Value};
use crate::table::verdict::{Reason, Verdict};

/// So many columns are named in an alert of the table.
const NAMED: usize = 20;

/// What became of drift.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It has begun.
    Detected,
    /// It lasts, and the cooldown has passed.
    Reminder,
    /// It is no longer proven.
    Resolved,
}

/// Something to tell.
#[derive(Debug, Clone, PartialEq)]
pub struct Alarm {
    /// What became of it.
    pub turn: Turn,
    /// The place of the column among those of the look; `None` for the table.
    pub column: Option<usize>,
    /// The look.
    pub look: Arc<Look>,
    /// Rows of the baseline.
    pub n_baseline: u64,
    /// The share of rows that may move.
    pub min_effect: f64,
}

/// The state of a column, or of the table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Track {
    /// In nanoseconds since 1970: when drift was last told of, while it lasts.
    told_at: Option<i64>,
    pub(super) n_detections: u64,
    pub(super) n_suppressed: u64,
}

impl Track {
    pub(super) fn is_drifting(&self) -> bool {
        self.told_at.is_some()
    }

    fn turn(&mut self, drifted: bool, now: i64, cooldown: f64) -> Option<Turn> {
        match (self.told_at, drifted) {
            (None, false) => None,
            (None, true) => {
                self.told_at = Some(now);
                self.n_detections += 1;
                Some(Turn::Detected)
            }
            (Some(_), false) => {
                self.told_at = None;
                Some(Turn::Resolved)
            }
            (Some(told), true) if now.saturating_sub(told) as f64 >= cooldown * 1e9 => {
                self.told_at = Some(now);
                self.n_detections += 1;
                Some(Turn::Reminder)
            }
            (Some(_), true) => {
                self.n_suppressed += 1;
                None
            }
        }
    }
}

/// The states of all.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Tracks {
    pub(super) columns: Vec<Track>,
    pub(super) table: Track,
    /// Looks may overtake each other on several threads; older ones say nothing new.
    pub(super) last: u64,
}

impl Tracks {
    pub(super) fn new(columns: usize) -> Self {
        Self {
            columns: vec![Track::default(); columns],
            ..Self::default()
        }
    }

    /// What a look brings about: columns first, then the table.
    pub(super) fn take(
        &mut self,
        look: &Look,
        now: i64,
        cooldown: f64,
    ) -> Vec<(Turn, Option<usize>)> {
        if look.number <= self.last {
            return Vec::new();
        }
        self.last = look.number;
        let mut turns = Vec::new();
        let columns = self.columns.iter_mut().zip(&look.columns);
        for (place, (track, column)) in columns.enumerate() {
            let drifted = column.judgement.verdict == Verdict::Drifted;
            if let Some(turn) = track.turn(drifted, now, cooldown) {
                turns.push((turn, Some(place)));
            }
        }
        let drifted = look.verdict == Verdict::Drifted;
        if let Some(turn) = self.table.turn(drifted, now, cooldown) {
            turns.push((turn, None));
        }
        turns
    }
}

impl Alarm {
    /// Whether drift was found, for the first time or again.
    pub fn is_alert(&self) -> bool {
        self.turn != Turn::Resolved
    }

    /// The column; `None` for the table.
    pub fn column(&self) -> Option<&ColumnLook> {
        self.look.columns.get(self.column?)
    }

    /// The event that tells of it: `drift_detected` or `drift_resolved`. Its value is the
    /// share of rows moved (or the change of the missing rate), of the table the share of
    /// columns drifted.
    pub fn event(&self, model: Option<&ModelId>, source: &str) -> Event {
        let kind = if self.is_alert() {
            Kind::DriftDetected
        } else {
            Kind::DriftResolved
        };
        let mut metadata = Metadata::new();
        let mut put = |key: &str, value: Value| metadata.insert(key.to_owned(), value);
        put("message", Value::Str(self.message()));
        put("n", self.look.rows.into());
        put("n_baseline", self.n_baseline.into());
        put("samples_seen", self.look.n_rows.into());
        put("look", self.look.number.into());
        put("alpha", self.look.alpha.into());
        put("min_effect", self.min_effect.into());
        put("test", "share_moved".into());
        if self.turn == Turn::Reminder {
            put("reminder", true.into());
        }
        let value = match self.column() {
            Some(column) => {
                let (value, interval) = column.largest();
                put("effect_size", value.into());
                put("low", interval.0.into());
                put("high", interval.1.into());
                put("verdict", verdict(column.judgement.verdict).into());
                let reasons = column.judgement.reasons.iter();
                let reasons = reasons.map(|reason| reason.name().into());
                put("reasons", Value::Array(reasons.collect()));
                let (missing_b, rows_b, missing_c, rows_c) = column.missing;
                put("missing_baseline", share(missing_b, rows_b).into());
                put("missing", share(missing_c, rows_c).into());
                value
            }
            None => {
                put("test", "share_drifted".into());
                put("verdict", verdict(self.look.verdict).into());
                put("n_columns", (self.look.columns.len() as u64).into());
                let drifted = self.drifted().into_iter().take(NAMED).map(|column| {
                    let mut told = Metadata::new();
                    told.insert("column".to_owned(), (&*column.name).into());
                    let (value, (low, high)) = column.largest();
                    told.insert("effect_size".to_owned(), value.into());
                    told.insert("low".to_owned(), low.into());
                    told.insert("high".to_owned(), high.into());
                    Value::Object(told)
                });
                put("drifted", Value::Array(drifted.collect()));
                self.look.share_drifted.value
            }
        };
        let mut event = Event::at(kind, Some(value), self.look.at);
        event.model = model.cloned();
        event.feature = self.column().map(|column| column.name.clone());
        event.source = Some(source.into());
        event.metadata = Some(Arc::new(metadata));
        event
    }

    /// The columns that have drifted, those that moved most first.
    fn drifted(&self) -> Vec<&ColumnLook> {
        let columns = self.look.columns.iter();
        let mut drifted: Vec<&ColumnLook> = columns
            .filter(|column| column.judgement.verdict == Verdict::Drifted)
            .collect();
        drifted.sort_by(|a, b| b.largest().0.total_cmp(&a.largest().0));
        drifted
    }

    /// One sentence for a person.
    pub fn message(&self) -> String {
        let rows = self.look.rows;
        let again = match self.turn {
            Turn::Reminder => "still drifting: ",
            Turn::Resolved => "back to normal: ",
            Turn::Detected => "",
        };
        let said = match self.column() {
            Some(column) => column.sentence(rows),
            None => {
                let drifted = self.drifted();
                let names = drifted
                    .iter()
                    .take(5)
                    .map(|column| format!("{} ({})", column.name, percent(column.largest().0)));
                let names: Vec<String> = names.collect();
                let of = self.look.columns.len();
                if names.is_empty() {
                    format!("none of {of} columns has drifted in the last {rows} rows")
                } else {
                    let more = drifted.len() - names.len();
                    let more = if more > 0 {
                        format!(" and {more} more")
                    } else {
                        String::new()
                    };
                    format!(
                        "{} of {of} columns have drifted in the last {rows} rows: {}{more}",
                        drifted.len(),
                        names.join(", ")
                    )
                }
            }
        };
        format!("{again}{said}")
    }
}

impl ColumnLook {
    /// Whether more than may be has moved.
    pub fn is_drifted(&self) -> bool {
        self.judgement.verdict == Verdict::Drifted
    }

    /// What speaks loudest: the share of rows moved, in unseen categories or (with its sign)
    /// gone missing; and its interval.
    pub fn largest(&self) -> (f64, (f64, f64)) {
        let of = |reason| self.judgement.reasons.contains(&reason);
        let judgement = &self.judgement;
        let loudest = if of(Reason::Values) || judgement.reasons.is_empty() {
            judgement.effect
        } else if let (true, Some(unseen)) = (of(Reason::Unseen), judgement.unseen) {
            unseen
        } else if of(Reason::Missing) {
            judgement.missing
        } else {
            judgement.effect
        };
        (loudest.value, (loudest.low, loudest.high))
    }

    fn sentence(&self, rows: u64) -> String {
        let judgement = &self.judgement;
        let mut parts: Vec<String> = Vec::new();
        for reason in &judgement.reasons {
            parts.push(match reason {
                Reason::Missing => {
                    let (missing_b, rows_b, missing_c, rows_c) = self.missing;
                    format!(
                        "missing values went from {} to {}",
                        percent(share(missing_b, rows_b)),
                        percent(share(missing_c, rows_c))
                    )
                }
                Reason::Unseen => format!(
                    "{} of the rows are in categories that the baseline has not",
                    percent(judgement.unseen.map_or(0.0, |unseen| unseen.value))
                ),
                Reason::PValue => match judgement.p_adjusted {
                    Some(p) => format!("the adjusted p-value is {p:.1e}"),
                    None => "the adjusted p-value is below alpha".to_owned(),
                },
                _ => format!(
                    "{} of the rows have moved, at least {} for certain",
                    percent(judgement.effect.value),
                    percent(judgement.effect.low)
                ),
            });
        }
        if parts.is_empty() {
            parts.push(format!(
                "{} of the rows have moved (between {} and {})",
                percent(judgement.effect.value),
                percent(judgement.effect.low),
                percent(judgement.effect.high)
            ));
        }
        format!("in the last {rows} rows {}", parts.join("; "))
    }
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Drifted => "drifted",
        Verdict::Stable => "stable",
        Verdict::Inconclusive => "inconclusive",
    }
}

fn share(part: u64, whole: u64) -> f64 {
    part as f64 / whole.max(1) as f64
}

fn percent(share: f64) -> String {
    format!("{:.1}%", 100.0 * share)
}
