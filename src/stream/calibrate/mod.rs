//! The limit that keeps false alarms within a budget.
//!
//! # Method
//! 1. *Run length.* Alarms are counted on a stream in which nothing changes, of a known
//!    distribution, or drawn from a history in blocks, each of which goes on from a value like
//!    the last one, with tails drawn anew. The detector begins anew after each alarm, and is
//!    replaced by one that has seen nothing after 10 budgets. A search finds the value of the tuning parameter at which alarms are a budget
//!    apart on average. For streams of a known distribution and the defaults this was done
//!    beforehand (`tables.json`, written by `make calibrate-streams`).
//! 2. *Beyond.* Run lengths that would take too long to simulate are extrapolated from the
//!    limits at three shorter ones, each four times the one before.
//! 3. *Safety*, with a history. What was learned from it would have been something else with
//!    another history. Each of `n_bootstrap` pseudo-histories is asked which limit it would
//!    have set, and which one would have been needed with all that it has told the detector;
//!    the limit is multiplied by the 98 % quantile of needed / set: a pseudo-history has no
//!    runs of large values but those of the history, which makes them more alike than they are.
//!
//! # Source
//! Carlstein and others 1998 (matched blocks); Politis & White 2004 (their length); Gandy & Kvaløy,
//! Guaranteed conditional performance of control charts via bootstrap methods, Scandinavian
//! Journal of Statistics 40, 2013 (safety).
//!
//! | where | what |
//! |---|---|
//! | `null.rs` | streams of a known distribution |
//! | `history.rs`, `tail.rs` | streams like a history |
//! | `frame.rs` | what follows from the stream besides the limit |
//! | `axis.rs` | the parameter that is searched |
//! | `search.rs` | run lengths, and where they are as asked |
//! | `levels.rs` | extrapolation |
//! | `tables.rs` | what was found beforehand |

mod axis;
mod frame;
mod guarantee;
mod history;
mod levels;
mod null;
mod search;
mod tables;
mod tail;

pub use null::Null;

use serde_json::{Map, Value};

use self::axis::Axis;
use self::frame::Frame;
use self::history::History;
use self::levels::Levels;
use self::null::{Known, Stream};
use self::search::{COST, Found, Search};
use super::{Detector, Input, LARGEST, Options, get};
use crate::error::{Error, Result};

/// Values that a search and the safety step may take each, in values of a detector as
/// quick as ADWIN.
const WORK: f64 = 2e7;

/// Run lengths up to it are simulated, whatever it costs.
const LEAST_DIRECT: f64 = 8_192.0;

/// The run length at which the safety step compares, at least, and alarms of its looks.
const LEAST_COMPARED: f64 = 200.0;
const ALARMS: f64 = 20.0;

/// Quantile of needed / set.
const SAFETY: f64 = 0.98;
/// A step of the run length by which levels for extrapolation lie apart.
const APART: f64 = 4.0;
/// The longest run length.
const LONGEST: f64 = 1e15;

/// Where the stream comes from in which nothing changes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Source<'a> {
    /// A known distribution; `None`: [`Null::Normal`], or [`Null::Bernoulli`] with p = 0.1
    /// for detectors of errors.
    Known(Option<Null>),
    /// Values of shape (n,) in their order, from a time when all was well: 500 or more, and
    /// 20 blocks or more. NaN and infinities are left out.
    History(&'a [f64]),
}

/// How a detector is calibrated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Calibration<'a> {
    /// Values between two false alarms on average, above 1.
    pub false_alarm_every: f64,
    /// Detectors that share the budget: each gets so many times as many values. 1 or more.
    pub n_detectors: u64,
    /// The stream in which nothing changes.
    pub source: Source<'a>,
    /// Whether values are taken as (x - mean) / standard deviation of the stream. `None`:
    /// where the detector depends on scale or compares with a target, unless the values are
    /// 0 and 1 or it was told where they lie.
    pub standardise: Option<bool>,
    /// Values per block of a history; `None`: twice the length that is best for the variance
    /// of a mean.
    pub block_length: Option<usize>,
    /// Pseudo-histories, 20 to 1,000.
    pub n_bootstrap: usize,
    /// The same seed gives the same limit on every machine. 0 takes it from the tables where
    /// they have it.
    pub seed: u64,
}

impl<'a> Calibration<'a> {
    /// The defaults.
    pub fn new(false_alarm_every: f64, source: Source<'a>) -> Self {
        Self {
            false_alarm_every,
            n_detectors: 1,
            source,
            standardise: None,
            block_length: None,
            n_bootstrap: 100,
            seed: 0,
        }
    }

    /// The budget of one detector.
    fn budget(&self) -> Result<f64> {
        let refuse = |argument: &'static str, got: String, allowed: &'static str| {
            Err(Error::invalid_value(argument, got, allowed))
        };
        if self.n_detectors == 0 {
            return refuse("n_detectors", "0".to_owned(), "a whole number of 1 or more");
        }
        if self.block_length == Some(0) {
            let allowed = "a whole number of 1 or more, or None";
            return refuse("block_length", "0".to_owned(), allowed);
        }
        if !(20..=1_000).contains(&self.n_bootstrap) {
            let got = self.n_bootstrap.to_string();
            return refuse("n_bootstrap", got, "a whole number from 20 to 1000");
        }
        let every = self.false_alarm_every * self.n_detectors as f64;
        if self.false_alarm_every > 0.0 && every > 1.0 && every <= LONGEST {
            return Ok(every);
        }
        let mut got = format!("{} values", self.false_alarm_every);
        if self.n_detectors > 1 {
            got.push_str(&format!(" for {} detectors together", self.n_detectors));
        }
        refuse(
            "false_alarm_every",
            got,
            "above 1, at most 1e15, per detector",
        )
    }
}

/// Parameters and options with which the detector `name` alarms no more often than once per
/// budget on average while nothing changes.
///
/// `parameters` are kept; added are the tuning parameter (see [`Tuning`](super::Tuning)), the
/// warning zone that goes with it, and `target` and `sigma` where the detector has them.
/// Methods that state a guarantee of their own are given the budget. `interrupted` is asked
/// now and then whether to give up.
///
/// With a known distribution the average run length is as asked, within a factor of 2; longer
/// where the run length has steps. With a history it is as asked or longer for nine histories
/// in ten, if the values depend on each other no further than a block, and the tails are not
/// heavier than log-normal ones.
///
/// # Cost
/// Nothing for defaults on streams of a known distribution. Else up to 10^8 values.
/// # Errors
/// `InvalidValue` for options out of range, a history that is too short or does not vary, and
/// a budget that no value of the parameter meets; `Interrupted`.
/// # Example
/// ```
/// use driftline::stream::{self, Calibration, Options, Source};
/// let how = Calibration::new(10_000.0, Source::Known(None));
/// let none = Default::default();
/// let (parameters, options) =
///     stream::calibrated("page_hinkley", &none, Options::default(), &how, &mut || false)?;
/// let threshold = parameters["threshold"].as_f64().unwrap();
/// assert!((50.0..200.0).contains(&threshold));
/// let detector = stream::get("page_hinkley", &parameters, options)?;
/// # Ok::<(), driftline::error::Error>(())
/// ```
pub fn calibrated(
    name: &str,
    parameters: &Map<String, Value>,
    options: Options,
    how: &Calibration<'_>,
    interrupted: &mut dyn FnMut() -> bool,
) -> Result<(Map<String, Value>, Options)> {
    let every = how.budget()?;
    let prototype = get(name, parameters, options)?;
    let Some(tuning) = prototype.tuning() else {
        return guarantee::given(prototype.as_ref(), parameters, how, every);
    };
    if how.n_detectors > 1 && prototype.alarms_early() {
        let got = format!("{} for \"{name}\"", how.n_detectors);
        let allowed = "1: most false alarms of this method come soon after a beginning, and of \
                       many detectors at once";
        return Err(Error::invalid_value("n_detectors", got, allowed));
    }
    let axis = Axis::new(tuning);
    match how.source {
        Source::Known(null) => {
            let null = null.unwrap_or_else(|| usual(prototype.as_ref()));
            null.validate()?;
            if prototype.input() != Input::Real && !matches!(null, Null::Bernoulli { .. }) {
                let allowed = format!("\"bernoulli\": it takes {}", prototype.input().allowed());
                return Err(Error::invalid_value("stream", null.name(), allowed));
            }
            let levels = matches!(null, Null::Bernoulli { .. });
            let frame = Frame::new(
                prototype.as_ref(),
                axis,
                parameters,
                how.standardise,
                levels,
            )?;
            known(&frame, null, every, how.seed, interrupted)
        }
        Source::History(values) => {
            prototype
                .check(values)
                .map_err(|error| error.named("history"))?;
            let kept: Vec<f64> = values
                .iter()
                .copied()
                .filter(|x| x.abs() <= LARGEST)
                .collect();
            let levels = kept.iter().all(|&x| x == 0.0 || x == 1.0);
            let frame = Frame::new(
                prototype.as_ref(),
                axis,
                parameters,
                how.standardise,
                levels,
            )?;
            let history = History::new(kept, how.block_length, prototype.input())?;
            learned(&frame, &history, every, how, interrupted)
        }
    }
}

/// The stream that a detector is for.
fn usual(prototype: &dyn Detector) -> Null {
    let parameters = prototype.parameters();
    let model = parameters.get("model").and_then(Value::as_str);
    if prototype.input() == Input::Real && !matches!(model, Some("bernoulli" | "poisson")) {
        Null::Normal
    } else {
        Null::Bernoulli { p: 0.1 }
    }
}

/// Mean and standard deviation of what the detector is told of a known stream, and those
/// that the stream is moved to, where the detector was told.
fn moments_of(frame: &Frame, null: Null) -> ((f64, f64), Option<(f64, f64)>) {
    let given = |name: &str| frame.given.get(name).and_then(Value::as_f64);
    let (mean, deviation) = null.moments();
    if frame.standardise || (given("target"), given("sigma")) == (None, None) {
        return ((mean, deviation), None);
    }
    let moved = (
        given("target").unwrap_or(mean),
        given("sigma").unwrap_or(deviation),
    );
    (moved, Some(moved))
}

fn known(
    frame: &Frame,
    null: Null,
    every: f64,
    seed: u64,
    interrupted: &mut dyn FnMut() -> bool,
) -> Result<(Map<String, Value>, Options)> {
    let (moments, moved) = moments_of(frame, null);
    // A pair of the user's makes the stream what it is taken for.
    let mut frame = frame.clone();
    let pair = frame.options.standardise.take();
    let told = frame.told(moments);
    let known = (seed == 0).then(|| tables::found(&frame, null, &told, every));
    let value = match known.flatten() {
        Some(value) => value,
        None => {
            let stream = &mut Known::new(null, moved, seed);
            let make = |value: f64| frame.detector(&told, value);
            let mut search = Search {
                axis: frame.axis,
                make: &make,
                stream,
                interrupted,
            };
            search.value(every, WORK)?
        }
    };
    let (mut parameters, mut options) = told;
    frame.set(&mut parameters, checked(&frame.axis, value, every)?);
    options.standardise = pair.or(options.standardise.filter(|pair| *pair != (0.0, 1.0)));
    Ok((parameters, options))
}

fn learned(
    frame: &Frame,
    history: &History,
    every: f64,
    how: &Calibration<'_>,
    interrupted: &mut dyn FnMut() -> bool,
) -> Result<(Map<String, Value>, Options)> {
    let axis = frame.axis;
    let told = frame.told(history.moments);
    let make = |value: f64| frame.detector(&told, value);
    let mut search = Search {
        axis,
        make: &make,
        stream: &mut history.stream(how.seed),
        interrupted,
    };
    let value = search.value(every, WORK)?;
    let safety = safety(frame, history, &mut search, every, how)?;
    let value = axis.with_magnitude(axis.magnitude(value) * safety);
    let (mut parameters, options) = told;
    frame.set(&mut parameters, checked(&axis, value, every)?);
    Ok((parameters, options))
}

/// What the magnitude of the limit is to be multiplied by.
fn safety(
    frame: &Frame,
    history: &History,
    search: &mut Search<'_>,
    every: f64,
    how: &Calibration<'_>,
) -> Result<f64> {
    let axis = frame.axis;
    let cost = (search.make)(axis.value(0.5))?.cost();
    let affordable = WORK / (cost * how.n_bootstrap as f64 * 4.0 * ALARMS);
    let mut compared = every.min(affordable.max(LEAST_COMPARED));
    let near = loop {
        match search.solve(compared) {
            Err(Error::Interrupted) => return Err(Error::Interrupted),
            Err(error) if compared >= every => return Err(error),
            Ok(near) if near.place > 0.0 || compared >= every => break near,
            // Not within reach as yet.
            Ok(_) | Err(_) => compared = every.min(APART * compared),
        }
    };
    let mut ratios = Vec::with_capacity(how.n_bootstrap);
    for round in 0..how.n_bootstrap as u64 {
        let seed = how.seed.wrapping_add(1 + 3 * round);
        let other = history.another(seed);
        let told = frame.told(other.moments);
        let make = |value: f64| frame.detector(&told, value);
        let mut magnitude = |stream: &mut dyn Stream, near: Found| {
            let mut search = Search {
                axis,
                make: &make,
                stream,
                interrupted: &mut *search.interrupted,
            };
            let place = search.polish(near, compared, ALARMS)?;
            Ok::<_, Error>((place, axis.magnitude(axis.value(place))))
        };
        let own = &mut other.stream(seed.wrapping_add(1));
        let (place, set) = magnitude(own, near)?;
        let real = &mut history.stream(seed.wrapping_add(2));
        let (_, needed) = magnitude(real, Found { place, ..near })?;
        ratios.push(if set > 0.0 { needed / set } else { 1.0 });
    }
    let place = ((ratios.len() as f64 * SAFETY) as usize).min(ratios.len() - 1);
    let (_, ratio, _) = ratios.select_nth_unstable_by(place, f64::total_cmp);
    Ok(ratio.max(1.0))
}

/// The value, if the detector takes it.
fn checked(axis: &Axis, value: f64, every: f64) -> Result<f64> {
    if axis.reaches(value) {
        return Ok(value);
    }
    let (_, last) = axis.range();
    let allowed = format!(
        "less: it takes {}={value:.3e}, beyond {last:e}, the end of what is searched",
        axis.parameter
    );
    Err(Error::invalid_value("false_alarm_every", every, allowed))
}

impl Search<'_> {
    /// The value of the parameter at which alarms are `every` values apart, extrapolated
    /// when finding it would take more than `work`.
    fn value(&mut self, every: f64, work: f64) -> Result<f64> {
        let cost = (self.make)(self.axis.value(0.5))?.cost();
        let affordable = (work / (cost * COST)).max(LEAST_DIRECT);
        if every <= affordable {
            let found = self.solve(every)?;
            return Ok(self.axis.value(found.place));
        }
        let mut pairs = Vec::with_capacity(3);
        for level in [affordable / (APART * APART), affordable / APART, affordable] {
            let found = self.solve(level)?;
            let magnitude = self.axis.magnitude(self.axis.value(found.place));
            pairs.push((level, magnitude));
        }
        let magnitude = Levels::new(pairs).at(every);
        Ok(self.axis.with_magnitude(magnitude.unwrap_or(f64::INFINITY)))
    }
}
