//! The log of the core goes to Python's `logging`.

use log::{LevelFilter, Log, Metadata, Record};
use pyo3::prelude::*;
use pyo3_log::{Caching, Logger};

/// pyo3-log, and what it leaves to be done.
struct Bridge(Logger);

/// Whether a line is ours. The HTTP client beneath the sinks would tell of the paths
/// of URLs, which may be secrets.
fn is_ours(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    target == "driftline" || target.starts_with("driftline::")
}

impl Log for Bridge {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        is_ours(metadata) && self.0.enabled(metadata)
    }

    fn log(&self, record: &Record<'_>) {
        if !is_ours(record.metadata()) {
            return;
        }
        if Python::try_attach(|_| ()).is_none() {
            return; // the interpreter is going away, and nobody reads logs any more
        }
        self.0.log(record);
        // When a handler raises, pyo3-log leaves the exception set, and it would
        // come up in whatever runs next.
        Python::try_attach(|py| drop(PyErr::take(py)));
    }

    fn flush(&self) {
        self.0.flush();
    }
}

/// Installs the bridge. Loggers are cached, levels are not: one that is changed
/// later takes effect at once (`logging` has a cache of its own for them).
pub(crate) fn install(py: Python<'_>) -> PyResult<()> {
    let logger = Logger::new(py, Caching::Loggers)?.filter(LevelFilter::Trace);
    // Refused only when the module is imported a second time in the process.
    if log::set_boxed_logger(Box::new(Bridge(logger))).is_ok() {
        log::set_max_level(LevelFilter::Trace);
    }
    Ok(())
}
