//! A bag of values in order, for ranks.

use serde::{Deserialize, Serialize};

use crate::stream::detector::LARGEST;

/// Values in ascending order.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(in crate::stream) struct Bag(Vec<f64>);

/// Where a value stands in a [`Bag`].
#[derive(Debug, Clone, Copy)]
pub(in crate::stream) struct Place {
    /// Values that are smaller.
    pub(in crate::stream) below: usize,
    /// Values that are equal.
    pub(in crate::stream) equal: usize,
}

impl Bag {
    /// A bag of these, in any order.
    pub(in crate::stream) fn of(mut values: Vec<f64>) -> Self {
        values.sort_unstable_by(f64::total_cmp);
        Self(values)
    }

    pub(in crate::stream) fn len(&self) -> usize {
        self.0.len()
    }

    /// Where `x` stands.
    #[inline]
    pub(in crate::stream) fn place(&self, x: f64) -> Place {
        let below = self.0.partition_point(|&y| y < x);
        let rest = &self.0[below..];
        let equal = if rest.first() == Some(&x) {
            rest.partition_point(|&y| y <= x)
        } else {
            0
        };
        Place { below, equal }
    }

    /// Adds `x`, whose place this is.
    pub(in crate::stream) fn insert(&mut self, place: Place, x: f64) {
        self.0.insert(place.below, x);
    }

    /// Adds `x`, whose place this is, and takes out the value that then has rank `leaves` (from
    /// 0, at most the number of values): perhaps `x` itself.
    #[inline]
    pub(in crate::stream) fn replace(&mut self, place: Place, x: f64, leaves: usize) {
        let at = place.below;
        if leaves < at {
            self.0.copy_within(leaves + 1..at, leaves);
            self.0[at - 1] = x;
        } else if leaves > at {
            self.0.copy_within(at..leaves - 1, at + 1);
            self.0[at] = x;
        }
    }

    /// Whether it is in order and holds `most` values at most.
    pub(in crate::stream) fn sound(&self, most: usize) -> bool {
        self.0.len() <= most
            && self.0.iter().all(|x| x.abs() <= LARGEST)
            && self.0.windows(2).all(|pair| pair[0] <= pair[1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replacing_is_inserting_and_removing() {
        let values = [0.0, 1.0, 1.0, 2.0, 5.0];
        for x in [-1.0, 0.0, 1.0, 1.5, 5.0, 9.0] {
            for leaves in 0..=values.len() {
                let mut bag = Bag::of(values.to_vec());
                let mut plain = bag.0.clone();
                let place = bag.place(x);
                assert_eq!(place.equal, values.iter().filter(|y| **y == x).count());
                bag.replace(place, x, leaves);
                plain.insert(place.below, x);
                plain.remove(leaves);
                assert_eq!(bag.0, plain, "{x} {leaves}");
                assert!(bag.sound(5));
            }
        }
    }
}
