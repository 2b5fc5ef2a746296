//! Sketches: their promise, its bounds, and that merging loses nothing.

use driftline::sketch::DdSketch;
use proptest::prelude::*;

/// A value at the very end of a bucket may be counted into the next.
const ROUNDING: f64 = 1e-9;
/// Sums of up to 200 values in another order.
const SUM_RTOL: f64 = 1e-12;

fn sketch_of(values: &[f64], max_buckets: usize) -> DdSketch {
    let mut sketch = DdSketch::new(0.01, max_buckets).unwrap();
    for &value in values {
        assert!(sketch.insert(value));
    }
    sketch
}

/// The value of rank `ceil(q n)`, by sorting.
fn exact(values: &[f64], q: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (q * values.len() as f64 - 1e-9).ceil().max(1.0);
    sorted[rank as usize - 1]
}

#[test]
fn what_is_no_value_is_refused() {
    let mut sketch = sketch_of(&[], 64);
    for value in [f64::NAN, f64::INFINITY, -f64::INFINITY, -1e-300] {
        assert!(!sketch.insert(value));
    }
    assert_eq!(
        (sketch.n(), sketch.mean(), sketch.quantile(0.5)),
        (0, None, None)
    );
    assert_eq!((sketch.min(), sketch.max()), (None, None));
    assert!(sketch.insert(-0.0));
    assert_eq!(sketch.quantile(1.0), Some(0.0));
    assert!(!sketch.quantile(0.5).unwrap().is_sign_negative());
    assert_eq!(sketch.quantile(1.1), None);
    assert_eq!(sketch.quantile(f64::NAN), None);
}

#[test]
fn only_sensible_shapes_are_made() {
    for (error, most) in [
        (0.0, 64),
        (0.6, 64),
        (f64::NAN, 64),
        (0.01, 63),
        (0.01, 1 << 21),
    ] {
        assert!(DdSketch::new(error, most).is_err(), "{error} {most}");
    }
    assert!(DdSketch::spanning(0.0001, 400).is_err());
    let mut sketch = sketch_of(&[1.0], 64);
    let error = sketch
        .merge(&sketch_of(&[1.0], 128))
        .unwrap_err()
        .to_string();
    assert!(error.contains("at most 128 buckets"), "{error}");
    assert_eq!(sketch.n(), 1);
}

#[test]
fn the_whole_range_of_floats_is_within_the_error() {
    let values: Vec<f64> = (-1020..1023).map(|k| f64::powi(2.0, k) * 1.37).collect();
    let sketch = sketch_of(&values, 1 << 20);
    for k in 0..=1000 {
        let q = f64::from(k) / 1000.0;
        let (found, right) = (sketch.quantile(q).unwrap(), exact(&values, q));
        assert!(
            (found / right - 1.0).abs() <= 0.01 * (1.0 + ROUNDING),
            "{q}: {found} {right}"
        );
    }
    assert!(sketch.sum().is_finite() && sketch.mean().is_some_and(f64::is_finite));
}

#[test]
fn a_sum_that_overflows_stays_a_number() {
    let sketch = sketch_of(&[1.7e308, 1.7e308], 64);
    assert_eq!((sketch.sum(), sketch.mean()), (f64::MAX, Some(1.7e308)));
}

#[test]
fn beyond_the_bound_the_lowest_collapse_and_the_others_keep_their_promise() {
    // 128 buckets of an error of 0.01 span a factor of 12 at least.
    let values: Vec<f64> = (0..10_000).map(|k| 1.002_f64.powi(k)).collect();
    let sketch = sketch_of(&values, 128);
    let n_collapsed = sketch.n_collapsed();
    assert!(n_collapsed > 5000);
    assert!(sketch.buckets().count() <= 128);
    for k in 0..=1000 {
        let q = f64::from(k) / 1000.0;
        let (found, right) = (sketch.quantile(q).unwrap(), exact(&values, q));
        if q * 10_000.0 > n_collapsed as f64 {
            assert!(
                (found / right - 1.0).abs() <= 0.01 * (1.0 + ROUNDING),
                "{q}"
            );
        } else if q > 0.0 {
            assert!(found >= right * 0.99, "{q}");
        }
    }
}

#[test]
fn clearing_forgets_everything() {
    let mut sketch = sketch_of(&[1e-5, 1e5, 0.0], 64);
    assert!(sketch.n_collapsed() > 0);
    sketch.clear();
    assert_eq!(
        (sketch.n(), sketch.n_collapsed(), sketch.quantile(0.0)),
        (0, 0, None)
    );
    sketch.insert(1e-7);
    assert_eq!(sketch.buckets().count(), 1);
    assert_eq!(sketch.max(), Some(1e-7));
}

fn values() -> impl Strategy<Value = Vec<f64>> {
    let value = prop_oneof![
        4 => 0.01..100.0,
        1 => Just(0.0),
        1 => 1e-300..1e300,
        1 => (-1000.0..1000.0).prop_map(|k: f64| 2f64.powf(k)),
    ];
    prop::collection::vec(value, 0..200)
}

proptest! {
    #[test]
    fn every_quantile_is_within_the_error(values in values(), q in 0.0..=1.0) {
        prop_assume!(!values.is_empty());
        let sketch = sketch_of(&values, 1 << 20);
        let (found, right) = (sketch.quantile(q).unwrap(), exact(&values, q));
        prop_assert!((found - right).abs() <= 0.01 * right * (1.0 + ROUNDING), "{found} {right}");
    }

    #[test]
    fn merged_is_the_whole_in_any_order_and_grouping(
        values in values(),
        cut in 0_usize..200,
        max_buckets in prop::sample::select(vec![64_usize, 128, 2048]),
    ) {
        let cut = cut.min(values.len());
        let (left, right) = values.split_at(cut);
        let whole = sketch_of(&values, max_buckets);
        for (first, second) in [(left, right), (right, left)] {
            let mut merged = sketch_of(first, max_buckets);
            merged.merge(&sketch_of(second, max_buckets)).unwrap();
            let buckets: Vec<_> = merged.buckets().collect();
            prop_assert_eq!(buckets, whole.buckets().collect::<Vec<_>>());
            prop_assert_eq!((merged.n(), merged.min()), (whole.n(), whole.min()));
            prop_assert_eq!(merged.max(), whole.max());
            prop_assert_eq!(merged.n_collapsed() > 0, whole.n_collapsed() > 0);
            let difference = (merged.sum() - whole.sum()).abs();
            prop_assert!(difference <= SUM_RTOL * whole.sum());
            for k in 0..=20 {
                let q = f64::from(k) / 20.0;
                prop_assert_eq!(merged.quantile(q), whole.quantile(q));
            }
        }
    }
}
