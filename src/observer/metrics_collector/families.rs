//! What a collector has counted, as metrics under their fixed names.

use std::sync::Arc;

use super::hubs::Fare;
use super::labels::{NONE, of_feature, of_kind, of_model};
use super::state::{Counts, Drift, Key, State};
use crate::event::{Kind, MetricType, Severity};
use crate::export::{Family, Label, Value};
use crate::observer::{DropReason, OVERFLOW};

const OVERFLOWN: Label = Label::Static(OVERFLOW);

/// Families of what is in the state, without order.
pub(super) fn of_state(state: &State) -> Vec<Family> {
    let mut events = Family::new(
        "driftline_events",
        "Events seen.",
        MetricType::Counter,
        &["kind", "model", "severity"],
    );
    let mut latency = Family::new(
        "driftline_inference_latency_seconds",
        "Latency of answered inferences.",
        MetricType::Histogram,
        &["model"],
    );
    latency.unit = Some("seconds");
    let own = state.models.iter();
    let own = own.map(|(_, model)| (model.label.clone(), model));
    let shared = state.models.overflow().map(|model| (OVERFLOWN, model));
    for (label, model) in own.chain(shared) {
        for (kind, counts) in Kind::STANDARD.iter().zip(&model.counts) {
            push_counts(&mut events, &of_kind(kind), &label, counts);
        }
        if let Some(histogram) = &model.latency {
            latency.push([label], Value::Histogram(histogram.exported()));
        }
    }
    for ((kind, model), counts) in state.customs.iter() {
        push_counts(&mut events, &of_kind(kind), &of_model(model), counts);
    }
    if let Some(counts) = state.customs.overflow() {
        push_counts(&mut events, &OVERFLOWN, &OVERFLOWN, counts);
    }
    vec![
        events,
        latency,
        metric(state),
        distribution(state),
        statistic(state),
        p_value(state),
        refused(state),
        overflow(state),
    ]
}

fn metric(state: &State) -> Family {
    let mut family = Family::new(
        "driftline_metric",
        "Last value of each kind of event that is a metric, in the kind's own unit.",
        MetricType::Gauge,
        &["kind", "model", "feature"],
    );
    let own = state.models.iter().map(|(_, model)| (&model.label, model));
    let shared = state.models.overflow().map(|model| (&OVERFLOWN, model));
    for (label, model) in own.chain(shared) {
        for (kind, value) in Kind::STANDARD.iter().zip(model.gauges) {
            if let Some(value) = value {
                let labels = [of_kind(kind), label.clone(), NONE];
                family.push(labels, Value::Gauge(value));
            }
        }
    }
    for (key, value) in state.gauges.iter() {
        family.push(of_key(key), Value::Gauge(*value));
    }
    if let Some(value) = state.gauges.overflow() {
        family.push([OVERFLOWN, OVERFLOWN, OVERFLOWN], Value::Gauge(*value));
    }
    family
}

fn distribution(state: &State) -> Family {
    let mut family = Family::new(
        "driftline_values",
        "Values of each custom kind of event that is defined as a histogram.",
        MetricType::Histogram,
        &["kind", "model", "feature"],
    );
    for (key, histogram) in state.distributions.iter() {
        family.push(of_key(key), Value::Histogram(histogram.exported()));
    }
    if let Some(histogram) = state.distributions.overflow() {
        let value = Value::Histogram(histogram.exported());
        family.push([OVERFLOWN, OVERFLOWN, OVERFLOWN], value);
    }
    family
}

fn statistic(state: &State) -> Family {
    let help = "Statistic of the last look of a drift test that was told of.";
    let name = "driftline_drift_statistic";
    drift(state, name, help, |drift| drift.statistic)
}

fn p_value(state: &State) -> Family {
    let help = "p-value of the last look of a drift test that was told of.";
    let name = "driftline_drift_p_value";
    drift(state, name, help, |drift| drift.p_value)
}

fn drift(
    state: &State,
    name: &'static str,
    help: &'static str,
    value: impl Fn(&Drift) -> Option<f64>,
) -> Family {
    let labels = &["model", "feature", "test"];
    let mut family = Family::new(name, help, MetricType::Gauge, labels);
    for ((model, feature, test), drift) in state.drift.iter() {
        if let Some(value) = value(drift) {
            let test = Label::Shared(Arc::clone(test));
            let labels = [of_model(model), of_feature(feature), test];
            family.push(labels, Value::Gauge(value));
        }
    }
    if let Some(value) = state.drift.overflow().and_then(value) {
        family.push([OVERFLOWN, OVERFLOWN, OVERFLOWN], Value::Gauge(value));
    }
    family
}

fn refused(state: &State) -> Family {
    let mut family = Family::new(
        "driftline_refused_values",
        "Values that no metric takes: NaN, infinite, negative where only positive ones make sense.",
        MetricType::Counter,
        &[],
    );
    family.push([], Value::Counter(state.refused));
    family
}

fn overflow(state: &State) -> Family {
    let mut family = Family::new(
        "driftline_series_overflow",
        "Events counted under __overflow__, by the label for which there was no room.",
        MetricType::Counter,
        &["label"],
    );
    let all = [
        state.customs.n_overflow(),
        state.gauges.n_overflow(),
        state.distributions.n_overflow(),
        state.drift.n_overflow(),
    ];
    for (label, count) in [
        ("all", all.iter().sum()),
        ("feature", state.features.n_overflow()),
        ("kind", state.kinds.n_overflow()),
        ("model", state.models.n_overflow()),
    ] {
        family.push([Label::Static(label)], Value::Counter(count));
    }
    family
}

/// Families of how the observers of hubs fare.
pub(super) fn of_hubs(fares: &[Fare], loops: u64) -> Vec<Family> {
    let by_observer = |name, help, metric_type, value: &dyn Fn(&Fare) -> Option<Value>| {
        let mut family = Family::new(name, help, metric_type, &["observer"]);
        for fare in fares {
            if let Some(value) = value(fare) {
                family.push([Label::Shared(Arc::clone(&fare.name))], value);
            }
        }
        family
    };
    let calls = by_observer(
        "driftline_observer_calls",
        "Calls of observers begun, failed ones included.",
        MetricType::Counter,
        &|fare| Some(Value::Counter(fare.calls)),
    );
    let failures = by_observer(
        "driftline_observer_failures",
        "Calls of observers that failed.",
        MetricType::Counter,
        &|fare| Some(Value::Counter(fare.failures)),
    );
    let depth = by_observer(
        "driftline_queue_depth",
        "Events accepted and not yet delivered.",
        MetricType::Gauge,
        &|fare| fare.queue_depth.map(|depth| Value::Gauge(depth as f64)),
    );
    let mut dropped = Family::new(
        "driftline_observer_dropped",
        "Events that did not reach an observer, by reason.",
        MetricType::Counter,
        &["observer", "reason"],
    );
    for fare in fares {
        for (reason, &count) in DropReason::ALL.iter().zip(&fare.dropped) {
            if count > 0 || fare.queue_depth.is_some() {
                let name = Label::Shared(Arc::clone(&fare.name));
                let labels = [name, Label::Static(reason.as_str())];
                dropped.push(labels, Value::Counter(count));
            }
        }
    }
    let mut cut = Family::new(
        "driftline_cascade_drops",
        "Derived events dropped because their chain was too long.",
        MetricType::Counter,
        &[],
    );
    if !fares.is_empty() || loops > 0 {
        cut.push([], Value::Counter(loops));
    }
    vec![calls, failures, dropped, depth, cut]
}

fn push_counts(family: &mut Family, kind: &Label, model: &Label, counts: &Counts) {
    for (severity, &count) in Severity::ALL.iter().zip(counts) {
        if count > 0 {
            let severity = Label::Static(severity.as_str());
            let labels = [kind.clone(), model.clone(), severity];
            family.push(labels, Value::Counter(count));
        }
    }
}

fn of_key((kind, model, feature): &Key) -> [Label; 3] {
    [of_kind(kind), of_model(model), of_feature(feature)]
}
