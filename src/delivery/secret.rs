//! What must be seen by nobody but its receiver.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

/// Stands for a secret wherever one would be shown.
pub(crate) const HIDDEN: &str = "***";

/// A secret text: a key, a token, a URL that is one. It shows itself as `***`,
/// cannot be serialised, and is wiped from memory with its last clone (the copies
/// in requests are not).
///
/// # Example
/// ```
/// use driftline::delivery::Secret;
/// let secret = Secret::new("hunter2");
/// assert_eq!(format!("{secret} {secret:?}"), "*** ***");
/// assert_eq!(secret.mask("the key hunter2 is unknown"), "the key *** is unknown");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<Zeroizing<String>>);

impl Secret {
    /// Takes the text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Arc::new(Zeroizing::new(text.into())))
    }

    /// The text, for the request it belongs to.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// A message of others without the secret, as it is or as JSON writes it.
    pub fn mask(&self, message: &str) -> String {
        let secret = self.expose();
        if secret.is_empty() {
            return message.to_owned();
        }
        let message = message.replace(secret, HIDDEN);
        let written = serde_json::to_string(secret).unwrap_or_default();
        match written.get(1..written.len().saturating_sub(1)) {
            Some(written) if written != secret => message.replace(written, HIDDEN),
            _ => message,
        }
    }

    /// The same for a message that was cut off, which may end within the secret.
    pub(crate) fn mask_cut(&self, message: &str) -> String {
        let mut message = self.mask(message);
        let secret = self.expose();
        let mut starts = secret.char_indices().rev().map(|(end, _)| &secret[..end]);
        if let Some(start) = starts.find(|start| !start.is_empty() && message.ends_with(start)) {
            message.truncate(message.len() - start.len());
        }
        message
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_message_does_not_end_within_the_secret() {
        let secret = Secret::new("hunter2é");
        assert_eq!(secret.mask_cut("got hunt"), "got ");
        assert_eq!(secret.mask_cut("got hunter2é and hunter2"), "got *** and ");
        assert_eq!(secret.mask_cut("got it"), "got it");
    }

    #[test]
    fn what_json_escapes_is_masked() {
        let secret = Secret::new("a\"b");
        assert_eq!(secret.mask(r#"{"key": "a\"b"}"#), r#"{"key": "***"}"#);
        assert_eq!(Secret::new("").mask("nothing"), "nothing");
    }
}
