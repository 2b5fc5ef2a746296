//! One line for people.

use crate::error;
use crate::event::{Event, Kind, ModelId, Timestamp, Value};

/// The longest text of an event that goes into a line, in characters.
const LONGEST: usize = 300;

/// What changed, how strongly, how sure, since when, and what normal is.
pub(super) fn summary(event: &Event, kind: &Kind, since: Timestamp) -> String {
    let mut line = headline(kind, event.model.as_ref(), event.feature.as_deref());
    match event.field("message") {
        // Observers of the hub say all that in a sentence of their own.
        Some(Value::Str(message)) => {
            line += ": ";
            line += &one_line(message);
        }
        _ => line += &figures(event),
    }
    line + "; since " + &minute(since)
}

/// That it is over, after how long, and how things stand.
pub(super) fn farewell(event: Option<&Event>, last: &Event, kind: &Kind, lasted_s: f64) -> String {
    let mut line = "resolved: ".to_owned();
    line += &headline(kind, last.model.as_ref(), last.feature.as_deref());
    line += &format!(", after {}", duration(lasted_s));
    match event.map(|event| (event, event.field("message"))) {
        Some((_, Some(Value::Str(message)))) => {
            line += ": ";
            line += &one_line(message);
        }
        Some((event, _)) => line += &figures(event),
        None => line += ": nothing was heard of it any more",
    }
    line
}

/// What is wrong, and with what.
fn headline(kind: &Kind, model: Option<&ModelId>, feature: Option<&str>) -> String {
    let mut line = one_line(&kind.as_str().replace('_', " "));
    match (model, feature) {
        (Some(model), Some(feature)) => {
            line += &format!(
                " in {}, feature {}",
                one_line(&model.to_string()),
                one_line(feature)
            );
        }
        (Some(model), None) => line += &format!(" in {}", one_line(&model.to_string())),
        (None, Some(feature)) => line += &format!(" in feature {}", one_line(feature)),
        (None, None) => {}
    }
    line
}

/// The numbers of an event that brings no sentence.
fn figures(event: &Event) -> String {
    let number = |name: &str| event.field(name).and_then(Value::as_f64);
    let mut parts = Vec::new();
    if let Some(value) = event.value {
        let of = match event.field("test") {
            Some(Value::Str(test)) => format!("{} ", one_line(test)),
            _ => String::new(),
        };
        parts.push(format!("{of}{}", short(value)));
    }
    for (name, text) in [
        ("threshold", "threshold"),
        ("alpha", "alpha"),
        ("effect_size", "effect size"),
        ("window_mean", "mean"),
        ("baseline_mean", "normal"),
    ] {
        if let Some(value) = number(name) {
            parts.push(format!("{text} {}", short(value)));
        }
    }
    if let Some(p_value) = event.p_value {
        parts.push(format!("p = {}", short(p_value)));
    }
    if parts.is_empty() {
        return String::new();
    }
    format!(": {}", parts.join(", "))
}

/// A number to four digits.
fn short(value: f64) -> String {
    let rounded: f64 = format!("{value:.3e}").parse().unwrap_or(value);
    if rounded != 0.0 && !(1e-4..1e7).contains(&rounded.abs()) {
        format!("{rounded:e}")
    } else {
        rounded.to_string()
    }
}

/// A time to the minute.
fn minute(at: Timestamp) -> String {
    format!("{} UTC", at.civil().strftime("%Y-%m-%d %H:%M"))
}

fn duration(seconds: f64) -> String {
    let minutes = (seconds / 60.0).round();
    match minutes {
        _ if minutes < 1.0 => format!("{} s", seconds.round()),
        _ if minutes < 120.0 => format!("{minutes} min"),
        _ if minutes < 2880.0 => format!("{} h", (minutes / 60.0).round()),
        _ => format!("{} days", (minutes / 1440.0).round()),
    }
}

/// Text of others, cut, without control characters that could forge a line.
fn one_line(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => error::one_line(&text[..end]) + "…",
        None => error::one_line(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Metadata;
    use std::sync::Arc;

    fn event(kind: Kind, value: f64, metadata: &[(&str, Value)]) -> Event {
        let at = "2026-11-21T14:05:59Z".parse();
        let mut event = Event::at(kind, Some(value), at.unwrap_or_else(|_| Timestamp::now()));
        event.model = ModelId::parse("fraud:3").ok();
        event.feature = Some("age".into());
        let pairs = metadata.iter();
        let pairs = pairs.map(|(key, value)| ((*key).to_owned(), value.clone()));
        event.metadata = Some(Arc::new(pairs.collect::<Metadata>()));
        event
    }

    #[test]
    fn says_what_how_strongly_how_sure_since_when_and_what_normal_is() {
        let mut bare = event(
            Kind::DriftDetected,
            0.412_345,
            &[
                ("test", Value::Str("ks".into())),
                ("threshold", 0.2.into()),
                ("effect_size", 0.4.into()),
                ("window_mean", 45.2.into()),
                ("baseline_mean", 38.1.into()),
            ],
        );
        bare.p_value = Some(3.2e-7);
        assert_eq!(
            summary(&bare, &bare.kind, bare.timestamp),
            "drift detected in fraud:3, feature age: ks 0.4123, threshold 0.2, effect size 0.4, \
             mean 45.2, normal 38.1, p = 3.2e-7; since 2026-11-21 14:05 UTC"
        );
        let told = event(
            Kind::DriftDetected,
            0.4,
            &[("message", Value::Str("it\nchanged".into()))],
        );
        assert_eq!(
            summary(&told, &told.kind, told.timestamp),
            "drift detected in fraud:3, feature age: it\\nchanged; since 2026-11-21 14:05 UTC"
        );
        assert_eq!(
            farewell(Some(&told), &told, &told.kind, 7500.0),
            "resolved: drift detected in fraud:3, feature age, after 2 h: it\\nchanged"
        );
        assert_eq!(
            farewell(None, &told, &told.kind, 20.0),
            "resolved: drift detected in fraud:3, feature age, after 20 s: nothing was heard of it \
             any more"
        );
    }
}
