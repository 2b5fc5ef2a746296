//! The last values of a binary stream.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::stream::state::damaged;

/// How many fit into a word.
const WORD: usize = u32::BITS as usize;

/// A ring of bits, the oldest first, and how many of them are set. One bit of memory a value.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::stream) struct Bits {
    words: Vec<u32>,
    capacity: usize,
    /// Where the oldest is.
    first: usize,
    length: usize,
    ones: usize,
}

impl Bits {
    /// None yet of at most `capacity`, 1 or more.
    pub(in crate::stream) fn new(capacity: usize) -> Self {
        Self {
            words: vec![0; capacity.div_ceil(WORD)],
            capacity,
            first: 0,
            length: 0,
            ones: 0,
        }
    }

    pub(in crate::stream) fn len(&self) -> usize {
        self.length
    }

    /// How many are set.
    pub(in crate::stream) fn ones(&self) -> usize {
        self.ones
    }

    pub(in crate::stream) fn is_full(&self) -> bool {
        self.length == self.capacity
    }

    #[inline]
    fn place(&self, index: usize) -> usize {
        let place = self.first + index;
        if place < self.capacity {
            place
        } else {
            place - self.capacity
        }
    }

    #[inline]
    fn at(&self, place: usize) -> bool {
        self.words[place / WORD] >> (place % WORD) & 1 == 1
    }

    /// The one at `index`, below [`Bits::len`], from the oldest on.
    #[inline]
    pub(in crate::stream) fn get(&self, index: usize) -> bool {
        self.at(self.place(index))
    }

    /// Takes the newest; what it drove out.
    #[inline]
    pub(in crate::stream) fn push(&mut self, bit: bool) -> Option<bool> {
        let gone = self.is_full().then(|| {
            let gone = self.at(self.first);
            self.ones -= usize::from(gone);
            self.first = self.place(1);
            self.length -= 1;
            gone
        });
        let place = self.place(self.length);
        let mask = 1 << (place % WORD);
        if bit {
            self.words[place / WORD] |= mask;
        } else {
            self.words[place / WORD] &= !mask;
        }
        self.ones += usize::from(bit);
        self.length += 1;
        gone
    }

    /// Keeps the newest `count`.
    pub(in crate::stream) fn keep(&mut self, count: usize) {
        while self.length > count {
            self.ones -= usize::from(self.at(self.first));
            self.first = self.place(1);
            self.length -= 1;
        }
    }

    /// Forgets them.
    pub(in crate::stream) fn clear(&mut self) {
        (self.first, self.length, self.ones) = (0, 0, 0);
        self.words.fill(0);
    }

    /// Checks what was read from a stored state.
    ///
    /// # Errors
    /// `InvalidValue` for anything that [`Bits::push`] does not lead to.
    pub(in crate::stream) fn restored(&self, capacity: usize) -> Result<()> {
        let fits = self.capacity == capacity
            && self.words.len() == capacity.div_ceil(WORD)
            && self.first < capacity
            && self.length <= capacity;
        if fits && (0..self.length).filter(|&i| self.get(i)).count() == self.ones {
            Ok(())
        } else {
            Err(damaged("a window that does not fit the parameters"))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;

    #[test]
    fn a_ring_of_bits_is_a_queue() {
        for capacity in [1, 2, 31, 32, 33, 100] {
            let (mut bits, mut queue) = (Bits::new(capacity), VecDeque::new());
            let mut state = 1_u32;
            for step in 0..500 {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let bit = state >> 31 == 1;
                let gone = (queue.len() == capacity).then(|| queue.pop_front().unwrap());
                queue.push_back(bit);
                assert_eq!(bits.push(bit), gone);
                if step % 97 == 0 {
                    bits.keep(3);
                    queue.drain(..queue.len().saturating_sub(3));
                }
                assert_eq!(bits.len(), queue.len());
                assert_eq!(bits.ones(), queue.iter().filter(|&&bit| bit).count());
                assert!((0..bits.len()).all(|i| bits.get(i) == queue[i]));
                assert!(bits.restored(capacity).is_ok());
                assert!(bits.restored(capacity + 1).is_err());
            }
        }
    }
}
