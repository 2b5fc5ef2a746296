//! Prometheus text 0.0.4 and OpenMetrics 1.0.
//!
//! # Source
//! <https://prometheus.io/docs/instrumenting/exposition_formats/>;
//! <https://prometheus.io/docs/specs/om/open_metrics_spec/>.

use std::fmt::Write;

use super::{Family, Number, Point};
use crate::event::MetricType;

/// What the number of a series takes, about.
const BYTES_PER_LINE: usize = 96;

/// Families with series, as text.
pub(super) fn encode(families: &[Family], openmetrics: bool) -> String {
    let lines: usize = families.iter().map(|family| family.samples.len()).sum();
    let mut out = String::with_capacity((lines + 64) * BYTES_PER_LINE);
    for family in families {
        if !family.samples.is_empty() {
            write_family(&mut out, family, openmetrics);
        }
    }
    if openmetrics {
        out.push_str("# EOF\n");
    }
    out
}

fn write_family(out: &mut String, family: &Family, openmetrics: bool) {
    // OpenMetrics names a counter without its suffix, Prometheus text with it.
    let shown = match family.metric_type {
        MetricType::Counter if !openmetrics => "_total",
        _ => "",
    };
    out.extend(["# HELP ", family.name, shown, " "]);
    escape(out, family.help, openmetrics);
    let type_name = family.metric_type.as_str();
    out.extend(["\n# TYPE ", family.name, shown, " ", type_name, "\n"]);
    if let Some(unit) = family.unit.filter(|_| openmetrics) {
        out.extend(["# UNIT ", family.name, " ", unit, "\n"]);
    }
    for sample in &family.samples {
        sample.for_each(|point| {
            write_name(out, family, &point);
            match point.number {
                // A string takes everything.
                Number::Count(count) => drop(write!(out, "{count}")),
                Number::Float(value) => write_number(out, value),
            }
            out.push('\n');
        });
    }
}

/// The name of a series: the metric's, with its labels, then a space.
fn write_name(out: &mut String, family: &Family, point: &Point<'_>) {
    out.push_str(family.name);
    out.push_str(point.suffix);
    let mut separator = '{';
    for (name, value) in family.label_names.iter().zip(point.labels) {
        out.push(separator);
        out.push_str(name);
        out.push_str("=\"");
        escape(out, value.as_str(), true);
        out.push('"');
        separator = ',';
    }
    if let Some(bound) = point.bound {
        out.push(separator);
        out.push_str("le=\"");
        write_bound(out, bound);
        out.push('"');
        separator = ',';
    }
    if separator == ',' {
        out.push('}');
    }
    out.push(' ');
}

/// A bound as text.
pub(super) fn bound(value: f64) -> String {
    let mut out = String::new();
    write_bound(&mut out, value);
    out
}

/// The shortest text that reads back as the same number.
fn write_number(out: &mut String, value: f64) {
    write_with_exponent_from(out, value, 16);
}

/// A bound, which is a label and so compared as text: written as OpenMetrics wants
/// it (section "Canonical numbers"), a whole number with its `.0`.
fn write_bound(out: &mut String, value: f64) {
    write_with_exponent_from(out, value, 6);
}

/// Numbers of 10 to this power and above, or below 0.0001, have an exponent of two
/// digits at least, as C, Go and Python write it.
fn write_with_exponent_from(out: &mut String, value: f64, power: i32) {
    if value == f64::INFINITY {
        return out.push_str("+Inf");
    }
    if value == f64::NEG_INFINITY {
        return out.push_str("-Inf");
    }
    let size = value.abs();
    if size == 0.0 || (1e-4..10f64.powi(power)).contains(&size) || size.is_nan() {
        let _ = write!(out, "{value:?}");
        return;
    }
    let text = format!("{value:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, exponent) = match exponent.strip_prefix('-') {
        Some(exponent) => ('-', exponent),
        None => ('+', exponent),
    };
    let _ = write!(out, "{digits}e{sign}{exponent:0>2}");
}

/// Text with backslashes, line feeds and, with `quotes`, quotes escaped.
fn escape(out: &mut String, text: &str, quotes: bool) {
    let special = |byte: u8| matches!(byte, b'\\' | b'\n') || (quotes && byte == b'"');
    let mut rest = text;
    while let Some(at) = rest.bytes().position(special) {
        let (plain, found) = rest.split_at(at);
        out.push_str(plain);
        out.push_str(match found.as_bytes().first() {
            Some(b'\\') => "\\\\",
            Some(b'\n') => "\\n",
            _ => "\\\"",
        });
        rest = found.get(1..).unwrap_or_default(); // what was found is one byte long
    }
    out.push_str(rest);
}
