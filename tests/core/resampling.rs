//! Permutation p-values and bootstrap intervals.

use driftline::drift::resampling::{
    Bootstrap, BootstrapMethod, Permutation, PermutationResult, Resampled, UnivariateStatistic,
    bootstrap, permutation,
};
use driftline::drift::{Alternative, KS, MeanShift, Univariate, Welch, available, get};
use driftline::error::Error;
use serde_json::Map;

const EXACT: f64 = 1e-12;

fn permuted(
    test: &dyn Univariate,
    baseline: &[f64],
    current: &[f64],
    options: &Permutation,
) -> PermutationResult {
    let statistic = UnivariateStatistic::new(test, baseline.into(), current.into()).unwrap();
    permutation(&statistic, options, &mut || false).unwrap()
}

/// A series of numbers between 0 and 1 without structure.
fn uniform(seed: u64, n: usize) -> Vec<f64> {
    let golden = 0.618_033_988_749_894_9 + seed as f64 * 0.013;
    let wave = |i: usize| ((i + 1) as f64 * golden * 1e3).sin() * 43_758.545_312_3;
    (0..n).map(|i| wave(i).rem_euclid(1.0)).collect()
}

/// Draws 999 permutations.
fn options() -> Permutation {
    Permutation {
        n_permutations: 999,
        ..Permutation::default()
    }
}

#[test]
fn few_ways_are_all_looked_at() {
    // |difference of means| of 2 + 3 values, 10 ways, by hand: the sums of two
    // of 1, 2, 4, 7, 11 are as far from 10 as 3 twice (3, 18).
    let result = permuted(
        &MeanShift::default(),
        &[1.0, 2.0],
        &[4.0, 7.0, 11.0],
        &options(),
    );
    assert!(result.exact);
    assert_eq!((result.n_permutations, result.p_value), (10, 0.2));
    assert_eq!(result.interval, (0.2, 0.2));
    // The exact KS p-value is that of all relabellings.
    for (baseline, current) in [(5, 5), (3, 7), (8, 2)] {
        let (baseline, current) = (uniform(1, baseline), uniform(2, current));
        let exact = KS::default().compare(baseline.as_slice().into(), current.as_slice().into());
        let result = permuted(&KS::default(), &baseline, &current, &options());
        assert!(
            (result.p_value - exact.unwrap().p_value.unwrap()).abs() < EXACT,
            "{result:?}"
        );
    }
}

#[test]
fn the_alternatives_are_scipys() {
    let welch = Welch {
        alternative: Alternative::Greater,
        ..Welch::default()
    };
    let (baseline, current) = ([1.0, 2.5, 3.0, 7.0], [2.0, 4.0, 9.0]);
    let of = |alternative| {
        let options = Permutation {
            alternative,
            ..options()
        };
        permuted(&welch, &baseline, &current, &options).p_value
    };
    // scipy.stats.permutation_test(..., permutation_type="independent") of
    // lambda x, y: ttest_ind(x, y, equal_var=False).statistic.
    assert!((of(Alternative::Greater) - 28.0 / 35.0).abs() < EXACT);
    assert!((of(Alternative::Less) - 8.0 / 35.0).abs() < EXACT);
    assert!((of(Alternative::TwoSided) - 16.0 / 35.0).abs() < EXACT);
}

#[test]
fn random_relabellings_tend_to_all() {
    let (baseline, current) = (uniform(3, 8), uniform(4, 9));
    let shift: Vec<f64> = current.iter().map(|x| x + 0.2).collect();
    let test = Welch::default();
    let all = Permutation {
        n_permutations: 24_310,
        ..options()
    };
    let exact = permuted(&test, &baseline, &shift, &all);
    assert!(exact.exact);
    for seed in 0..20 {
        let some = Permutation {
            n_permutations: 2_000,
            seed,
            ..options()
        };
        let some = permuted(&test, &baseline, &shift, &some);
        assert!(!some.exact && some.n_permutations == 2_000);
        let sd = (exact.p_value * (1.0 - exact.p_value) / 2_000.0).sqrt();
        assert!(
            (some.p_value - exact.p_value).abs() < 4.5 * sd,
            "{some:?} {exact:?}"
        );
        let (low, high) = some.interval;
        assert!(low < some.p_value && some.p_value < high && high - low < 5.0 * sd);
    }
}

#[test]
fn the_order_of_values_and_the_number_of_threads_change_nothing() {
    let (baseline, current) = (uniform(5, 40), uniform(6, 30));
    for name in available() {
        let test = get(name, &Map::new()).unwrap();
        let expected = permuted(test.as_ref(), &baseline, &current, &options());
        let (mut other, mut reversed) = (baseline.clone(), current.clone());
        other.rotate_left(11);
        other.push(f64::NAN);
        reversed.reverse();
        let threads = Permutation {
            threads: 3,
            ..options()
        };
        let got = permuted(test.as_ref(), &other, &reversed, &threads);
        assert_eq!(got, expected, "{name}");
    }
}

#[test]
fn enough_exceedances_end_it() {
    let (baseline, current) = (uniform(7, 50), uniform(8, 60));
    let full = permuted(&KS::default(), &baseline, &current, &options());
    assert!(full.p_value > 0.05);
    for threads in [1, 4] {
        let early = Permutation {
            max_exceedances: Some(20),
            threads,
            ..options()
        };
        let early = permuted(&KS::default(), &baseline, &current, &early);
        assert!(early.n_permutations < 500);
        assert_eq!(early.p_value, 20.0 / early.n_permutations as f64);
        assert!(early.interval.0 < full.p_value && full.p_value < early.interval.1);
    }
    let far: Vec<f64> = current.iter().map(|x| x + 5.0).collect();
    let never = Permutation {
        max_exceedances: Some(20),
        ..options()
    };
    let never = permuted(&KS::default(), &baseline, &far, &never);
    assert_eq!((never.n_permutations, never.p_value), (999, 1e-3));
    assert_eq!(never.interval.0, 0.0);
}

#[test]
fn two_sided_sides_are_counted_apart() {
    let (baseline, current) = (uniform(9, 50), uniform(10, 60));
    let of = |alternative, max_exceedances| {
        let options = Permutation {
            alternative,
            max_exceedances,
            ..options()
        };
        permuted(&MeanShift::default(), &baseline, &current, &options).p_value
    };
    for most in [None, Some(30)] {
        let smaller = of(Alternative::Greater, most).min(of(Alternative::Less, most));
        assert_eq!(of(Alternative::TwoSided, most), (2.0 * smaller).min(1.0));
    }
}

/// An AR(1) series with coefficient 0.9 from normal-like shocks.
fn dependent(seed: u64, n: usize) -> Vec<f64> {
    let shocks = uniform(seed, 12 * (n + 50));
    let mut value = 0.0;
    let all = shocks.chunks_exact(12).map(|twelve| {
        value = 0.9 * value + twelve.iter().sum::<f64>() - 6.0;
        value
    });
    all.skip(50).collect()
}

#[test]
fn blocks_keep_dependence() {
    let alarms = |block_length| {
        let rejected = |seed: &u64| {
            let series = dependent(100 + seed, 400);
            let (baseline, current) = series.split_at(200);
            let options = Permutation {
                n_permutations: 199,
                block_length,
                ..Permutation::default()
            };
            permuted(&MeanShift::default(), baseline, current, &options).p_value <= 0.05
        };
        (0..100).filter(rejected).count()
    };
    let (single, blocks) = (alarms(None), alarms(Some(25)));
    assert!(single > 40, "{single}");
    assert!(blocks < 25, "{blocks}");
}

/// The difference of the means, current minus baseline.
struct Difference {
    baseline: Vec<f64>,
    current: Vec<f64>,
}

fn mean(values: &[f64], counts: &[u32]) -> f64 {
    let total: f64 = values
        .iter()
        .zip(counts)
        .map(|(x, k)| x * f64::from(*k))
        .sum();
    total / f64::from(counts.iter().sum::<u32>())
}

impl Resampled for Difference {
    type Error = Error;

    fn sizes(&self) -> (usize, usize) {
        (self.baseline.len(), self.current.len())
    }

    fn statistic(&self) -> f64 {
        let ones = |n| vec![1; n];
        mean(&self.current, &ones(self.current.len()))
            - mean(&self.baseline, &ones(self.baseline.len()))
    }

    fn resampled(&self, baseline: &[u32], current: &[u32]) -> Result<f64, Error> {
        Ok(mean(&self.current, current) - mean(&self.baseline, baseline))
    }
}

#[test]
fn intervals_of_a_difference_of_means() {
    let statistic = Difference {
        baseline: uniform(11, 60),
        current: uniform(12, 80),
    };
    let moments = |values: &[f64]| driftline::math::moments(values).variance;
    let variance = moments(&statistic.baseline) * 59.0 / 60.0 / 60.0
        + moments(&statistic.current) * 79.0 / 80.0 / 80.0;
    for method in [
        BootstrapMethod::Percentile,
        BootstrapMethod::Basic,
        BootstrapMethod::Bca,
    ] {
        let options = Bootstrap {
            method,
            ..Bootstrap::default()
        };
        let result = bootstrap(&statistic, &options, &mut || false).unwrap();
        let error = result.standard_error / variance.sqrt();
        assert!((error - 1.0).abs() < 0.03, "{result:?}");
        let half = 1.96 * variance.sqrt();
        assert!(
            (result.low - (result.statistic - half)).abs() < 0.1 * half,
            "{result:?}"
        );
        assert!(
            (result.high - (result.statistic + half)).abs() < 0.1 * half,
            "{result:?}"
        );
        let threads = Bootstrap {
            threads: 4,
            ..options
        };
        assert_eq!(
            bootstrap(&statistic, &threads, &mut || false).unwrap(),
            result
        );
    }
}

#[test]
fn bootstraps_of_tests_have_answers() {
    let options = Bootstrap {
        n_resamples: 200,
        ..Bootstrap::default()
    };
    let constant = [0.5; 9];
    let (shift, ks) = (MeanShift::default(), KS::default());
    let statistic = UnivariateStatistic::new(
        &shift,
        constant.as_slice().into(),
        constant.as_slice().into(),
    );
    for method in [BootstrapMethod::Percentile, BootstrapMethod::Bca] {
        let options = Bootstrap {
            method,
            ..options.clone()
        };
        let result = bootstrap(statistic.as_ref().unwrap(), &options, &mut || false).unwrap();
        assert_eq!(
            (result.low, result.high, result.standard_error),
            (0.0, 0.0, 0.0)
        );
    }
    let (baseline, current) = (uniform(13, 50), uniform(14, 40));
    let statistic =
        UnivariateStatistic::new(&ks, baseline.as_slice().into(), current.as_slice().into());
    let result = bootstrap(&statistic.unwrap(), &options, &mut || false).unwrap();
    assert!(0.0 < result.low && result.low < result.high && result.high < 1.0);
}

#[test]
fn options_are_checked_and_work_stops() {
    let (baseline, current) = (uniform(15, 20), uniform(16, 20));
    let test = KS::default();
    let statistic =
        UnivariateStatistic::new(&test, baseline.as_slice().into(), current.as_slice().into())
            .unwrap();
    let refused = |options: &Permutation, told: &str| {
        let error = permutation(&statistic, options, &mut || false)
            .unwrap_err()
            .to_string();
        assert!(error.contains(told), "{error}");
    };
    refused(
        &Permutation {
            n_permutations: 0,
            ..options()
        },
        "n_permutations: got 0",
    );
    refused(
        &Permutation {
            threads: 0,
            ..options()
        },
        "threads: got 0",
    );
    refused(
        &Permutation {
            block_length: Some(0),
            ..options()
        },
        "block_length: got 0",
    );
    refused(
        &Permutation {
            max_exceedances: Some(0),
            ..options()
        },
        "max_exceedances: got 0",
    );
    assert_eq!(
        permutation(&statistic, &options(), &mut || true).unwrap_err(),
        Error::Interrupted
    );
    let refused = |options: &Bootstrap, told: &str| {
        let error = bootstrap(&statistic, options, &mut || false)
            .unwrap_err()
            .to_string();
        assert!(error.contains(told), "{error}");
    };
    let options = Bootstrap::default();
    refused(
        &Bootstrap {
            n_resamples: 1,
            ..options.clone()
        },
        "n_resamples: got 1",
    );
    refused(
        &Bootstrap {
            confidence_level: 1.0,
            ..options.clone()
        },
        "confidence_level: got 1",
    );
    assert_eq!(
        bootstrap(&statistic, &options, &mut || true).unwrap_err(),
        Error::Interrupted
    );
}
