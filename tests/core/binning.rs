//! Bins: the rules of the baseline, and every way of counting against a search.

use driftline::drift::{Binning, Bins, JensenShannon, PSI, Univariate};
use ndarray::{Array1, s};
use proptest::prelude::*;

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_unstable_by(f64::total_cmp);
    values
}

/// Counts by definition: a bin holds what has reached as many edges.
fn by_definition(edges: &[f64], values: &[f64]) -> (Vec<u64>, u64) {
    let mut counts = vec![0; edges.len() + 1];
    let mut missing = 0;
    for x in values {
        if x.is_nan() {
            missing += 1;
        } else {
            counts[edges.iter().filter(|edge| *x >= **edge).count()] += 1;
        }
    }
    (counts, missing)
}

fn check(bins: &Bins, values: &[f64]) {
    let mut counts = vec![0; bins.len()];
    let missing = bins.count(values.into(), &mut counts);
    assert_eq!((counts, missing), by_definition(bins.edges(), values));
}

/// What edges and values are made of: offsets, tails, ties, the ends of `f64`.
fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => -3.0..3.0f64,
        2 => (-3.0..3.0f64).prop_map(|x| 1e9 + x),
        2 => (-700.0..700.0f64).prop_map(f64::exp),
        2 => (-700.0..700.0f64).prop_map(|x| -x.exp()),
        2 => (0..5i32).prop_map(f64::from),
        1 => prop::sample::select(vec![
            f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, 0.0, 5e-324, -5e-324,
            f64::MAX, f64::MIN, f64::MIN_POSITIVE,
        ]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn counting_is_searching(
        baseline in prop::collection::vec(value(), 1..400),
        values in prop::collection::vec(value(), 0..600),
        bins in prop_oneof![2..20usize, 20..600usize],
        binning in prop::sample::select(vec![
            Binning::Quantile, Binning::Uniform, Binning::Distinct, Binning::Sturges, Binning::Doane,
        ]),
    ) {
        let baseline: Vec<f64> = baseline.into_iter().filter(|x| !x.is_nan()).collect();
        prop_assume!(!baseline.is_empty());
        let baseline = sorted(baseline);
        let bins = Bins::of_baseline(&baseline, binning, bins);
        prop_assert!(bins.edges().is_sorted_by(|a, b| a < b), "{:?}", bins.edges());
        check(&bins, &values);
        check(&bins, &baseline);
        check(&bins, bins.edges());
    }

    #[test]
    fn samples_of_one_kind_find_their_table(
        kind in 0..4usize,
        seeds in prop::collection::vec(0.0..1.0f64, 100..2000),
        bins in 13..700usize,
    ) {
        let shape = |u: &f64| match kind {
            0 => *u,
            1 => 1e9 + u,
            2 => (std::f64::consts::PI * (u - 0.5)).tan(),
            _ => (20.0 * (u - 0.5)).exp(),
        };
        let values: Vec<f64> = seeds.iter().map(shape).collect();
        let bins = Bins::of_baseline(&sorted(values.clone()), Binning::Quantile, bins);
        check(&bins, &values);
    }
}

#[test]
fn strided_views_and_long_samples_are_counted_alike() {
    let values: Array1<f64> = (0..10_007).map(|k| f64::from(k * 7919 % 10_007)).collect();
    let view = values.slice(s![..;3]);
    for edges in [5, 50, 5000] {
        let bins = Bins::of_baseline(
            &(0..10_007).map(f64::from).collect::<Vec<_>>(),
            Binning::Uniform,
            edges,
        );
        let mut strided = vec![0; bins.len()];
        bins.count(view, &mut strided);
        let mut whole = vec![0; bins.len()];
        bins.count(view.to_owned().view(), &mut whole);
        assert_eq!(strided, whole);
        check(&bins, values.as_slice().unwrap());
    }
}

#[test]
fn levels_have_bins_of_their_own() {
    let baseline = sorted([vec![0.0; 5], vec![1.0; 4], vec![3.0; 6]].concat());
    for binning in [Binning::Quantile, Binning::Uniform, Binning::Sturges] {
        let bins = Bins::of_baseline(&baseline, binning, 10);
        assert!(bins.are_levels());
        let mut counts = vec![0; bins.len()];
        let values = [-1.0, -0.0, 0.5, 1.0, 2.0, 2.5, 3.0, 4.0];
        bins.count(values.as_slice().into(), &mut counts);
        assert_eq!(counts, [1, 1, 1, 1, 2, 1, 1]);
    }
    // As many different values as there are: a small sample of a continuum.
    assert!(!Bins::of_baseline(&[1.0, 2.0, 3.0], Binning::Quantile, 10).are_levels());
    assert!(Bins::of_baseline(&[1.0, 2.0, 3.0], Binning::Distinct, 10).are_levels());
}

#[test]
fn numbers_of_bins_are_those_of_numpy() {
    // len(numpy.histogram_bin_edges(x, rule)) - 1 of x = k^2 / 7, k = 0 .. n - 1.
    for (n, doane, sturges) in [(5, 5, 4), (16, 7, 5), (100, 10, 8), (1000, 15, 11)] {
        let baseline: Vec<f64> = (0..n).map(|k| f64::from(k * k) / 7.0).collect();
        for (binning, expected) in [(Binning::Doane, doane), (Binning::Sturges, sturges)] {
            let bins = Bins::of_baseline(&baseline, binning, 2);
            assert_eq!(bins.len(), expected, "{binning:?} {n}");
        }
    }
}

#[test]
fn an_empty_set_of_edges_is_one_bin() {
    let bins = Bins::of_baseline(&[], Binning::Quantile, 10);
    assert_eq!(bins.len(), 1);
    check(&bins, &[1.0, f64::NAN]);
    let constant = Bins::of_baseline(&[f64::INFINITY; 3], Binning::Uniform, 10);
    check(&constant, &[f64::INFINITY, 1.0, f64::NEG_INFINITY]);
}

#[test]
fn unseen_levels_are_together_or_apart() {
    // Two unseen values in one gap: one category for PSI, two for others.
    let baseline = [0.0, 0.0, 3.0, 3.0];
    let (one, two) = ([1.0, 1.0, 3.0], [1.0, 2.0, 3.0]);
    let compare = |test: &dyn Univariate, current: &[f64]| {
        let result = test.compare(baseline.as_slice().into(), current.into());
        result.unwrap().statistic
    };
    let psi = PSI::default();
    assert_eq!(compare(&psi, &one), compare(&psi, &two));
    let js = JensenShannon::default();
    assert_eq!(compare(&js, &one), compare(&js, &two));
    let largest = driftline::drift::LInfinity::default();
    assert!(compare(&largest, &one) > compare(&largest, &two));
}
