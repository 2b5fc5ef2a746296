//! State as bytes and as files.
//!
//! A header says what it is, in which format, written by which version and how long; a
//! checksum (SHA-256) over all of it tells whether anything was damaged. A checksum is no
//! signature: whoever can write the file can make another one, so what is read is checked
//! again by those who read it.
//!
//! | where | what |
//! |---|---|
//! | `seal.rs` | header and checksum |
//! | `file.rs` | files that are there wholly or not at all |

mod file;
mod seal;

use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};

/// What bytes are: `"plan"`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Form {
    /// In errors, and four letters in the header.
    pub(crate) name: &'static str,
    pub(crate) letters: [u8; 4],
}

impl Form {
    /// An error about bytes that are none of this form.
    pub(crate) fn damaged(self, why: &str) -> Error {
        let allowed = format!("a {} of driftline, as it was saved", self.name);
        Error::invalid_value(self.name, why.to_owned(), allowed)
    }

    /// Room for a header, and a value behind it.
    ///
    /// # Errors
    /// `InvalidValue` for what cannot be written.
    pub(crate) fn begin<T: Serialize>(self, value: &T) -> Result<Vec<u8>> {
        self.add(vec![0; seal::HEADER], value)
    }

    /// One more value.
    ///
    /// # Errors
    /// `InvalidValue` for what cannot be written.
    pub(crate) fn add<T: Serialize>(self, bytes: Vec<u8>, value: &T) -> Result<Vec<u8>> {
        let allowed = format!("a {} that can be written", self.name);
        let refused = |error| Error::invalid_value(self.name, error, allowed);
        postcard::to_extend(value, bytes).map_err(refused)
    }

    /// Writes the header of what follows it.
    pub(crate) fn seal(self, bytes: Vec<u8>) -> Vec<u8> {
        seal::seal(self, bytes)
    }

    /// What follows the header, if nothing about it was changed.
    ///
    /// # Errors
    /// `InvalidValue` for bytes of another form, damaged ones, or those of a later version.
    pub(crate) fn open(self, bytes: &[u8]) -> Result<&[u8]> {
        seal::open(self, bytes)
    }

    /// The first value, and what follows it.
    ///
    /// # Errors
    /// `InvalidValue` for what is none.
    pub(crate) fn take<T: DeserializeOwned>(self, bytes: &[u8]) -> Result<(T, &[u8])> {
        let refused =
            |error: postcard::Error| self.damaged(&format!("what no {} has ({error})", self.name));
        postcard::take_from_bytes(bytes).map_err(refused)
    }

    /// How many bytes the header takes.
    pub(crate) fn header_bytes(self) -> u64 {
        seal::HEADER as u64
    }
}

/// How many bytes a value takes.
pub(crate) fn size<T: Serialize>(value: &T) -> Option<u64> {
    let size = postcard::experimental::serialized_size(value);
    size.ok().map(|size| size as u64)
}

/// Writes bytes to a file, which is there wholly or not at all: what was there before stays
/// until the new one is safe on disk, whatever fails.
///
/// # Errors
/// `File` where it cannot be written.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    file::write(path, bytes).map_err(|error| Error::file(path, &error))
}

/// The bytes of a file.
///
/// # Errors
/// `File` where it cannot be read.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| Error::file(path, &error))
}
