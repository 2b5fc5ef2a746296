//! What a stream detector has to tell, and how it says it.

use std::sync::Arc;

use crate::event::{Event, Kind, Metadata, Timestamp, Value};
use crate::observer::Derived;
use crate::observer::drift_detector::short;
use crate::stream::{Detector, Direction};

/// What can be read of a detector; each is `None` where it has none.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Reading {
    /// The statistic of the last look.
    pub statistic: Option<f64>,
    /// What it is compared with.
    pub limit: Option<f64>,
    /// Which way the last change went.
    pub direction: Option<Direction>,
    /// What the detector takes for the mean, or whatever it follows.
    pub estimation: Option<f64>,
}

impl Reading {
    /// Of a detector, now.
    pub(in crate::observer) fn of(detector: &dyn Detector) -> Self {
        Self {
            statistic: detector.statistic(),
            limit: detector.limit(),
            direction: detector.direction(),
            estimation: detector.reading("estimation"),
        }
    }
}

/// What a value brought about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamChange {
    /// The detector found a change.
    Detected,
    /// So many values came without another one.
    Resolved,
}

/// A change, and when it came.
#[derive(Debug, Clone, PartialEq)]
pub struct StreamAlarm {
    /// The position, among the values given, of the one that caused it.
    pub index: usize,
    /// When, on the series' own timeline.
    pub at: Timestamp,
    /// What.
    pub change: StreamChange,
    /// What the detector said.
    pub reading: Reading,
    /// Values from the last change, or from the start, to this one.
    pub n: u64,
    /// Values since the start.
    pub n_samples: u64,
    /// Name of the detector.
    pub detector: Arc<str>,
}

impl StreamAlarm {
    /// Whether this is an alert of drift.
    pub fn is_alert(&self) -> bool {
        self.change == StreamChange::Detected
    }

    /// The event that tells of it.
    pub fn event(&self, cause: &Event) -> Event {
        let reading = &self.reading;
        let mut metadata = Metadata::new();
        let mut put = |key: &str, value: Value| metadata.insert(key.to_owned(), value);
        put("message", Value::Str(self.message()));
        put("detector", (&*self.detector).into());
        put("test", (&*self.detector).into());
        put("n", self.n.into());
        put("n_samples", self.n_samples.into());
        for (key, number) in [("limit", reading.limit), ("estimation", reading.estimation)] {
            if let Some(number) = number {
                put(key, number.into());
            }
        }
        let kind = match self.change {
            StreamChange::Detected => {
                if let Some(direction) = reading.direction {
                    put("direction", direction.as_str().into());
                }
                Kind::DriftDetected
            }
            StreamChange::Resolved => Kind::DriftResolved,
        };
        let mut event = Derived::event(cause, kind, reading.statistic);
        event.metadata = Some(Arc::new(metadata));
        event
    }

    /// One sentence for a person.
    pub fn message(&self) -> String {
        let reading = &self.reading;
        match self.change {
            StreamChange::Detected => {
                let way = match reading.direction {
                    Some(Direction::Up) => " upwards",
                    Some(Direction::Down) => " downwards",
                    None => "",
                };
                let mut text = format!(
                    "{} found a change{way} within the last {} values",
                    self.detector, self.n
                );
                if let Some(statistic) = reading.statistic {
                    text += &format!(": its statistic is {}", short(statistic));
                    if let Some(limit) = reading.limit {
                        text += &format!(", the limit {}", short(limit));
                    }
                }
                text
            }
            StreamChange::Resolved => format!(
                "{} found no other change in the {} values since",
                self.detector, self.n
            ),
        }
    }
}
