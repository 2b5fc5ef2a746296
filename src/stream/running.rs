//! A detector at work, whatever its method.

use std::collections::VecDeque;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::definition::{Definition, Direction, Input, Signal, Tuning};
use super::detector::{Counts, Detector, LARGEST};
use super::options::{MOST_RECENT, OnDrift, Options};
use super::state::{self, Snapshot};
use crate::drift::{NanPolicy, Parameters};
use crate::error::{Error, Result};

/// A [`Definition`] at work.
#[derive(Debug, Clone)]
pub struct Running<D: Definition> {
    pub(super) parameters: Arc<D::Parameters>,
    pub(super) options: Options,
    pub(super) method: D,
    pub(super) signal: Signal,
    /// A change was found: begin anew before the next value.
    pub(super) ended: bool,
    pub(super) direction: Option<Direction>,
    pub(super) counts: Counts,
    /// The last values, with `OnDrift::KeepRecent`.
    recent: VecDeque<f64>,
}

impl<D: Definition> Running<D> {
    /// A detector that has seen nothing.
    ///
    /// # Errors
    /// `InvalidValue` for options or parameters out of range.
    pub fn new(parameters: D::Parameters, options: Options) -> Result<Self> {
        parameters.validate()?;
        options.validate()?;
        let input = D::input(&parameters);
        if input != Input::Real
            && let Some((location, scale)) = options.standardise
        {
            let got = format!("({location}, {scale})");
            let allowed = format!("None: \"{}\" takes {}", D::NAME, input.allowed());
            return Err(Error::invalid_value("standardise", got, allowed));
        }
        Ok(Self::fresh_with(Arc::new(parameters), options))
    }

    pub(super) fn fresh_with(parameters: Arc<D::Parameters>, options: Options) -> Self {
        Self {
            method: D::new(&parameters),
            parameters,
            options,
            signal: Signal::Quiet,
            ended: false,
            direction: None,
            counts: Counts::default(),
            recent: VecDeque::new(),
        }
    }

    /// The parameters.
    pub fn method_parameters(&self) -> &D::Parameters {
        &self.parameters
    }

    /// What the method remembers.
    pub fn method(&self) -> &D {
        &self.method
    }

    pub(super) fn restore(snapshot: Snapshot) -> Result<Self> {
        let parameters = D::Parameters::from_map(D::NAME, &snapshot.parameters)?;
        snapshot.options.validate()?;
        Self::restore_with(Arc::new(parameters), snapshot)
    }

    /// With parameters and options that were checked, whatever those of the snapshot.
    pub(super) fn restore_with(parameters: Arc<D::Parameters>, snapshot: Snapshot) -> Result<Self> {
        let mut method: D = serde_json::from_value(snapshot.memory)
            .map_err(|error| state::damaged(&error.to_string()))?;
        method.restored(&parameters)?;
        let input = D::input(&parameters);
        let sound = |x: &f64| x.abs() <= LARGEST && input.accepts(*x);
        if snapshot.recent.len() > MOST_RECENT || !snapshot.recent.iter().all(sound) {
            return Err(state::damaged("values that cannot have been kept"));
        }
        Ok(Self {
            parameters,
            options: snapshot.options,
            method,
            signal: snapshot.signal,
            ended: snapshot.ended,
            direction: snapshot.direction,
            counts: Counts {
                n_samples: snapshot.n_samples,
                n_missing: snapshot.n_missing,
                n_detections: snapshot.n_detections,
            },
            recent: snapshot.recent.into(),
        })
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        let counts = self.counts;
        Snapshot {
            format: state::FORMAT,
            detector: D::NAME.to_owned(),
            parameters: self.parameters.to_map(),
            options: self.options,
            signal: self.signal,
            ended: self.ended,
            direction: self.direction,
            n_samples: counts.n_samples,
            n_missing: counts.n_missing,
            n_detections: counts.n_detections,
            recent: self.recent.iter().copied().collect(),
            memory: serde_json::to_value(&self.method).unwrap_or_default(),
        }
    }

    /// Begins anew after a change.
    #[cold]
    fn renew(&mut self) {
        self.ended = false;
        let kept = match self.options.on_drift {
            OnDrift::KeepRecent if D::KEEPS => return,
            OnDrift::KeepRecent => self.method.recent(&self.parameters),
            OnDrift::Reset => 0,
        };
        self.method.restart(&self.parameters);
        let from = self.recent.len().saturating_sub(kept);
        self.recent.drain(..from);
        for &x in &self.recent {
            if self.method.step(&self.parameters, x) == Signal::Drift {
                self.method.restart(&self.parameters);
            }
        }
    }

    #[inline]
    pub(super) fn take(&mut self, x: f64) -> Signal {
        self.take_standardised(self.options.standardised(x))
    }

    #[inline]
    pub(super) fn take_standardised(&mut self, x: f64) -> Signal {
        let taken = x.abs() <= LARGEST;
        if !taken {
            self.counts.n_missing += 1;
            self.signal = Signal::Quiet;
            return Signal::Quiet;
        }
        if self.ended {
            self.renew();
        }
        self.counts.n_samples += 1;
        if !D::KEEPS && self.options.on_drift == OnDrift::KeepRecent {
            if self.recent.len() == MOST_RECENT {
                self.recent.pop_front();
            }
            self.recent.push_back(x);
        }
        let signal = self.method.step(&self.parameters, x);
        self.signal = signal;
        if signal == Signal::Drift {
            self.ended = true;
            self.counts.n_detections += 1;
            self.direction = self.method.direction(&self.parameters);
        }
        signal
    }

    pub(super) fn check_one(&self, x: f64) -> std::result::Result<(), &'static str> {
        if x.is_finite() && !D::input(&self.parameters).accepts(x) {
            return Err(D::input(&self.parameters).allowed());
        }
        let taken = x.abs() <= LARGEST;
        if !taken && self.options.nan_policy == NanPolicy::Raise {
            return Err("a number of at most 1e150 in magnitude with nan_policy=\"raise\"");
        }
        Ok(())
    }
}

impl<D: Definition> Detector for Running<D> {
    fn name(&self) -> &'static str {
        D::NAME
    }

    fn parameters(&self) -> Map<String, Value> {
        self.parameters.to_map()
    }

    fn options(&self) -> &Options {
        &self.options
    }

    fn input(&self) -> Input {
        D::input(&self.parameters)
    }

    fn depends_on_scale(&self) -> bool {
        D::DEPENDS_ON_SCALE
    }

    fn tuning(&self) -> Option<Tuning> {
        D::TUNING
    }

    fn alarms_early(&self) -> bool {
        D::ALARMS_EARLY
    }

    fn cost(&self) -> f64 {
        D::cost(&self.parameters)
    }

    fn update(&mut self, x: f64) -> Result<Signal> {
        self.check_one(x)
            .map_err(|allowed| Error::invalid_value("x", x, allowed))?;
        Ok(self.take(x))
    }

    fn run(
        &mut self,
        values: &[f64],
        warnings: bool,
        report: &mut dyn FnMut(usize, Signal) -> bool,
    ) -> usize {
        for (index, &x) in values.iter().enumerate() {
            let signal = self.take(x);
            let told = signal == Signal::Drift || (warnings && signal == Signal::Warning);
            if told && !report(index, signal) {
                return index + 1;
            }
        }
        values.len()
    }

    fn check(&self, values: &[f64]) -> Result<()> {
        if self.input() == Input::Real && self.options.nan_policy == NanPolicy::Omit {
            return Ok(());
        }
        for (index, &x) in values.iter().enumerate() {
            self.check_one(x).map_err(|allowed| {
                Error::invalid_value("values", format!("{x} at position {index}"), allowed)
            })?;
        }
        Ok(())
    }

    fn reset(&mut self) {
        self.method.forget(&self.parameters);
        self.signal = Signal::Quiet;
        self.ended = false;
        self.direction = None;
        self.recent.clear();
    }

    fn signal(&self) -> Signal {
        self.signal
    }

    fn direction(&self) -> Option<Direction> {
        self.direction
    }

    fn statistic(&self) -> Option<f64> {
        self.method.statistic(&self.parameters)
    }

    fn limit(&self) -> Option<f64> {
        self.method.limit(&self.parameters)
    }

    fn warning_limit(&self) -> Option<f64> {
        self.method.warning_limit(&self.parameters)
    }

    fn reading(&self, name: &str) -> Option<f64> {
        self.method.reading(&self.parameters, name)
    }

    fn counts(&self) -> Counts {
        self.counts
    }

    fn clone_box(&self) -> Box<dyn Detector> {
        Box::new(self.clone())
    }

    fn fresh(&self) -> Box<dyn Detector> {
        Box::new(Self::fresh_with(Arc::clone(&self.parameters), self.options))
    }

    fn state(&self) -> Value {
        state::sealed(&self.snapshot())
    }
}
