//! Distances where a plain sum leaves the range of `f64`: infinite values, and
//! gaps of more than 1e308.

use super::sums::{At, Sizes, Total};
use super::ties::TieGroups;

/// Integrals of |F - G| and (F - G)^2. A gap that is infinite counts only where
/// F and G differ.
///
/// # Cost
/// O(n + m), ten times that of the kernel.
pub(super) fn distances(groups: TieGroups<'_>, sizes: &Sizes) -> (f64, f64) {
    let largest = sizes.largest as f64;
    let (mut wasserstein, mut energy) = (Total::default(), Total::default());
    let mut reaches_far = false;
    let (mut at, mut last) = (At::default(), 0.0);
    for group in groups {
        let difference = sizes.difference(at);
        if difference != 0 {
            reaches_far |= f64::is_infinite(last) || group.value.is_infinite();
            // Halves, since the gap itself may be beyond the range.
            let half = 0.5 * group.value - 0.5 * last;
            let d = difference.unsigned_abs() as f64 / largest;
            wasserstein.add(d * half);
            energy.add(d * d * half);
        }
        at.i += group.baseline;
        at.j += group.current;
        last = group.value;
    }
    if reaches_far {
        return (f64::INFINITY, f64::INFINITY);
    }
    (2.0 * wasserstein.value(), 2.0 * energy.value())
}
