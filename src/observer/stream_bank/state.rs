//! One series of rows: its bank, and what was told of each feature.

use ndarray::ArrayView2;

use super::alarm::StreamBankAlarm;
use super::config::StreamBankConfig;
use crate::event::Timestamp;
use crate::observer::stream_detector::{Course, Reading, StreamAlarm, StreamChange};
use crate::observer::timeline::{Timeline, Times};
use crate::stream::{Bank, Counts};

/// What is remembered of a feature besides its detector.
#[derive(Debug)]
struct Feature {
    course: Course,
    /// What its detector had counted when the series began.
    before: Counts,
}

/// Everything that is remembered of a series of rows.
#[derive(Debug)]
pub(super) struct State {
    pub(super) bank: Bank,
    features: Vec<Feature>,
    /// Features that drift, ascending.
    drifting: Vec<usize>,
    timeline: Timeline,
    /// Events without a row.
    pub(super) missing_rows: u64,
    pub(super) n_refused: u64,
}

/// A change of a feature, or its end.
struct Turn {
    row: usize,
    feature: usize,
    n_samples: u64,
    found: bool,
}

impl State {
    pub(super) fn new(config: &StreamBankConfig) -> Self {
        let bank = Bank::clone(&config.bank);
        let features = bank.counts().into_iter().map(|before| Feature {
            course: Course::default(),
            before,
        });
        Self {
            features: features.collect(),
            bank,
            drifting: Vec::new(),
            timeline: Timeline::new(),
            missing_rows: 0,
            n_refused: 0,
        }
    }

    /// Values taken and values missing of a feature; `None` where there is no such.
    pub(super) fn counts(&self, feature: usize) -> Option<(u64, u64)> {
        let now = self.bank.detector(feature).ok()?.counts();
        let before = self.features.get(feature)?.before;
        let n_missing = now.n_missing.saturating_add(self.missing_rows);
        Some((
            now.n_samples.saturating_sub(before.n_samples),
            n_missing.saturating_sub(before.n_missing),
        ))
    }

    fn n_samples(&self, feature: usize) -> u64 {
        self.counts(feature).map_or(0, |(n_samples, _)| n_samples)
    }

    /// What was told of a feature.
    pub(super) fn course(&self, feature: usize) -> Option<&Course> {
        self.features.get(feature).map(|one| &one.course)
    }

    /// What can be read of the detector of a feature. Not its limit where the bank judges
    /// its features together: that is not what decides.
    pub(super) fn reading(&self, feature: usize) -> Reading {
        let mut reading = match self.bank.detector(feature) {
            Ok(detector) => Reading::of(detector),
            Err(_) => Reading::default(),
        };
        if self.bank.fdr().is_some() {
            reading.limit = None;
        }
        reading
    }

    /// Takes one row; whether the bank does.
    pub(super) fn take(
        &mut self,
        config: &StreamBankConfig,
        row: &[f64],
        times: Times<'_>,
        index: usize,
        alarms: &mut Vec<StreamBankAlarm>,
    ) -> bool {
        let Ok(found) = self.bank.update(row) else {
            self.n_refused += 1;
            return false;
        };
        if !found.is_empty() || !self.drifting.is_empty() {
            self.judge(config, &found, times, index, alarms);
        }
        true
    }

    #[cold]
    fn judge(
        &mut self,
        config: &StreamBankConfig,
        found: &[usize],
        times: Times<'_>,
        index: usize,
        alarms: &mut Vec<StreamBankAlarm>,
    ) {
        let over = self.over(config, found);
        let mut turns: Vec<_> = found.iter().map(|&feature| (feature, true)).collect();
        turns.extend(over.into_iter().map(|feature| (feature, false)));
        turns.sort_unstable();
        for (feature, found) in turns {
            let n_samples = self.n_samples(feature);
            let at = self.timeline.at(times, index);
            let n = self.course(feature).map_or(0, |course| course.n(n_samples));
            let Some(change) = self.turn(config, feature, found, n_samples, at) else {
                continue;
            };
            let alarm = StreamAlarm {
                index,
                at,
                change,
                reading: self.reading(feature),
                n,
                n_samples,
                detector: self.bank.name().into(),
            };
            alarms.push(StreamBankAlarm {
                feature,
                name: config.name_of(feature),
                alarm,
            });
        }
    }

    /// Features whose drift is over. What the bank still selects among all its features is
    /// not.
    fn over(&self, config: &StreamBankConfig, found: &[usize]) -> Vec<usize> {
        if config.resolve_after.is_none() {
            return Vec::new();
        }
        let due = |&feature: &usize| {
            let left = self.course(feature).and_then(|course| {
                let n_samples = self.n_samples(feature);
                course.left(n_samples, config.resolve_after)
            });
            left == Some(0) && found.binary_search(&feature).is_err()
        };
        let mut over: Vec<_> = self.drifting.iter().copied().filter(due).collect();
        if !over.is_empty()
            && let Some(selected) = self.bank.discoveries()
        {
            over.retain(|&feature| selected.get(feature) != Some(&true));
        }
        over
    }

    fn turn(
        &mut self,
        config: &StreamBankConfig,
        feature: usize,
        found: bool,
        n_samples: u64,
        at: Timestamp,
    ) -> Option<StreamChange> {
        match (self.drifting.binary_search(&feature), found) {
            (Err(place), true) => self.drifting.insert(place, feature),
            (Ok(place), false) => {
                self.drifting.remove(place);
            }
            _ => {}
        }
        let course = &mut self.features.get_mut(feature)?.course;
        course.turn(found, n_samples, at, config.cooldown_s)
    }

    /// Takes rows that the bank accepts; the (row, feature) of those that raised an alert.
    pub(super) fn take_many(
        &mut self,
        config: &StreamBankConfig,
        rows: ArrayView2<'_, f64>,
        times: Times<'_>,
    ) -> Vec<(usize, usize)> {
        let mut alerts = Vec::new();
        if self.bank.fdr().is_some() {
            // It judges its features row by row.
            let mut alarms = Vec::new();
            for (index, row) in rows.rows().into_iter().enumerate() {
                self.take(config, &row.to_vec(), times, index, &mut alarms);
                let told = alarms.drain(..).filter(StreamBankAlarm::is_alert);
                alerts.extend(told.map(|told| (index, told.feature)));
            }
            return alerts;
        }
        for turn in self.run(config, rows) {
            let at = self.timeline.at(times, turn.row);
            let change = self.turn(config, turn.feature, turn.found, turn.n_samples, at);
            if change == Some(StreamChange::Detected) {
                alerts.push((turn.row, turn.feature));
            }
        }
        alerts
    }

    /// Has the bank take all rows; what came of it, by row and then by feature. Only the
    /// values of features that drift are looked at again, for when that is over.
    fn run(&mut self, config: &StreamBankConfig, rows: ArrayView2<'_, f64>) -> Vec<Turn> {
        let mut found = self.bank.run(rows, false);
        found.sort_unstable_by_key(|one| (one.feature, one.row));
        let mut features: Vec<_> = found.iter().map(|one| one.feature).collect();
        features.extend(&self.drifting);
        features.sort_unstable();
        features.dedup();
        let mut turns = Vec::new();
        let mut found = found.into_iter().peekable();
        for feature in features {
            let Some(mut course) = self.course(feature).cloned() else {
                continue;
            };
            let column = rows.column(feature);
            let taken = column.iter().filter(|&&x| self.bank.takes(x)).count() as u64;
            let mut n_samples = self.n_samples(feature).saturating_sub(taken);
            for (row, &x) in column.iter().enumerate() {
                n_samples += u64::from(self.bank.takes(x));
                let here =
                    |one: &crate::stream::Detection| (one.feature, one.row) == (feature, row);
                let found = found.next_if(here).is_some();
                if found || course.left(n_samples, config.resolve_after) == Some(0) {
                    // When it is told is found out in the order of the rows.
                    course.turn(found, n_samples, Timestamp::from_nanos(0), 0.0);
                    turns.push(Turn {
                        row,
                        feature,
                        n_samples,
                        found,
                    });
                }
            }
        }
        turns.sort_unstable_by_key(|turn| (turn.row, turn.feature));
        turns
    }

    /// Begins one feature anew.
    pub(super) fn reset(&mut self, feature: usize) {
        let _ = self.bank.reset_feature(feature);
        self.drifting.retain(|&drifting| drifting != feature);
        let now = self.bank.detector(feature).map(|one| one.counts());
        if let (Ok(mut before), Some(one)) = (now, self.features.get_mut(feature)) {
            before.n_missing = before.n_missing.saturating_add(self.missing_rows);
            *one = Feature {
                course: Course::default(),
                before,
            };
        }
    }
}
