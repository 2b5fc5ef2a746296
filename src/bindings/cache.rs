//! What was made of a Python string last time.
//!
//! Kinds, models and features come as the same few string objects again and
//! again; finding one by its address is ten times cheaper than reading it.

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

    /// What the string means: from the cache, or by `read`.
    #[inline]
    pub(crate) fn get_or_read(
        &self,
        string: &Bound<'_, PyString>,
        read: impl FnOnce(&str) -> PyResult<T>,
    ) -> PyResult<T> {
        let at = (string.as_ptr() as usize >> 4) % SIZE;
        if let Some(Some((known, meaning))) = self.0.borrow().get(at)
            && known.as_ptr() == string.as_ptr()
        {
            return Ok(meaning.clone());
        }
        let text = string.to_str()?;
        let meaning = read(text)?;
        if text.len() <= LONGEST {
            let entry = Some((string.clone().unbind(), meaning.clone()));
            let old = {
                let mut entries = self.0.borrow_mut();
                entries.resize_with(SIZE, || None);
                std::mem::replace(&mut entries[at], entry)
            };
            drop(old); // not while borrowed
        }
        Ok(meaning)
    }
}
