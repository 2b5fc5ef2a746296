//! Where a byte of a text stands.

/// Bytes of text for each count of characters that is kept: a place costs no more
/// than to walk over so many, however long its line is.
const STEP: usize = 256;

/// The lines of a text.
pub(super) struct Lines<'a> {
    text: &'a str,
    /// Where each line begins.
    starts: Vec<usize>,
    /// Characters that begin before each multiple of [`STEP`].
    before: Vec<usize>,
}

fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&byte| byte & 0xC0 != 0x80).count()
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let ends = text.match_indices('\n').map(|(end, _)| end + 1);
        let mut before = vec![0];
        let mut count = 0;
        for chunk in text.as_bytes().chunks(STEP) {
            count += characters(chunk);
            before.push(count);
        }
        Self {
            text,
            starts: std::iter::once(0).chain(ends).collect(),
            before,
        }
    }

    /// Line and column, in characters, both from 1.
    pub(super) fn place(&self, byte: usize) -> (usize, usize) {
        let line = self.starts.partition_point(|&start| start <= byte).max(1);
        let start = self.starts.get(line - 1).copied().unwrap_or(0);
        (
            line,
            self.characters_before(byte) - self.characters_before(start) + 1,
        )
    }

    fn characters_before(&self, byte: usize) -> usize {
        let byte = byte.min(self.text.len());
        let step = byte / STEP;
        let rest = self.text.as_bytes().get(step * STEP..byte);
        self.before.get(step).copied().unwrap_or(0) + characters(rest.unwrap_or_default())
    }

    /// The same of a place that is told in bytes, both from 1.
    pub(super) fn in_characters(&self, line: usize, column: usize) -> (usize, usize) {
        let start = self.starts.get(line.saturating_sub(1)).copied();
        let start = start.unwrap_or(self.text.len());
        let byte = start.saturating_add(column.saturating_sub(1));
        self.place(byte.min(self.text.len()))
    }
}
