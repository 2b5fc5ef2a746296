//! What a monitor is asked to do.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::event::{Kind, ModelId};

/// The most rows that a window may hold.
pub const MAX_ROWS: usize = 100_000_000;

/// Which rows a monitor judges.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Window {
    /// The last so many; they are kept, so that reports are exact.
    Last(usize),
    /// So many, then the next so many; they are kept.
    TumblingRows(usize),
    /// Those of a stretch of so many seconds, by the clock in UTC, then those of the next;
    /// counted and not kept.
    TumblingTime(f64),
    /// All, each row counting half as much as one that came so many rows later; counted and
    /// not kept.
    Fading(f64),
}

impl Window {
    /// How many rows are kept.
    pub fn kept(self) -> Option<usize> {
        match self {
            Self::Last(rows) | Self::TumblingRows(rows) => Some(rows),
            Self::TumblingTime(_) | Self::Fading(_) => None,
        }
    }

    /// Whether it begins anew.
    pub fn is_tumbling(self) -> bool {
        matches!(self, Self::TumblingRows(_) | Self::TumblingTime(_))
    }
}

/// A number of rows or a time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Every {
    /// So many rows.
    Rows(u64),
    /// So many seconds, by the rows' timestamps.
    Seconds(f64),
}

/// What a look may spend on false alarms.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Rule {
    /// The share of streams without drift that ever alarm is at most so much, however long
    /// they are: look k spends alpha / (k (k + 1)).
    Anytime(f64),
    /// Each look by itself.
    EachLook(f64),
    /// One false alarm is expected in so many rows, or so much time.
    Budget(Every),
}

/// A look with a budget never spends more.
pub(super) const MOST_ALPHA: f64 = 0.05;

/// What a monitor is asked to do.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Which rows are judged.
    pub window: Window,
    /// How often; `None`: when a tumbling window ends, else each time that the window has
    /// been renewed (a fading one: half).
    pub every: Option<Every>,
    /// What a look may spend on false alarms.
    pub rule: Rule,
    /// Seconds of the rows' time between an alert and a reminder of the same drift.
    pub cooldown_s: f64,
    /// The columns to watch; `None` for all of the plan, but for the target.
    pub columns: Option<Vec<String>>,
    /// The model that events are about.
    pub model: Option<ModelId>,
    /// On a hub, events of these kinds hold rows.
    pub kinds: Vec<Kind>,
    /// Where in their metadata; dots descend.
    pub field: String,
    /// Rows with an id that are kept until their labels come, and after.
    pub max_pending: usize,
    /// Seconds that labels may take.
    pub ttl_s: f64,
    /// What events say they come from.
    pub name: String,
}

impl Config {
    /// The last `window` rows, never more than `alpha` of streams alarm without drift.
    pub fn new(window: Window, rule: Rule) -> Self {
        Self {
            window,
            every: None,
            rule,
            cooldown_s: 300.0,
            columns: None,
            model: None,
            kinds: vec![Kind::InferenceCompleted],
            field: "features".to_owned(),
            max_pending: 10_000,
            ttl_s: 30.0 * 86_400.0,
            name: "monitor".to_owned(),
        }
    }

    /// Checks the ranges.
    ///
    /// # Errors
    /// `InvalidValue` for what is out of range or does not go together.
    pub fn validate(&self) -> Result<()> {
        match self.window {
            Window::Last(rows) | Window::TumblingRows(rows) => {
                if rows == 0 || rows > MAX_ROWS {
                    let allowed = format!("from 1 to {MAX_ROWS} rows");
                    return Err(Error::invalid_value("window", rows, allowed));
                }
            }
            Window::TumblingTime(seconds) => positive("window", seconds, "a time above 0")?,
            Window::Fading(half_life) => {
                if !(1.0..=MAX_ROWS as f64).contains(&half_life) {
                    let allowed = format!("a half-life from 1 to {MAX_ROWS} rows");
                    return Err(Error::invalid_value("window", half_life, allowed));
                }
            }
        }
        match self.every {
            Some(_) if self.window.is_tumbling() => {
                let allowed = "None with a tumbling window, which is judged when it ends";
                let got = "a schedule beside a tumbling window";
                return Err(Error::invalid_value("every", got, allowed));
            }
            Some(every) => every.validate("every")?,
            None => {}
        }
        match self.rule {
            Rule::Anytime(alpha) | Rule::EachLook(alpha) => {
                if !(alpha > 0.0 && alpha < 1.0) {
                    let allowed = "a number between 0 and 1, both excluded";
                    return Err(Error::invalid_value("alpha", alpha, allowed));
                }
            }
            Rule::Budget(budget) => budget.validate("false_alarm_every")?,
        }
        if self.field.is_empty() {
            return Err(Error::invalid_value(
                "field",
                "''",
                "text that is not empty",
            ));
        }
        if self.cooldown_s.is_nan() || self.cooldown_s < 0.0 {
            let allowed = "seconds, 0 or more";
            return Err(Error::invalid_value("cooldown_s", self.cooldown_s, allowed));
        }
        Ok(())
    }

    /// Rows until the first look, and between looks by rows.
    pub(super) fn first_look(&self) -> u64 {
        match self.window {
            Window::Last(rows) | Window::TumblingRows(rows) => rows as u64,
            Window::Fading(half_life) => half_life.ceil() as u64,
            Window::TumblingTime(_) => 1,
        }
    }

    pub(super) fn every(&self) -> Every {
        self.every.unwrap_or(Every::Rows(self.first_look()))
    }
}

impl Every {
    fn validate(self, argument: &'static str) -> Result<()> {
        match self {
            Self::Rows(0) => Err(Error::invalid_value(argument, 0, "at least 1 row")),
            Self::Rows(_) => Ok(()),
            Self::Seconds(seconds) => positive(argument, seconds, "a time above 0"),
        }
    }
}

fn positive(argument: &'static str, value: f64, allowed: &'static str) -> Result<()> {
    if value > 0.0 && value.is_finite() {
        return Ok(());
    }
    Err(Error::invalid_value(argument, value, allowed))
}
