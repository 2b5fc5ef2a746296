//! What happens when an observer fails: rare, and kept off the hot path.

use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use super::Host;
use super::report::{Failure, FailureError, Report};
use super::slot::Slot;

/// Where the log lines go; `driftline.hub` in Python.
pub(super) const LOG: &str = "driftline::hub";

/// A failure of a callable of the host's.
#[cold]
#[inline(never)]
pub(super) fn foreign<H: Host>(error: H::Error) -> Box<FailureError<H>> {
    Box::new(FailureError::Foreign(error))
}

/// Counts and lists a failure to take an event; says so in the log when it is the
/// first in a row.
#[cold]
#[inline(never)]
pub(super) fn fail<H: Host>(slot: &Slot<H>, error: FailureError<H>, report: &mut Report<H>) {
    fail_in_a_row(slot, &slot.consecutive_failures, error, report);
}

/// The same for ticks and the shutdown, which have a row of their own: who fails
/// with every event is not well because it ticks.
#[cold]
#[inline(never)]
pub(super) fn fail_to_tick<H: Host>(
    slot: &Slot<H>,
    error: FailureError<H>,
    report: &mut Report<H>,
) {
    fail_in_a_row(slot, &slot.tick_failures, error, report);
}

fn fail_in_a_row<H: Host>(
    slot: &Slot<H>,
    in_a_row: &AtomicU32,
    error: FailureError<H>,
    report: &mut Report<H>,
) {
    let (began, suspended) = slot.count_failure(in_a_row);
    if began {
        let text = error.to_string();
        let text = text.trim_end_matches(": "); // an exception without a message
        log::warn!(
            target: LOG,
            "observer {:?} ({}) fails: {text} (said once until it recovers)", slot.name, slot.handle
        );
    }
    if suspended {
        log::warn!(
            target: LOG,
            "observer {:?} ({}) suspended after {} failures in a row: it is called no more",
            slot.name, slot.handle, slot.max_consecutive_failures.unwrap_or_default()
        );
    }
    match error {
        FailureError::Foreign(error) if report.interrupt.is_none() && H::is_interrupt(&error) => {
            report.interrupt = Some(error);
        }
        error => report.keep(Failure {
            handle: Some(slot.handle),
            name: Arc::clone(&slot.name),
            error,
        }),
    }
}

#[cold]
#[inline(never)]
pub(super) fn log_recovery<H: Host>(slot: &Slot<H>) {
    log::info!(target: LOG, "observer {:?} ({}) recovered", slot.name, slot.handle);
}

/// What a panic said.
pub(super) fn message_of(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned())
}
