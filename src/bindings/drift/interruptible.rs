//! Long computations that Ctrl-C ends.

use std::time::{Duration, Instant};

use pyo3::prelude::*;

use crate::bindings::gate::outside;
use crate::error::Error;

/// How often signals are looked for: coming back to the interpreter can take
/// milliseconds.
const EVERY: Duration = Duration::from_millis(50);

/// Runs `work` outside the interpreter; what it is given says whether to stop.
/// When it stops with `Interrupted`, the signal's exception is raised.
pub(crate) fn interruptible<R: Send>(
    py: Python<'_>,
    work: impl FnOnce(&mut dyn FnMut() -> bool) -> Result<R, Error> + Send,
) -> PyResult<R> {
    let mut signal = None;
    let result = outside(py, || {
        let mut looked = Instant::now();
        work(&mut || {
            if looked.elapsed() < EVERY {
                return false;
            }
            looked = Instant::now();
            signal = Python::attach(|py| py.check_signals()).err();
            signal.is_some()
        })
    });
    match (result, signal) {
        (Err(Error::Interrupted), Some(signal)) => Err(signal),
        (result, _) => Ok(result?),
    }
}
