//! What was made of a Python string last time.
//!
//! Kinds, models and features come as the same few string objects again and
//! again; finding one by its address is cheaper than reading it.

use std::cell::RefCell;

use pyo3::prelude::*;
use pyo3::types::PyString;

/// Entries per thread and cache; a power of two.
const SIZE: usize = 64;

/// Longer strings are not kept alive for this.
const LONGEST: usize = 256;

/// A small direct-mapped cache from string objects to what they mean. An entry
/// holds its string, so that no other object can come to stand at its address.
pub(crate) struct StringCache<T>(RefCell<Vec<Entry<T>>>);

/// A string object and what it means.
type Entry<T> = Option<(Py<PyString>, T)>;

impl<T: Clone> StringCache<T> {
    /// An empty cache.
    pub(crate) const fn new() -> Self {
        Self(RefCell::new(Vec::new()))
    }

    /// What the string means, if that is known. The address decides, so that
    /// nobody need look whether it is a string at all.
    #[inline(always)]
    pub(crate) fn get(&self, string: &Bound<'_, PyAny>) -> Option<T> {
        match self.0.borrow().get(place_of(string)) {
            Some(Some((known, meaning))) if known.as_ptr() == string.as_ptr() => {
                Some(meaning.clone())
            }
            _ => None,
        }
    }

    /// What a string that is not in the cache means, by `read`.
    #[cold]
    #[inline(never)]
    pub(crate) fn read(
        &self,
        string: &Bound<'_, PyString>,
        read: impl FnOnce(&str) -> PyResult<T>,
    ) -> PyResult<T> {
        let text = string.to_str()?;
        let meaning = read(text)?;
        if text.len() <= LONGEST {
            let entry = Some((string.clone().unbind(), meaning.clone()));
            let old = {
                let mut entries = self.0.borrow_mut();
                entries.resize_with(SIZE, || None);
                std::mem::replace(&mut entries[place_of(string)], entry)
            };
            drop(old); // not while borrowed
        }
        Ok(meaning)
    }
}

/// Where the string stands in the cache, if it does.
#[inline]
fn place_of(string: &Bound<'_, PyAny>) -> usize {
    (string.as_ptr() as usize >> 4) % SIZE
}
