//! What a detector is told about the stream besides the parameter that is searched.

use serde_json::{Map, Value};

use super::axis::Axis;
use crate::error::{Error, Result};
use crate::stream::{Detector, Input, Options, get};

/// A detector with one parameter left open, and which others follow from the stream's mean
/// and standard deviation.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    pub(super) name: &'static str,
    /// As the user gave them.
    pub(super) given: Map<String, Value>,
    pub(super) options: Options,
    pub(super) axis: Axis,
    /// The warning zone's parameter, and how far it goes with the limit.
    warning: Option<(String, f64)>,
    /// Set `standardise`, `target`, `sigma`.
    pub(super) standardise: bool,
    target: bool,
    sigma: bool,
}

impl Frame {
    /// `prototype` has the parameters `given`; `standardise` as the user says; `levels`: the
    /// values are 0 and 1, whose scale is known.
    ///
    /// # Errors
    /// `InvalidValue` for what contradicts itself.
    pub(super) fn new(
        prototype: &dyn Detector,
        axis: Axis,
        given: &Map<String, Value>,
        standardise: Option<bool>,
        levels: bool,
    ) -> Result<Self> {
        let options = *prototype.options();
        let known = prototype.parameters();
        let left = |name: &str| known.contains_key(name) && !given.contains_key(name);
        if let Some(value) = given.get(axis.parameter) {
            let allowed = format!("nothing: calibration finds {}", axis.parameter);
            return Err(Error::invalid_value(axis.parameter, value, allowed));
        }
        let told = given.contains_key("target") || given.contains_key("sigma");
        let wanted = prototype.depends_on_scale() || known.contains_key("target");
        let standardise = match standardise {
            Some(true) if prototype.input() != Input::Real => {
                let allowed = format!(
                    "False or None: \"{}\" takes {}",
                    prototype.name(),
                    prototype.input().allowed()
                );
                return Err(Error::invalid_value("standardise", "True", allowed));
            }
            Some(true) if options.standardise.is_some() => {
                let allowed = "True or a pair, not both";
                return Err(Error::invalid_value("standardise", "True", allowed));
            }
            Some(standardise) => standardise,
            None => {
                wanted
                    && !told
                    && options.standardise.is_none()
                    && prototype.input() == Input::Real
                    && (!levels || known.contains_key("target"))
            }
        };
        Ok(Self {
            name: prototype.name(),
            given: given.clone(),
            options,
            axis,
            warning: warning(&axis, &known).filter(|(name, _)| left(name)),
            standardise,
            target: left("target"),
            sigma: left("sigma"),
        })
    }

    /// The parameters and options for a stream with this mean and standard deviation.
    pub(super) fn told(&self, moments: (f64, f64)) -> (Map<String, Value>, Options) {
        let (mut mean, mut deviation) = moments;
        let (mut parameters, mut options) = (self.given.clone(), self.options);
        if self.standardise {
            options.standardise = Some(moments);
            (mean, deviation) = (0.0, 1.0);
        } else if let Some((location, scale)) = options.standardise {
            (mean, deviation) = ((mean - location) / scale, deviation / scale);
        }
        if self.target {
            parameters.insert("target".to_owned(), mean.into());
        }
        if self.sigma {
            parameters.insert("sigma".to_owned(), deviation.into());
        }
        (parameters, options)
    }

    /// Sets the parameter that is searched, and the warning zone with it.
    pub(super) fn set(&self, parameters: &mut Map<String, Value>, value: f64) {
        parameters.insert(self.axis.parameter.to_owned(), value.into());
        if let Some((name, part)) = &self.warning {
            let magnitude = part * self.axis.magnitude(value);
            let warning = self.axis.with_magnitude(magnitude);
            parameters.insert(name.clone(), warning.into());
        }
    }

    /// The detector for a value of the parameter.
    pub(super) fn detector(
        &self,
        told: &(Map<String, Value>, Options),
        value: f64,
    ) -> Result<Box<dyn Detector>> {
        let (mut parameters, options) = told.clone();
        self.set(&mut parameters, value);
        get(self.name, &parameters, options)
    }
}

/// The parameter of the warning zone that belongs to the limit, and the ratio of the two
/// magnitudes: `warning_threshold` to `drift_threshold`, `warning_width` to `limit_width`.
fn warning(axis: &Axis, known: &Map<String, Value>) -> Option<(String, f64)> {
    let names = ["drift", "limit"].map(|word| axis.parameter.replace(word, "warning"));
    let name = names.into_iter().find(|name| name != axis.parameter)?;
    let warning = known.get(&name)?.as_f64()?;
    let limit = known.get(axis.parameter)?.as_f64()?;
    let ratio = axis.magnitude(warning) / axis.magnitude(limit);
    (ratio > 0.0 && ratio <= 1.0).then_some((name, ratio))
}
