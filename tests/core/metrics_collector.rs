//! Metrics as the core gives them, and as text.

use std::sync::Arc;

use driftline::event::{Event, Kind, MetricType, ModelId, Timestamp};
use driftline::export::{Family, Format, Histogram, Label, Native, Sample, Value};
use driftline::hub::{Hub, Native as NoHost, Registration, Settings};
use driftline::observer::{MetricsCollector, MetricsConfig, Values};

fn text(families: &[Family]) -> String {
    Format::Text.encode_text(families).unwrap()
}

fn family(metric_type: MetricType) -> Family {
    Family::new(
        "app_thing",
        "A \"thing\"\\\nhere.",
        metric_type,
        &["a", "b"],
    )
}

#[test]
fn formats_write_what_their_specifications_show() {
    let mut counter = family(MetricType::Counter);
    counter.push(
        [Sample::label("x\"\\\n"), Label::Static("")],
        Value::Counter(7),
    );
    assert_eq!(
        text(std::slice::from_ref(&counter)),
        "# HELP app_thing_total A \"thing\"\\\\\\nhere.\n\
         # TYPE app_thing_total counter\n\
         app_thing_total{a=\"x\\\"\\\\\\n\",b=\"\"} 7\n"
    );
    assert_eq!(
        Format::OpenMetrics.encode_text(&[counter]).unwrap(),
        "# HELP app_thing A \\\"thing\\\"\\\\\\nhere.\n\
         # TYPE app_thing counter\n\
         app_thing_total{a=\"x\\\"\\\\\\n\",b=\"\"} 7\n\
         # EOF\n"
    );
    let mut gauge = Family::new("app_level", "Level.", MetricType::Gauge, &[]);
    gauge.push([], Value::Gauge(1e21));
    assert!(text(&[gauge]).ends_with("\napp_level 1e+21\n"));
}

#[test]
fn a_histogram_is_cumulative_and_ends_at_infinity() {
    let mut family = Family::new("app_s", "Seconds.", MetricType::Histogram, &[]);
    let histogram = Histogram {
        bounds: [0.5, 1.0].into(),
        counts: vec![2, 0, 3],
        sum: 12.5,
        native: None,
    };
    family.push([], Value::Histogram(histogram));
    assert!(text(&[family]).ends_with(
        "app_s_bucket{le=\"0.5\"} 2\napp_s_bucket{le=\"1.0\"} 2\n\
         app_s_bucket{le=\"+Inf\"} 5\napp_s_count 5\napp_s_sum 12.5\n"
    ));
}

#[test]
fn protobuf_is_byte_for_byte_what_the_wire_format_says() {
    let mut family = Family::new("s", "h", MetricType::Histogram, &["m"]);
    family.push(
        [Label::Static("x")],
        Value::Histogram(Histogram {
            bounds: [1.0].into(),
            counts: vec![1, 4],
            sum: 2.0,
            native: Some(Native {
                schema: 3,
                zero_threshold: 0.5,
                zero_count: 1,
                // Two spans: -1 and 0, then 4; counts 1, 3, 0... as deltas 1, 2, -3.
                buckets: vec![(-1, 1), (0, 3), (4, 0)],
            }),
        }),
    );
    let two = 2.0_f64.to_le_bytes();
    let one = 1.0_f64.to_le_bytes();
    let half = 0.5_f64.to_le_bytes();
    let infinity = f64::INFINITY.to_le_bytes();
    let mut histogram = vec![0x08, 5, 0x11];
    histogram.extend(two);
    histogram.extend([0x1a, 11, 0x08, 1, 0x11]);
    histogram.extend(one);
    histogram.extend([0x1a, 11, 0x08, 5, 0x11]);
    histogram.extend(infinity);
    histogram.extend([0x28, 6, 0x31]); // schema 3, zigzag
    histogram.extend(half);
    histogram.extend([0x38, 1]);
    histogram.extend([0x62, 4, 0x08, 1, 0x10, 2]); // span from -1, length 2
    histogram.extend([0x62, 4, 0x08, 6, 0x10, 1]); // 3 further on, length 1
    histogram.extend([0x6a, 3, 2, 4, 5]); // deltas 1, 2, -3, zigzag
    let mut metric = vec![0x0a, 6, 0x0a, 1, b'm', 0x12, 1, b'x', 0x3a];
    metric.push(histogram.len() as u8);
    metric.extend(&histogram);
    let mut message = vec![0x0a, 1, b's', 0x12, 1, b'h', 0x18, 4, 0x22];
    message.push(metric.len() as u8);
    message.extend(&metric);
    let mut expected = vec![message.len() as u8];
    expected.extend(&message);
    assert_eq!(Format::Protobuf.encode(&[family]), expected);
}

#[test]
fn series_of_the_same_labels_become_one() {
    let mut counter = family(MetricType::Counter);
    for (label, count) in [("b", 1), ("a", 2), ("b", 4)] {
        counter.push(
            [Label::Static(label), Sample::label("")],
            Value::Counter(count),
        );
    }
    counter.order();
    let values: Vec<_> = counter.samples.iter().map(|sample| &sample.value).collect();
    assert_eq!(values, [&Value::Counter(2), &Value::Counter(5)]);
}

#[test]
fn a_run_of_values_is_the_same_as_each() {
    let (one, many) = (collector(1000), collector(1000));
    let mut template = Event::at(Kind::InferenceCompleted, None, Timestamp::from_nanos(0));
    template.model = ModelId::parse("fraud:1").ok();
    let numbers: Vec<f64> = (0..500).map(|i| f64::from(i) * 3.7).collect();
    let values = Values {
        template: &template,
        values: &numbers,
        timestamps: None,
    };
    use driftline::observer::{BatchObserver, Derived};
    assert_eq!(many.on_values(values, &mut Derived::default()), 500);
    for index in 0..numbers.len() {
        one.take(&values.event(index));
    }
    assert_eq!(one.families(), many.families());
}

#[test]
fn memory_is_bounded_whatever_comes() {
    let collector = collector(50);
    for i in 0..20_000 {
        let mut event = Event::new(Kind::Custom(format!("kind {i}").into()), Some(1.0));
        event.model = ModelId::new(&format!("model {}", i / 3), None, None).ok();
        event.feature = Some(format!("feature {}", i / 2).into());
        collector.take(&event);
        event.kind = Kind::DriftScore;
        collector.take(&event);
    }
    let families = collector.families();
    let series: usize = families.iter().map(|family| family.samples.len()).sum();
    assert!(series < 50 * 40, "{series} series");
    let events: u64 = families
        .iter()
        .filter(|family| family.name == "driftline_events")
        .flat_map(|family| &family.samples)
        .map(|sample| match sample.value {
            Value::Counter(count) => count,
            _ => 0,
        })
        .sum();
    assert_eq!(events, 40_000);
}

#[test]
fn a_hub_is_looked_into_until_it_is_gone() {
    let collector = Arc::new(collector(10));
    let hub: Arc<Hub<NoHost>> = Hub::new(Settings::default()).unwrap();
    hub.register(Arc::clone(&collector) as Arc<_>, Registration::default())
        .unwrap();
    hub.emit(&Event::new(Kind::Accuracy, Some(0.5)), &mut ());
    let line = "driftline_observer_calls_total{observer=\"metrics_collector\"} 1\n";
    assert!(text(&collector.families()).contains(line));
    drop(hub);
    assert!(!text(&collector.families()).contains("driftline_observer_calls"));
}

fn collector(max_models: usize) -> MetricsCollector {
    MetricsCollector::new(MetricsConfig {
        max_models: Some(max_models),
        ..MetricsConfig::default()
    })
    .unwrap()
}
