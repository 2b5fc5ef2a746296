//! Many numbers, in waves over threads, in order.

use std::ops::Range;

/// What computes the numbers of a range.
pub(super) type Fill<'a, E> = &'a (dyn Fn(Range<usize>, &mut [f64]) -> Result<(), E> + Sync);

/// Computes numbers 0 to `count`, `batch` at a time on each of `threads`
/// threads, and hands them on in order, wave after wave, for as long as `seen`
/// says so. The first error in that order ends it.
pub(super) fn in_batches<E: Send>(
    count: usize,
    batch: usize,
    threads: usize,
    fill: Fill<'_, E>,
    seen: &mut dyn FnMut(&[f64]) -> Result<bool, E>,
) -> Result<(), E> {
    let batch = batch.max(1);
    let mut numbers = vec![0.0; batch.saturating_mul(threads.max(1)).min(count)];
    let mut start = 0;
    while start < count {
        let wave = numbers.len().min(count - start);
        let (numbers, _) = numbers.split_at_mut(wave);
        if threads <= 1 || wave <= batch {
            fill(start..start + wave, numbers)?;
        } else {
            std::thread::scope(|scope| {
                let share = numbers.chunks_mut(batch).enumerate();
                let workers: Vec<_> = share
                    .map(|(k, chunk)| {
                        let first = start + k * batch;
                        scope.spawn(move || fill(first..first + chunk.len(), chunk))
                    })
                    .collect();
                let outcomes: Vec<_> = workers
                    .into_iter()
                    .map(|worker| {
                        worker
                            .join()
                            .unwrap_or_else(|e| std::panic::resume_unwind(e))
                    })
                    .collect();
                outcomes.into_iter().collect::<Result<(), E>>()
            })?;
        }
        if !seen(numbers)? {
            break;
        }
        start += wave;
    }
    Ok(())
}
