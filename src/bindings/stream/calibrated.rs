//! Detectors whose limits are found from a budget of false alarms.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyString, PyType};

use crate::bindings::arguments::array::{describe, vector};
use crate::bindings::arguments::{self, number};
use crate::bindings::drift::interruptible::interruptible;
use crate::bindings::observer::drift_detector::options::budget;
use crate::bindings::stream::arguments::{parameters_and_options, standardise as pair};
use crate::bindings::stream::detector::PyDetector;
use crate::bindings::stream::{instance, name_of_class, parameter_names};
use crate::error::Error;
use crate::observer::Budget;
use crate::stream::{self as core, Calibration, Null, Source};

#[pymethods]
impl PyDetector {
    /// A detector of this class that keeps to a budget of false alarms.
    ///
    /// It belongs to the class: called on a detector, what that one was told does not count.
    /// Say it again, as in ``stream.ADWIN.calibrated(clock=64, false_alarm_every=10_000)``.
    ///
    /// The parameter that trades false alarms for delay (``delta`` of ADWIN, ``threshold`` of
    /// CUSUM, ``limit_width`` of the charts ...) is set so that, while nothing changes, alarms
    /// are a budget apart on average; the detector begins anew after each. Without history
    /// that holds for independent values of the distribution that ``stream`` names (within a
    /// factor of 2; longer where even the most sensitive setting alarms less often). With
    /// history it holds for nine histories in ten at least, since a history tells only so much
    /// about its process; values may depend on each other within blocks, and blocks go on from
    /// values alike, so that neighbours stay correlated. The run length of HDDMA goes in steps,
    /// and may be far longer. Methods with a guarantee of their own are given the budget as
    /// ``false_alarm_every``, and keep it as far as what they assume holds: EDetector and
    /// ConformalMartingale alarm far more often where values depend on each other.
    ///
    /// :param history: values in their order, from a time when all was well: 500 or more and
    ///     20 blocks or more, better thousands. Missing ones are left out.
    /// :param false_alarm_every: values between false alarms, or a time such as "30d".
    /// :param stream: without history, "normal" (standard), "bernoulli" (default for detectors
    ///     of errors) or "log_normal", of median 1: ``standardise=(0, median)`` maps yours to it.
    /// :param p: the probability of a 1 for "bernoulli"; 0.1 by default.
    /// :param log_sigma: the standard deviation of the logarithm for "log_normal"; 1 by
    ///     default.
    /// :param standardise: True takes values as (x - mean) / standard deviation of the history
    ///     or stream; None does where the method depends on scale, unless values are 0 and 1
    ///     or ``target`` or ``sigma`` are given; or a pair (location, scale).
    /// :param n_detectors: detectors that share the budget: the fleet as a whole alarms once
    ///     per budget.
    /// :param samples_per_s: values per second of one detector, for a budget that is a time.
    /// :param block_length: values per block; by default twice the length that Politis and
    ///     White (2004) find from the history.
    /// :param n_bootstrap: pseudo-histories, 20 to 1,000. With 100 limits differ by up to a
    ///     quarter from seed to seed; more of them steady it.
    /// :param seed: the same seed gives the same detector; also that of a method with one.
    ///     None and 0 take it from tables where they have it.
    /// :param params: parameters of the class, and ``on_drift`` and ``nan_policy``. ``target``
    ///     and ``sigma`` follow from the stream unless given; None has them estimated.
    /// :raises InvalidValueError: a budget that no setting keeps, a history that is too short
    ///     or does not vary, an option out of range.
    ///
    /// >>> from driftline import stream
    /// >>> detector = stream.PageHinkley.calibrated(false_alarm_every=10_000)
    /// >>> 90 < detector.threshold < 150
    /// True
    #[classmethod]
    #[pyo3(
        signature = (
            history: "numpy.typing.ArrayLike | None" = None,
            *,
            false_alarm_every: "float | str",
            stream: "typing.Literal['normal', 'bernoulli', 'log_normal'] | None" = None,
            p: "float | None" = None,
            log_sigma: "float | None" = None,
            standardise: "bool | tuple[float, float] | None" = None,
            n_detectors: "int" = 1,
            samples_per_s: "float | None" = None,
            block_length: "int | None" = None,
            n_bootstrap: "int" = 100,
            seed: "int | None" = None,
            **params: "object"
        ) -> "typing.Self"
    )]
    #[allow(clippy::too_many_arguments)]
    fn calibrated<'py>(
        cls: &Bound<'py, PyType>,
        history: Option<&Bound<'py, PyAny>>,
        #[pyo3(from_py_with = budget)] false_alarm_every: Budget,
        stream: Option<&Bound<'py, PyAny>>,
        p: Option<&Bound<'py, PyAny>>,
        log_sigma: Option<&Bound<'py, PyAny>>,
        standardise: Option<&Bound<'py, PyAny>>,
        #[pyo3(from_py_with = n_detectors)] n_detectors: u64,
        samples_per_s: Option<&Bound<'py, PyAny>>,
        block_length: Option<&Bound<'py, PyAny>>,
        #[pyo3(from_py_with = n_bootstrap)] n_bootstrap: usize,
        seed: Option<&Bound<'py, PyAny>>,
        params: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyDetector>> {
        let py = cls.py();
        let Some(name) = name_of_class(cls)? else {
            let allowed = "one of the classes of detectors, such as stream.ADWIN";
            return Err(Error::invalid_type("cls", describe(cls.as_any()), allowed).into());
        };
        let (mut parameters, mut options) = parameters_and_options(params)?;
        let seed = seed
            .map(|seed| arguments::count("seed", seed))
            .transpose()?;
        if let Some(seed) = seed
            && parameter_names(name).contains(&"seed")
        {
            parameters.insert("seed".to_owned(), seed.into());
        }
        let wanted = match standardise {
            Some(given) if given.is_instance_of::<PyBool>() => Some(given.is_truthy()?),
            Some(given) => {
                options.standardise = pair(given)?;
                None
            }
            None => None,
        };
        let null = null(stream, p, log_sigma)?;
        if null.is_some() && history.is_some() {
            let allowed = "None with a history, which tells what the stream is like";
            return Err(Error::invalid_value("stream", "a stream", allowed).into());
        }
        let history = history
            .map(|values| vector("history", values))
            .transpose()?;
        let values = history.as_ref().and_then(|values| values.as_slice());
        let source = values.map_or(Source::Known(null), Source::History);
        let how = Calibration {
            n_detectors,
            standardise: wanted,
            block_length: block_length
                .map(|length| arguments::whole("block_length", length, 1..=u32::MAX))
                .transpose()?
                .map(|length| length as usize),
            n_bootstrap,
            seed: seed.unwrap_or(0),
            ..Calibration::new(samples(false_alarm_every, samples_per_s)?, source)
        };
        let (parameters, options) = interruptible(py, |interrupted| {
            core::calibrated(name, &parameters, options, &how, interrupted)
        })?;
        instance(py, core::get(name, &parameters, options)?)
    }
}

/// A budget in values: a time needs to know how many of them there are in a second.
#[pyfunction]
#[pyo3(signature = (
    false_alarm_every: "float | str",
    samples_per_s: "float | None" = None
) -> "float")]
pub(crate) fn _values_between(
    #[pyo3(from_py_with = budget)] false_alarm_every: Budget,
    samples_per_s: Option<&Bound<'_, PyAny>>,
) -> PyResult<f64> {
    samples(false_alarm_every, samples_per_s)
}

/// The budget in values.
fn samples(budget: Budget, rate: Option<&Bound<'_, PyAny>>) -> PyResult<f64> {
    let rate = rate.map(|rate| number("samples_per_s", rate)).transpose()?;
    match (budget.samples_between(), budget.seconds_between(), rate) {
        (_, Some(seconds), Some(rate)) if rate > 0.0 && rate.is_finite() => Ok(seconds * rate),
        (_, Some(_), None) => {
            let allowed = "values per second: the budget is a time";
            Err(Error::invalid_value("samples_per_s", "None", allowed).into())
        }
        (Some(samples), _, None) => Ok(samples),
        (Some(_), _, Some(rate)) => {
            let allowed = "None: the budget is a number of values";
            Err(Error::invalid_value("samples_per_s", rate, allowed).into())
        }
        (_, _, rate) => {
            let allowed = "a finite number above 0";
            let rate = rate.unwrap_or(f64::NAN);
            Err(Error::invalid_value("samples_per_s", rate, allowed).into())
        }
    }
}

/// The stream that the arguments name.
fn null(
    stream: Option<&Bound<'_, PyAny>>,
    p: Option<&Bound<'_, PyAny>>,
    log_sigma: Option<&Bound<'_, PyAny>>,
) -> PyResult<Option<Null>> {
    const STREAMS: &str = "\"normal\", \"bernoulli\", \"log_normal\" or None";
    let p = p.map(|p| number("p", p)).transpose()?;
    let sigma = log_sigma
        .map(|sigma| number("log_sigma", sigma))
        .transpose()?;
    let named = match stream {
        None => None,
        Some(stream) => match stream.cast::<PyString>() {
            Ok(text) => Some(text.to_string_lossy().into_owned()),
            Err(_) => {
                let got = describe(stream);
                return Err(Error::invalid_type("stream", got, STREAMS).into());
            }
        },
    };
    let null = match (named.as_deref(), p, sigma) {
        (None, None, None) => return Ok(None),
        (Some("normal"), None, None) => Null::Normal,
        (None | Some("bernoulli"), p, None) => Null::Bernoulli {
            p: p.unwrap_or(0.1),
        },
        (None | Some("log_normal"), None, sigma) => Null::LogNormal {
            sigma: sigma.unwrap_or(1.0),
        },
        (Some("normal" | "log_normal"), Some(p), _) => {
            let allowed = "None: it belongs to stream=\"bernoulli\"";
            return Err(Error::invalid_value("p", p, allowed).into());
        }
        (Some("normal" | "bernoulli") | None, _, Some(sigma)) => {
            let allowed = "None: it belongs to stream=\"log_normal\"";
            return Err(Error::invalid_value("log_sigma", sigma, allowed).into());
        }
        (Some(other), _, _) => {
            return Err(Error::invalid_value("stream", format!("{other:?}"), STREAMS).into());
        }
    };
    Ok(Some(null))
}

fn n_detectors(value: &Bound<'_, PyAny>) -> PyResult<u64> {
    Ok(u64::from(arguments::whole(
        "n_detectors",
        value,
        1..=u32::MAX,
    )?))
}

fn n_bootstrap(value: &Bound<'_, PyAny>) -> PyResult<usize> {
    Ok(arguments::whole("n_bootstrap", value, 20..=1_000)? as usize)
}
