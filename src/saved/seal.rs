//! Bytes with a header that says what they are, and a checksum.

use sha2::{Digest, Sha256};

use super::Form;
use crate::error::{Error, Result};

/// The version that is written, and the latest that is read.
const FORMAT: u32 = 1;

/// What state begins with, the letters of its form in between: no text, and damaged by
/// whatever changes line ends.
const BEGIN: &[u8] = b"\x89driftline-";
const END: &[u8] = b"\n";
const MAGIC: usize = BEGIN.len() + 4 + END.len();

/// Where each part of the header ends.
const FORMAT_END: usize = MAGIC + 4;
const WRITER_END: usize = FORMAT_END + 16;
const LENGTH_END: usize = WRITER_END + 8;
pub(super) const HEADER: usize = LENGTH_END + 32;

fn magic(form: Form) -> Vec<u8> {
    [BEGIN, &form.letters, END].concat()
}

/// Writes the header of what follows it.
pub(super) fn seal(form: Form, mut bytes: Vec<u8>) -> Vec<u8> {
    let mut head = Vec::with_capacity(HEADER);
    head.extend(magic(form));
    head.extend(FORMAT.to_le_bytes());
    head.extend(env!("CARGO_PKG_VERSION").bytes().chain([0; 16]).take(16));
    let length = bytes.len().saturating_sub(HEADER) as u64;
    head.extend(length.to_le_bytes());
    let digest = digest(&head, bytes.get(HEADER..).unwrap_or_default());
    head.extend(digest);
    for (to, from) in bytes.iter_mut().zip(head) {
        *to = from;
    }
    bytes
}

/// What follows the header, if nothing about it was changed.
///
/// # Errors
/// `InvalidValue` for bytes of another form, damaged ones, or those of a later version.
pub(super) fn open(form: Form, bytes: &[u8]) -> Result<&[u8]> {
    let start = bytes.get(..MAGIC).unwrap_or(bytes);
    if bytes.is_empty() || !magic(form).starts_with(start) {
        return Err(form.damaged(&format!("bytes that are not a driftline {}", form.name)));
    }
    let short = || form.damaged(&format!("the beginning of a {}: it is cut off", form.name));
    let part = |from: usize, to: usize| bytes.get(from..to).ok_or_else(short);
    let format = part(MAGIC, FORMAT_END)?;
    let format = format
        .iter()
        .rev()
        .fold(0, |sum, &byte| sum << 8 | u32::from(byte));
    let writer = String::from_utf8_lossy(part(FORMAT_END, WRITER_END)?);
    let writer = crate::error::one_line(writer.trim_end_matches('\0'));
    if format > FORMAT {
        let got = format!("format {format}, written by driftline {writer}");
        let own = env!("CARGO_PKG_VERSION");
        let allowed = format!("formats up to {FORMAT}: this is driftline {own}, which is older");
        return Err(Error::invalid_value(form.name, got, allowed));
    }
    let length = part(WRITER_END, LENGTH_END)?;
    let length = length
        .iter()
        .rev()
        .fold(0, |sum, &byte| sum << 8 | u64::from(byte));
    let stored = part(LENGTH_END, HEADER)?;
    let payload = bytes.get(HEADER..).unwrap_or_default();
    match (payload.len() as u64).cmp(&length) {
        std::cmp::Ordering::Less => return Err(short()),
        std::cmp::Ordering::Greater => {
            return Err(form.damaged(&format!("a {} with more behind it", form.name)));
        }
        std::cmp::Ordering::Equal => {}
    }
    let head = bytes.get(..LENGTH_END).unwrap_or_default();
    if format == 0 || digest(head, payload) != stored {
        return Err(form.damaged("a wrong checksum: it is damaged"));
    }
    Ok(payload)
}

fn digest(head: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut sha = Sha256::new();
    sha.update(head);
    sha.update(payload);
    sha.finalize().to_vec()
}
