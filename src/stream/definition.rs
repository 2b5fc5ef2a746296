//! What makes a streaming detector.

use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::drift::Parameters;
use crate::error::Result;

/// What the last value brought about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Signal {
    /// Nothing.
    #[default]
    Quiet,
    /// The method's warning zone.
    Warning,
    /// A change.
    Drift,
}

/// Where the values have gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// They are larger than before (for errors: more of them).
    Up,
    /// They are smaller than before.
    Down,
}

impl Direction {
    /// The word for it: `"up"` or `"down"`.
    pub fn as_str(self) -> &'static str {
        match self {
            Direction::Up => "up",
            Direction::Down => "down",
        }
    }
}

/// The values that a detector takes. Whatever is not finite is missing for all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// Any number.
    Real,
    /// 0 and 1, where 1 is an error.
    Binary,
    /// Numbers from 0 to 1.
    Unit,
    /// Whole numbers from 0 on.
    Count,
}

impl Input {
    /// Whether a finite value is one of them.
    pub fn accepts(self, x: f64) -> bool {
        match self {
            Input::Real => true,
            Input::Binary => x == 0.0 || x == 1.0,
            Input::Unit => (0.0..=1.0).contains(&x),
            Input::Count => x >= 0.0 && x.fract() == 0.0,
        }
    }

    /// What is accepted, for error messages.
    pub fn allowed(self) -> &'static str {
        match self {
            Input::Real => "a number",
            Input::Binary => "0 or 1 (True or False)",
            Input::Unit => "a number from 0 to 1",
            Input::Count => "a whole number of 0 or more",
        }
    }
}

/// The parameter that trades false alarms for delay, by which a detector is calibrated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tuning {
    /// Its name.
    pub parameter: &'static str,
    /// The value that alarms most often in the range that is searched, and the one that
    /// alarms least often.
    pub range: (f64, f64),
    /// Whether it is searched on a logarithmic scale.
    pub logarithmic: bool,
}

/// What makes a streaming detector: one implementation for each; [`Detector`](super::Detector)
/// follows from it by [`Running`](super::Running).
///
/// A value of the type is what the method remembers. Every number in it is finite (an infinity
/// does not survive JSON): use `Option` for what is not there yet.
pub trait Definition:
    Clone + fmt::Debug + Serialize + DeserializeOwned + Send + Sync + 'static
{
    /// The configuration name.
    const NAME: &'static str;
    /// What `x` may be.
    const INPUT: Input = Input::Real;
    /// Whether the answer changes when all values are multiplied by a constant.
    const DEPENDS_ON_SCALE: bool = false;
    /// Whether it goes on by itself after a change with what it takes for the new regime, when
    /// it is not restarted; the others are given the last values again.
    const KEEPS: bool = false;
    /// Whether most false alarms come soon after a beginning: the longer it has been quiet, the
    /// rarer they are, and a fleet cannot share a budget.
    const ALARMS_EARLY: bool = false;
    /// By which parameter it is calibrated; `None` when it states its own guarantee.
    const TUNING: Option<Tuning>;
    /// The names that [`Definition::reading`] knows.
    const READINGS: &'static [&'static str] = &[];
    /// Its parameters: validated, immutable.
    type Parameters: Parameters + Clone + fmt::Debug + Send + Sync;

    /// What `x` may be with these parameters.
    fn input(_parameters: &Self::Parameters) -> Input {
        Self::INPUT
    }

    /// Having seen nothing.
    fn new(parameters: &Self::Parameters) -> Self;

    /// Takes a value: finite, at most [`LARGEST`](super::LARGEST) in magnitude, accepted by
    /// `INPUT`. After `Signal::Drift` the next call is [`Definition::restart`], unless it
    /// `KEEPS`.
    fn step(&mut self, parameters: &Self::Parameters, x: f64) -> Signal;

    /// Begins anew after a change. The default forgets everything; what is no memory of the
    /// values (a random generator, a sorted baseline) may stay.
    fn restart(&mut self, parameters: &Self::Parameters) {
        *self = Self::new(parameters);
    }

    /// Forgets the values, whatever the last one brought about. The default is a restart; a
    /// method that keeps some of them over its restart says here how they go.
    fn forget(&mut self, parameters: &Self::Parameters) {
        self.restart(parameters);
    }

    /// How many of the last values belong to what came after the change that was found: those
    /// that `on_drift="keep_recent"` begins anew with.
    fn recent(&self, parameters: &Self::Parameters) -> usize;

    /// Which way the change went that the last step found.
    fn direction(&self, parameters: &Self::Parameters) -> Option<Direction>;

    /// The statistic of the last look; `None` before the first.
    fn statistic(&self, parameters: &Self::Parameters) -> Option<f64>;

    /// What the statistic is compared with: there is drift at or beyond it (above it, unless
    /// the docstring says below).
    fn limit(&self, parameters: &Self::Parameters) -> Option<f64>;

    /// The same for the warning zone, where the method has one.
    fn warning_limit(&self, _parameters: &Self::Parameters) -> Option<f64> {
        None
    }

    /// What a value costs, in units of ADWIN's 20 ns, about: a simulation must know how long
    /// it may be.
    fn cost(_parameters: &Self::Parameters) -> f64 {
        1.0
    }

    /// What else can be read, such as `"estimation"` or `"width"`.
    fn reading(&self, _parameters: &Self::Parameters, _name: &str) -> Option<f64> {
        None
    }

    /// Makes good what is not stored, after this was read from a stored state, and checks that
    /// no step can go astray on it.
    ///
    /// # Errors
    /// `InvalidValue` for a state that no stream leads to.
    fn restored(&mut self, _parameters: &Self::Parameters) -> Result<()> {
        Ok(())
    }
}
