//! Work on columns, on several threads.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, sync_channel};

use super::Host;
use super::plan::Settings;
use crate::error::{Error, Foreign, Result};

/// From so many cells on, several threads pay.
const SHARE_FROM: usize = 50_000;

/// Who works.
#[derive(Debug, Clone, Copy)]
pub(super) struct Crew {
    threads: usize,
    /// On the calling thread, which does not step aside: code of the host's runs there.
    here: bool,
}

impl Crew {
    /// For so many cells.
    pub(super) fn new(settings: &Settings, cells: usize) -> Self {
        let here = settings.tests.are_foreign();
        Self {
            here,
            ..Self::of_threads(settings.threads, cells)
        }
    }

    /// For so many cells that no code of the host's looks at.
    pub(super) fn of_threads(asked: Option<usize>, cells: usize) -> Self {
        let all = || std::thread::available_parallelism().map_or(1, usize::from);
        let threads = if cells < SHARE_FROM {
            1
        } else {
            asked.unwrap_or_else(all)
        };
        Self {
            threads,
            here: false,
        }
    }
}

/// Calls `work` for each column that `read` gives, and returns what it made of them,
/// in their order. Columns are read one by one on the calling thread; none waits
/// for a thread but the one that was read last, so that few are in memory at once.
pub(super) fn each_column<D: Send, T: Send>(
    host: &dyn Host,
    Crew { threads, here }: Crew,
    total: usize,
    mut read: impl FnMut(usize) -> Result<D>,
    work: impl Fn(usize, D) -> T + Sync,
) -> Result<Vec<T>> {
    let mut made: Vec<Option<T>> = Vec::new();
    made.resize_with(total, || None);
    if here || threads <= 1 || total <= 1 {
        for (index, place) in made.iter_mut().enumerate() {
            let mut data = Some(read(index)?);
            let mut one = || *place = data.take().map(|data| work(index, data));
            if here {
                one()
            } else {
                host.aside(&mut one)
            }
            host.progress(index + 1, total)?;
        }
        return collected(made);
    }
    let done = Mutex::new(&mut made);
    let (sender, receiver) = sync_channel::<(usize, D)>(0);
    let receiver = Mutex::new(receiver);
    let make = |index: usize, data: D| {
        // A thread that ended here would leave the others waiting.
        let result = catch_unwind(AssertUnwindSafe(|| work(index, data))).ok();
        if let Ok(mut done) = done.lock()
            && let Some(place) = done.get_mut(index)
        {
            *place = result;
        }
    };
    let outcome = std::thread::scope(|scope| {
        let labour = || {
            while let Some((index, data)) = next(&receiver) {
                make(index, data);
            }
        };
        let workers: Vec<_> = (0..threads.min(total))
            .map_while(|_| std::thread::Builder::new().spawn_scoped(scope, labour).ok())
            .collect();
        let mut outcome = Ok(());
        for index in 0..total {
            let data = match read(index) {
                Ok(data) => data,
                Err(error) => {
                    outcome = Err(error);
                    break;
                }
            };
            let mut data = Some((index, data));
            if workers.is_empty() {
                // No thread to be had: here, then.
                host.aside(&mut || {
                    if let Some((index, data)) = data.take() {
                        make(index, data);
                    }
                });
            } else {
                host.aside(&mut || {
                    if let Some(data) = data.take() {
                        let _ = sender.send(data);
                    }
                });
            }
            if let Err(error) = host.progress(index + 1, total) {
                outcome = Err(error);
                break;
            }
        }
        drop(sender);
        let mut workers = Some(workers);
        host.aside(&mut || {
            for worker in workers.take().into_iter().flatten() {
                let _ = worker.join();
            }
        });
        outcome
    });
    outcome?;
    collected(made)
}

fn next<D>(receiver: &Mutex<Receiver<(usize, D)>>) -> Option<(usize, D)> {
    receiver.lock().ok()?.recv().ok()
}

fn collected<T>(made: Vec<Option<T>>) -> Result<Vec<T>> {
    let failed = || io::Error::other("a thread of the comparison failed: please report this");
    let made = made.into_iter().collect::<Option<Vec<T>>>();
    made.ok_or_else(|| Error::Foreign(Foreign::new(failed())))
}
