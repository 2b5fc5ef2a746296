//! Prometheus' protobuf: `MetricFamily` messages, each after its length.
//!
//! Written by hand: seven messages that are only ever written need neither a
//! protobuf compiler at build time nor another dependency.
//!
//! # Source
//! `io/prometheus/client/metrics.proto` of
//! <https://github.com/prometheus/client_model>; field numbers are those of the
//! file. Spans and deltas of native histograms:
//! <https://prometheus.io/docs/specs/native_histograms/>.

use super::{Family, Histogram, Label, Native, Value};
use crate::event::MetricType;

/// Families with series, as delimited messages.
pub(super) fn encode(families: &[Family]) -> Vec<u8> {
    let mut out = Vec::new();
    for family in families.iter().filter(|family| !family.samples.is_empty()) {
        let message = metric_family(family);
        varint(&mut out, message.len() as u64);
        out.extend(message);
    }
    out
}

fn metric_family(family: &Family) -> Vec<u8> {
    let mut out = Vec::new();
    let (suffix, type_number) = match family.metric_type {
        MetricType::Counter => ("_total", 0),
        MetricType::Gauge => ("", 1),
        MetricType::Histogram => ("", 4),
    };
    bytes(&mut out, 1, format!("{}{suffix}", family.name).as_bytes());
    bytes(&mut out, 2, family.help.as_bytes());
    unsigned(&mut out, 3, type_number);
    for sample in &family.samples {
        let mut metric = Vec::new();
        labels(&mut metric, family.label_names, &sample.labels);
        let mut value = Vec::new();
        match &sample.value {
            Value::Gauge(number) => {
                double(&mut value, 1, *number);
                bytes(&mut metric, 2, &value);
            }
            Value::Counter(count) => {
                double(&mut value, 1, *count as f64);
                bytes(&mut metric, 3, &value);
            }
            Value::Histogram(histogram) => {
                histogram_message(&mut value, histogram);
                bytes(&mut metric, 7, &value);
            }
        }
        bytes(&mut out, 4, &metric);
    }
    if let Some(unit) = family.unit {
        bytes(&mut out, 5, unit.as_bytes());
    }
    out
}

fn labels(out: &mut Vec<u8>, names: &[&str], values: &[Label]) {
    for (name, value) in names.iter().zip(values) {
        let mut pair = Vec::new();
        bytes(&mut pair, 1, name.as_bytes());
        bytes(&mut pair, 2, value.as_str().as_bytes());
        bytes(out, 1, &pair);
    }
}

fn histogram_message(out: &mut Vec<u8>, histogram: &Histogram) {
    unsigned(out, 1, histogram.count());
    double(out, 2, histogram.sum);
    let mut below = 0;
    let bounds = histogram.bounds.iter().copied().chain([f64::INFINITY]);
    for (bound, count) in bounds.zip(&histogram.counts) {
        below += count;
        let mut bucket = Vec::new();
        unsigned(&mut bucket, 1, below);
        double(&mut bucket, 2, bound);
        bytes(out, 3, &bucket);
    }
    if let Some(native) = &histogram.native {
        native_fields(out, native);
    }
}

fn native_fields(out: &mut Vec<u8>, native: &Native) {
    unsigned(out, 5, zigzag(i64::from(native.schema)));
    double(out, 6, native.zero_threshold);
    unsigned(out, 7, native.zero_count);
    // Spans of neighbouring buckets, as (distance from the last span, length).
    let mut spans: Vec<(i32, u64)> = Vec::new();
    let mut deltas = Vec::new();
    let (mut next, mut last_count) = (0, 0);
    for &(bucket, count) in &native.buckets {
        match spans.last_mut() {
            Some((_, length)) if bucket == next => *length += 1,
            _ => spans.push((bucket - next, 1)),
        }
        next = bucket + 1;
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        varint(&mut deltas, zigzag(count - last_count));
        last_count = count;
    }
    if spans.is_empty() {
        // What marks a histogram as native when it has no buckets yet.
        spans.push((0, 0));
    }
    for (offset, length) in spans {
        let mut span = Vec::new();
        unsigned(&mut span, 1, zigzag(i64::from(offset)));
        unsigned(&mut span, 2, length);
        bytes(out, 12, &span);
    }
    if !deltas.is_empty() {
        bytes(out, 13, &deltas);
    }
}

/// A signed number as an unsigned one: small ones stay small.
fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)).cast_unsigned()
}

fn varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push((number as u8) | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn unsigned(out: &mut Vec<u8>, field: u64, number: u64) {
    varint(out, field << 3);
    varint(out, number);
}

fn double(out: &mut Vec<u8>, field: u64, number: f64) {
    varint(out, (field << 3) | 1);
    out.extend(number.to_le_bytes());
}

fn bytes(out: &mut Vec<u8>, field: u64, content: &[u8]) {
    varint(out, (field << 3) | 2);
    varint(out, content.len() as u64);
    out.extend(content);
}
