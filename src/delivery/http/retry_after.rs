//! The wait that a server asks for.

use std::time::Duration;

/// The longest wait that a server can ask for by `Retry-After`.
pub const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(3600);

/// The wait that a `Retry-After` asks for: seconds or a date (RFC 9110, 10.2.3).
/// None where it asks for nothing that can be understood, or for no wait.
pub(super) fn retry_after(text: &str, now: jiff::Timestamp) -> Option<Duration> {
    let text = text.trim();
    let wait = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than a number holds are for ever.
        Duration::from_secs(text.parse().unwrap_or(u64::MAX))
    } else {
        let date = jiff::fmt::rfc2822::DateTimeParser::new()
            .parse_timestamp(text)
            .ok()?;
        Duration::try_from(date.duration_since(now)).ok()?
    };
    Some(wait.min(LONGEST_RETRY_AFTER)).filter(|wait| !wait.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_in_every_form() {
        let now: jiff::Timestamp = "1994-11-06T08:49:00Z".parse().unwrap_or_default();
        let seconds = |text| retry_after(text, now).map(|wait| wait.as_secs());
        assert_eq!(seconds("7"), Some(7));
        assert_eq!(seconds(" 120 "), Some(120));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:37 GMT"), Some(37));
        assert_eq!(seconds("999999999999999999999999"), Some(3600));
        assert_eq!(seconds("Sat, 06 Nov 2094 08:49:37 GMT"), Some(3600));
        for nothing in [
            "",
            "0",
            "-5",
            "1.5",
            "soon",
            "Sun, 06 Nov 1994 08:48:37 GMT",
        ] {
            assert_eq!(seconds(nothing), None, "{nothing}");
        }
    }
}
