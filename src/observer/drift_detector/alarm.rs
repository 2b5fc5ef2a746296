//! What a detector has to tell, and how it says it.

use std::borrow::Cow;
use std::sync::Arc;

use super::config::Config;
use crate::drift::TestResult;
use crate::event::{Event, Kind, Metadata, ModelId, Timestamp, Value};
use crate::observer::Derived;

/// What a value brought about.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Drift has begun, or (`reminder`) lasts and the cooldown has passed.
    Detected {
        /// Whether it was told before.
        reminder: bool,
        /// The look.
        look: Look,
    },
    /// Drift has gone.
    Resolved {
        /// The look.
        look: Look,
    },
    /// Drift from a baseline that is no longer compared with.
    Rebased,
    /// Too many of the last arrivals have no value.
    DataMissing {
        /// Missing ones among the last `window_size` arrivals.
        missing: usize,
        /// The accepted share.
        max_missing_rate: f64,
    },
    /// No data came for too long.
    Silent {
        /// When the last came; `None`: none ever did.
        last_seen: Option<Timestamp>,
        /// Seconds since then, or since watching began.
        silent_s: f64,
        /// The accepted silence.
        no_data_after_s: f64,
    },
    /// Data that had gone missing comes again.
    DataRecovered {
        /// Missing ones among the last `window_size` arrivals.
        missing: usize,
    },
}

/// The series that an alarm is about, where the event that caused it does not
/// say.
#[derive(Debug, Clone, PartialEq)]
pub struct About {
    /// Which model.
    pub model: Option<ModelId>,
    /// Which feature.
    pub feature: Option<Arc<str>>,
}

/// A look at the window that changed something.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// What the test said.
    pub result: TestResult,
    /// What it was held to.
    pub limit: Limit,
    /// Mean of the window.
    pub window_mean: f64,
    /// Mean of the baseline.
    pub baseline_mean: f64,
}

/// What a look was held to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Limit {
    /// Drift from this distance on.
    Threshold(f64),
    /// Drift below this p-value.
    Alpha(f64),
}

impl Limit {
    /// The distance, when that decides.
    pub fn threshold(self) -> Option<f64> {
        match self {
            Self::Threshold(threshold) => Some(threshold),
            Self::Alpha(_) => None,
        }
    }

    /// The p-value, when that decides.
    pub fn alpha(self) -> Option<f64> {
        match self {
            Self::Threshold(_) => None,
            Self::Alpha(alpha) => Some(alpha),
        }
    }
}

/// A change, and when it came.
#[derive(Debug, Clone, PartialEq)]
pub struct Alarm {
    /// The position, among the values given, of the one that caused it.
    pub index: usize,
    /// When, on the detector's own timeline.
    pub at: Timestamp,
    /// What.
    pub change: Change,
    /// Values that the window holds when full.
    pub window_size: usize,
    /// Configuration name of the test.
    pub test: Cow<'static, str>,
    /// The series; `None`: that of the event that caused it.
    pub about: Option<About>,
}

impl Alarm {
    /// Data comes again, with the first value.
    pub(super) fn recovered(
        config: &Config,
        at: Timestamp,
        missing: usize,
        about: Option<About>,
    ) -> Self {
        Self {
            index: 0,
            at,
            change: Change::DataRecovered { missing },
            window_size: config.window_size,
            test: config.test.name(),
            about,
        }
    }

    /// The drift under `about` was one from an old baseline.
    pub(super) fn rebased(config: &Config, at: Timestamp, about: About) -> Self {
        Self {
            index: 0,
            at,
            change: Change::Rebased,
            window_size: config.window_size,
            test: config.test.name(),
            about: Some(about),
        }
    }

    /// Whether this is an alert of drift: its beginning, or a reminder.
    pub fn is_alert(&self) -> bool {
        matches!(self.change, Change::Detected { .. })
    }

    /// The event that tells of it.
    pub fn event(&self, cause: &Event) -> Event {
        let mut metadata = Metadata::new();
        let mut put = |key: &str, value: Value| metadata.insert(key.to_owned(), value);
        put("message", Value::Str(self.message()));
        put("window_size", (self.window_size as u64).into());
        put("test", self.test.as_ref().into());
        let (kind, value, p_value) = match &self.change {
            Change::Detected { look, .. } | Change::Resolved { look } => {
                let result = &look.result;
                put("n", (result.n_current as u64).into());
                put("effect_size", result.effect_size.into());
                put("window_mean", look.window_mean.into());
                put("baseline_mean", look.baseline_mean.into());
                match look.limit {
                    Limit::Threshold(threshold) => put("threshold", threshold.into()),
                    Limit::Alpha(alpha) => put("alpha", alpha.into()),
                };
                let kind = match self.change {
                    Change::Detected { reminder, .. } => {
                        if reminder {
                            put("reminder", true.into());
                        }
                        Kind::DriftDetected
                    }
                    _ => Kind::DriftResolved,
                };
                (kind, Some(result.statistic), result.p_value)
            }
            Change::Rebased => {
                put("rebased", true.into());
                (Kind::DriftResolved, None, None)
            }
            Change::DataMissing {
                missing,
                max_missing_rate,
            } => {
                put("n_missing", (*missing as u64).into());
                put("max_missing_rate", (*max_missing_rate).into());
                let share = *missing as f64 / self.window_size as f64;
                (Kind::DataMissing, Some(share), None)
            }
            Change::Silent {
                last_seen,
                silent_s,
                no_data_after_s,
            } => {
                if let Some(time) = last_seen {
                    put("last_seen", Value::Str(time.to_string()));
                }
                put("silent_s", (*silent_s).into());
                put("no_data_after_s", (*no_data_after_s).into());
                (Kind::DataMissing, Some(1.0), None) // all of it is missing
            }
            Change::DataRecovered { missing } => {
                put("n_missing", (*missing as u64).into());
                let share = *missing as f64 / self.window_size as f64;
                (Kind::DataRecovered, Some(share), None)
            }
        };
        let mut event = Derived::event(cause, kind, value);
        if let Some(about) = &self.about {
            event.model.clone_from(&about.model);
            event.feature.clone_from(&about.feature);
        }
        event.p_value = p_value;
        event.metadata = Some(Arc::new(metadata));
        event
    }

    /// The event that tells of it, when none caused it.
    pub fn event_of_tick(&self) -> Event {
        self.event(&Event::at(Kind::DataMissing, None, self.at))
    }

    /// One sentence for a person.
    pub fn message(&self) -> String {
        match &self.change {
            Change::Detected { reminder, look } => {
                let again = if *reminder { "still drifting: " } else { "" };
                format!("{again}{}", look.sentence(true))
            }
            Change::Rebased => {
                "rebased: from now on compared with a new baseline, of which nothing was judged yet"
                    .to_owned()
            }
            Change::Resolved { look } => format!("back to normal: {}", look.sentence(false)),
            Change::DataMissing {
                missing,
                max_missing_rate,
            } => format!(
                "{missing} of the last {} values are missing ({:.0} %, accepted: at most {:.0} %)",
                self.window_size,
                100.0 * *missing as f64 / self.window_size as f64,
                100.0 * max_missing_rate,
            ),
            Change::Silent {
                last_seen,
                silent_s,
                no_data_after_s,
            } => {
                let (silent, accepted) = (short(*silent_s), short(*no_data_after_s));
                match last_seen {
                    Some(time) => format!(
                        "no data for {silent} s, since {time} (accepted: less than {accepted} s)"
                    ),
                    None => format!(
                        "no data at all in the {silent} s of watching (accepted: less than \
                         {accepted} s)"
                    ),
                }
            }
            Change::DataRecovered { missing } => format!(
                "data comes again: {missing} of the last {} values are missing",
                self.window_size
            ),
        }
    }
}

impl Look {
    fn sentence(&self, drifts: bool) -> String {
        let result = &self.result;
        let verdict = match (self.limit, result.p_value) {
            (Limit::Alpha(alpha), Some(p_value)) => {
                let sign = if drifts { "<" } else { ">=" };
                format!("p = {} {sign} alpha {}", short(p_value), short(alpha))
            }
            (Limit::Threshold(limit), _) | (Limit::Alpha(limit), None) => {
                let side = if drifts { "at or beyond" } else { "within" };
                format!("{side} the threshold {}", short(limit))
            }
        };
        format!(
            "the last {} values average {}, the baseline {}; {} is {}, {verdict} (effect size {})",
            result.n_current,
            short(self.window_mean),
            short(self.baseline_mean),
            result.test,
            short(result.statistic),
            short(result.effect_size),
        )
    }
}

/// Four significant digits, in exponent form where that is shorter.
pub(in crate::observer) fn short(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 || !value.is_finite() {
        return value.to_string();
    }
    if !(1e-4..1e7).contains(&size) {
        return format!("{value:.2e}");
    }
    let decimals = (3 - size.log10().floor() as i32).max(0) as usize;
    let text = format!("{value:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}
