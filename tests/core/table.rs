//! Tables: plans, reports, streams.

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array, StringArray, TimestampMicrosecondArray};
use driftline::error::Result;
use driftline::table::report::Report;
use driftline::table::verdict::{Correction, Options, Verdict};
use driftline::table::{
    Alone, Batches, ColumnData, ErrorModel, Kind, Plan, Settings, Table, Tests,
};

/// A table in memory.
#[derive(Clone, Default)]
pub(crate) struct Frame {
    names: Vec<String>,
    columns: Vec<ArrayRef>,
}

impl Frame {
    pub(crate) fn with(mut self, name: &str, column: impl arrow_array::Array + 'static) -> Self {
        self.names.push(name.to_owned());
        self.columns.push(Arc::new(column));
        self
    }

    pub(crate) fn part(&self, from: usize, rows: usize) -> Self {
        let columns = self.columns.iter().map(|column| column.slice(from, rows));
        Self {
            names: self.names.clone(),
            columns: columns.collect(),
        }
    }

    pub(crate) fn batches(&self, rows: usize) -> Cut {
        Cut {
            frame: self.clone(),
            at: 0,
            rows,
        }
    }
}

impl Table for Frame {
    fn names(&self) -> &[String] {
        &self.names
    }

    fn n_rows(&self) -> usize {
        self.columns.first().map_or(0, |column| column.len())
    }

    fn column(&mut self, index: usize) -> Result<ColumnData> {
        Ok(ColumnData::Arrays(vec![self.columns[index].clone()]))
    }
}

/// A table in batches.
pub(crate) struct Cut {
    frame: Frame,
    at: usize,
    rows: usize,
}

impl Batches for Cut {
    fn names(&self) -> &[String] {
        &self.frame.names
    }

    fn next(&mut self) -> Result<Option<Vec<ColumnData>>> {
        let left = self.frame.n_rows() - self.at;
        let rows = left.min(self.rows);
        if rows == 0 {
            return Ok(None);
        }
        let batch = self
            .frame
            .columns
            .iter()
            .map(|column| ColumnData::Arrays(vec![column.slice(self.at, rows)]));
        let batch = batch.collect();
        self.at += rows;
        Ok(Some(batch))
    }
}

pub(crate) fn settings() -> Settings {
    Settings {
        columns: None,
        tests: Tests::default(),
        verdict: Options {
            alpha: 0.05,
            min_effect: 0.05,
            correction: Correction::Bh,
        },
        weights: Vec::new(),
        segments: None,
        target: None,
        prediction: None,
        probability: None,
        positive: None,
        error_model: ErrorModel::BuiltIn,
        threads: None,
        seed: 0,
        max_exact: 1_000_000,
        multivariate: true,
    }
}

/// Numbers that are spread evenly over 0 to 1, in an order of their own.
pub(crate) fn spread(n: usize, start: u64) -> Vec<f64> {
    (0..n as u64)
        .map(|k| {
            ((k + start).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 11) as f64 / (1u64 << 53) as f64
        })
        .collect()
}

pub(crate) fn frame(n: usize, start: u64, shift: f64) -> Frame {
    let x: Vec<f64> = spread(n, start);
    let shifted: Vec<Option<f64>> = x.iter().map(|x| (*x >= 0.1).then_some(x + shift)).collect();
    let labels: Vec<Option<&str>> = x
        .iter()
        .map(|x| Some(["red", "green", "blue"][(x * 30.0) as usize % 3]))
        .collect();
    let codes: Vec<i64> = x.iter().map(|x| (x * 1000.0) as i64 % 7).collect();
    let times: Vec<i64> = x.iter().map(|x| (x * 1e14) as i64).collect();
    Frame::default()
        .with("x", Float64Array::from(x))
        .with("shifted", Float64Array::from(shifted))
        .with("colour", StringArray::from(labels))
        .with("code", Int64Array::from(codes))
        .with("time", TimestampMicrosecondArray::from(times))
}

pub(crate) fn json(report: &Report) -> String {
    serde_json::to_string_pretty(report).unwrap()
}

#[test]
fn finds_what_moved_and_leaves_the_rest() {
    let plan = Plan::fit(settings(), &mut frame(20_000, 0, 0.0), &Alone).unwrap();
    let report = plan
        .compare(&mut frame(20_000, 77_777, 0.2), &Alone)
        .unwrap();
    let of = |name: &str| {
        report
            .columns
            .iter()
            .find(|column| column.name == name)
            .unwrap()
    };
    assert_eq!(report.verdict, Verdict::Drifted);
    assert_eq!(of("x").verdict, Verdict::Stable, "{}", json(&report));
    assert_eq!(of("shifted").verdict, Verdict::Drifted);
    // Uniform on 0.9 of width: 0.2 of it moves 0.2 / 0.9 of the rows that are there.
    assert!((of("shifted").effect_size.unwrap() - 0.2 / 0.9).abs() < 0.005);
    assert!((of("shifted").missing.baseline - 0.1).abs() < 0.005);
    let kinds: Vec<Kind> = report.columns.iter().map(|column| column.kind).collect();
    use Kind::{Categorical, Datetime, Numeric};
    assert_eq!(
        kinds,
        [Numeric, Numeric, Categorical, Categorical, Datetime]
    );
}

#[test]
fn batches_and_threads_change_nothing() {
    let (mut baseline, mut current) = (frame(30_000, 0, 0.0), frame(25_000, 5, 0.1));
    let whole = Plan::fit(settings(), &mut baseline, &Alone).unwrap();
    let expected = json(&whole.compare(&mut current, &Alone).unwrap());
    let one = Settings {
        threads: Some(1),
        ..settings()
    };
    let streamed = Plan::fit_batches(one, &mut baseline.batches(7_001), &Alone).unwrap();
    let got = streamed
        .compare_batches(&mut current.batches(999), &Alone)
        .unwrap();
    assert_eq!(json(&got), expected);
    assert_eq!(
        json(&streamed.compare(&mut current, &Alone).unwrap()),
        expected
    );
}

#[test]
fn a_long_stream_has_the_figures_of_all_its_rows() {
    let n = (1 << 20) + 200_000;
    let codes: Vec<i64> = (0..n).map(|k| (k * k + k / 7) % 5).collect();
    let mut values: Vec<f64> = spread(n as usize, 3)
        .iter()
        .map(|x| (x * 100.0).floor())
        .collect();
    values[77] = -1000.0;
    values[78] = f64::INFINITY;
    let mut whole = Frame::default()
        .with("code", Int64Array::from(codes))
        .with("x", Float64Array::from(values));
    let expected = Plan::fit(settings(), &mut whole, &Alone)
        .and_then(|plan| plan.compare(&mut whole, &Alone))
        .unwrap();
    let streamed = Plan::fit_batches(settings(), &mut whole.batches(300_000), &Alone)
        .and_then(|plan| plan.compare_batches(&mut whole.batches(123_456), &Alone))
        .unwrap();
    for (streamed, whole) in streamed.columns.iter().zip(&expected.columns) {
        assert_eq!(streamed.kind, whole.kind);
        assert_eq!(streamed.categories, whole.categories);
        assert_eq!(streamed.histogram, whole.histogram);
        assert_eq!(streamed.quantiles, whole.quantiles);
        assert_eq!(streamed.range, whole.range);
        let (mut own, other) = (streamed.baseline.clone(), &whole.baseline);
        for (own, other) in [(&mut own.mean, other.mean), (&mut own.std, other.std)] {
            if let (Some(a), Some(b)) = (*own, other) {
                assert!((a - b).abs() <= 1e-12 * b.abs(), "{a} instead of {b}");
            }
            *own = other;
        }
        assert_eq!(&own, other);
    }
}
