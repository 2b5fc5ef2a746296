//! Bytes with a header that says what they are, and a checksum.

use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// The version that is written, and the latest that is read.
const FORMAT: u32 = 1;

/// What a saved plan begins with: no text, and damaged by whatever changes line ends.
const MAGIC: [u8; 16] = *b"\x89driftline-plan\n";

/// Where each part of the header ends.
const FORMAT_END: usize = MAGIC.len() + 4;
const WRITER_END: usize = FORMAT_END + 16;
const LENGTH_END: usize = WRITER_END + 8;
const HEADER: usize = LENGTH_END + 32;

/// An error about bytes that are no plan.
pub(super) fn damaged(why: &str) -> Error {
    Error::invalid_value(
        "plan",
        why.to_owned(),
        "a plan of driftline, as it was saved",
    )
}

/// Room for a header; [`seal`] fills it in.
pub(super) fn header() -> Vec<u8> {
    vec![0; HEADER]
}

/// Writes the header of what follows it.
pub(super) fn seal(mut bytes: Vec<u8>) -> Vec<u8> {
    let mut head = Vec::with_capacity(HEADER);
    head.extend(MAGIC);
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
/// `InvalidValue` for bytes that are no plan, a damaged one, or one of a later version.
pub(super) fn open(bytes: &[u8]) -> Result<&[u8]> {
    let start = bytes.get(..MAGIC.len()).unwrap_or(bytes);
    if bytes.is_empty() || !MAGIC.starts_with(start) {
        return Err(damaged("bytes that are not a driftline plan"));
    }
    let short = || damaged("the beginning of a plan: it is cut off");
    let part = |from: usize, to: usize| bytes.get(from..to).ok_or_else(short);
    let format = part(MAGIC.len(), FORMAT_END)?;
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
        return Err(Error::invalid_value("plan", got, allowed));
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
        std::cmp::Ordering::Greater => return Err(damaged("a plan with more behind it")),
        std::cmp::Ordering::Equal => {}
    }
    let head = bytes.get(..LENGTH_END).unwrap_or_default();
    if format == 0 || digest(head, payload) != stored {
        return Err(damaged("a wrong checksum: it is damaged"));
    }
    Ok(payload)
}

fn digest(head: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut sha = Sha256::new();
    sha.update(head);
    sha.update(payload);
    sha.finalize().to_vec()
}
