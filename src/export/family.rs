//! Metrics as plain data.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::event::MetricType;

/// One metric with all its series.
///
/// # Example
/// ```
/// use driftline::event::MetricType;
/// use driftline::export::{Family, Format, Sample, Value};
/// let mut family = Family::new("app_hits", "Hits.", MetricType::Counter, &["page"]);
/// family.push([Sample::label("home")], Value::Counter(3));
/// assert_eq!(
///     Format::Text.encode(&[family]),
///     b"# HELP app_hits_total Hits.\n# TYPE app_hits_total counter\n\
///       app_hits_total{page=\"home\"} 3\n"
/// );
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Family {
    /// The name, without `_total` for a counter.
    pub name: &'static str,
    /// One sentence for the reader of a dashboard.
    pub help: &'static str,
    /// What is counted or measured; decides how values are written.
    pub metric_type: MetricType,
    /// The unit, which the name ends with.
    pub unit: Option<&'static str>,
    /// The labels of every series, in the order in which they are written.
    pub label_names: &'static [&'static str],
    /// The series.
    pub samples: Vec<Sample>,
}

/// One series of a metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// The value of each label of the family; empty means that there is none.
    pub labels: Vec<Label>,
    /// What was counted or measured.
    pub value: Value,
}

/// The value of a label, cheap to copy.
#[derive(Debug, Clone)]
pub enum Label {
    /// Known when the program was built.
    Static(&'static str),
    /// Shared with whoever else uses the text.
    Shared(Arc<str>),
}

/// What was counted or measured.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Events so far.
    Counter(u64),
    /// The last value.
    Gauge(f64),
    /// The distribution of values.
    Histogram(Histogram),
}

/// A distribution of values.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram {
    /// Upper bounds of the buckets, rising, each included; without infinity.
    pub bounds: Arc<[f64]>,
    /// Values in each bucket, and one more number for those above all bounds.
    pub counts: Vec<u64>,
    /// The sum of the values.
    pub sum: f64,
    /// The same values in exponential buckets.
    pub native: Option<Native>,
}

/// A distribution of positive values in exponential buckets: bucket `i` holds
/// the values in (`2^((i-1) / 2^schema)`, `2^(i / 2^schema)`].
#[derive(Debug, Clone, PartialEq)]
pub struct Native {
    /// Resolution: each power of two has `2^schema` buckets.
    pub schema: i32,
    /// The largest value that counts as zero.
    pub zero_threshold: f64,
    /// Values that count as zero.
    pub zero_count: u64,
    /// Numbers of the buckets that are not empty, rising, with their counts.
    pub buckets: Vec<(i32, u64)>,
}

impl Family {
    /// A family without series.
    pub fn new(
        name: &'static str,
        help: &'static str,
        metric_type: MetricType,
        label_names: &'static [&'static str],
    ) -> Self {
        Self {
            name,
            help,
            metric_type,
            unit: None,
            label_names,
            samples: Vec::new(),
        }
    }

    /// Adds a series.
    pub fn push(&mut self, labels: impl Into<Vec<Label>>, value: Value) {
        self.samples.push(Sample {
            labels: labels.into(),
            value,
        });
    }

    /// Orders the series by their labels, and makes one of those whose labels
    /// are the same: counts are added, of gauges the last one stays.
    pub fn order(&mut self) {
        self.samples.sort_by(|a, b| a.labels.cmp(&b.labels));
        self.samples.dedup_by(|next, kept| {
            let same = next.labels == kept.labels;
            if same {
                kept.value.merge(&next.value);
            }
            same
        });
    }
}

impl Sample {
    /// The value of a label.
    pub fn label(text: impl Into<Arc<str>>) -> Label {
        Label::Shared(text.into())
    }
}

/// One number of a series, as scrapers tell them apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point<'a> {
    /// What is added to the family's name.
    pub suffix: &'static str,
    /// The values of the family's labels.
    pub labels: &'a [Label],
    /// The upper bound of the bucket (label `le`), for those of a histogram.
    pub bound: Option<f64>,
    /// The number.
    pub number: Number,
}

/// A number as it is written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    /// Whole.
    Count(u64),
    /// With a fraction.
    Float(f64),
}

impl Sample {
    /// Hands every number of the series to `take`, in the order in which they are
    /// written.
    pub fn for_each<'a>(&'a self, mut take: impl FnMut(Point<'a>)) {
        let mut point = |suffix, bound, number| {
            take(Point {
                suffix,
                labels: &self.labels,
                bound,
                number,
            });
        };
        match &self.value {
            Value::Counter(count) => point("_total", None, Number::Count(*count)),
            Value::Gauge(value) => point("", None, Number::Float(*value)),
            Value::Histogram(histogram) => {
                let mut below = 0;
                let bounds = histogram.bounds.iter().copied().chain([f64::INFINITY]);
                for (bound, count) in bounds.zip(&histogram.counts) {
                    below += count;
                    point("_bucket", Some(bound), Number::Count(below));
                }
                point("_count", None, Number::Count(below));
                point("_sum", None, Number::Float(histogram.sum));
            }
        }
    }
}

impl Value {
    fn merge(&mut self, other: &Self) {
        match (self, other) {
            (Self::Counter(count), Self::Counter(more)) => *count = count.saturating_add(*more),
            (Self::Histogram(histogram), Self::Histogram(more)) => histogram.merge(more),
            (value, other) => *value = other.clone(),
        }
    }
}

impl Histogram {
    /// Values in all buckets.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Adds a distribution over the same bounds.
    fn merge(&mut self, other: &Self) {
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
        self.sum += other.sum;
        if let (Some(native), Some(more)) = (&mut self.native, &other.native) {
            native.zero_count += more.zero_count;
            native.buckets.extend(&more.buckets);
            native.buckets.sort_unstable();
            native.buckets.dedup_by(|next, kept| {
                let same = next.0 == kept.0;
                if same {
                    kept.1 += next.1;
                }
                same
            });
        }
    }
}

impl Label {
    /// The text.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Static(text) => text,
            Self::Shared(text) => text,
        }
    }
}

impl PartialEq for Label {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Label {}

impl PartialOrd for Label {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Label {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}
