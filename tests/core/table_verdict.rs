//! Verdicts on columns: published and independently computed figures, and simulation.

use driftline::drift::{Adjustment, adjust, adjust_weighted, share_moved};
use driftline::table::verdict::{
    Correction, Evidence, Family, Judgement, Moved, Options, Reason, Unseen, Verdict, What, judge,
    pooled, power, rows_for_power,
};
use proptest::prelude::*;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use serde_json::Value;

use crate::golden::{cases, relative_error};

/// Roots found to 1e-15, of functions that are flat near them.
const END_ATOL: f64 = 1e-9;
/// Of p-values found by halving.
const P_RTOL: f64 = 1e-12;

fn numbers(value: &Value) -> Vec<f64> {
    let values = value.as_array().unwrap().iter();
    values.map(|x| x.as_f64().unwrap()).collect()
}

fn counts(value: &Value) -> Vec<u64> {
    let values = value.as_array().unwrap().iter();
    values.map(|x| x.as_u64().unwrap()).collect()
}

fn number(case: &Value, name: &str) -> f64 {
    case[name].as_f64().unwrap()
}

fn column(moved: Moved) -> Evidence {
    Evidence {
        moved: vec![(What::Values, moved)],
        missing: (0, 1_000, 0, 1_000),
        unseen: None,
        log_p_value: None,
        weight: 1.0,
    }
}

fn distance(distance: f64, rows: u64) -> Evidence {
    column(Moved::Numbers {
        distance,
        n: rows,
        m: rows,
    })
}

fn alone(alpha: f64, min_effect: f64) -> Options {
    Options {
        alpha,
        min_effect,
        correction: Correction::None,
    }
}

fn one(evidence: &Evidence, options: &Options) -> Judgement {
    let family = judge(std::slice::from_ref(evidence), options).unwrap();
    family.judgements.into_iter().next().unwrap()
}

fn assert_close(got: f64, expected: f64, of: &Value) {
    assert!(
        (got - expected).abs() <= END_ATOL,
        "{got} instead of {expected}: {of}"
    );
}

#[test]
fn missing_rates_have_newcombes_interval() {
    for case in cases("table_verdict.json", "missing") {
        let of = counts(&case["missing"]);
        let mut evidence = column(Moved::Nothing);
        evidence.missing = (of[0], of[1], of[2], of[3]);
        let missing = one(&evidence, &alone(number(&case, "alpha"), 0.05)).missing;
        assert_close(missing.low, number(&case, "low"), &case);
        assert_close(missing.high, number(&case, "high"), &case);
    }
}

#[test]
fn unseen_rows_have_the_interval_of_good_turing_and_esty() {
    for case in cases("table_verdict.json", "unseen") {
        let of = counts(&case["unseen"]);
        let mut evidence = column(Moved::Nothing);
        evidence.unseen = Some(Unseen {
            rows: of[0],
            n_current: of[1],
            singletons: of[2],
            doubletons: of[3],
            n_baseline: of[4],
        });
        let unseen = one(&evidence, &alone(number(&case, "alpha"), 0.05));
        let unseen = unseen.unseen.unwrap();
        assert_close(unseen.low, number(&case, "low"), &case);
        assert_close(unseen.high, number(&case, "high"), &case);
    }
}

#[test]
fn shares_have_their_interval() {
    for case in cases("table_verdict.json", "shares") {
        let evidence = column(Moved::Counts {
            baseline: counts(&case["baseline"]),
            current: counts(&case["current"]),
        });
        let options = alone(number(&case, "alpha"), number(&case, "min_effect"));
        let judgement = one(&evidence, &options);
        assert_close(judgement.effect.value, number(&case, "value"), &case);
        assert_close(judgement.effect.low, number(&case, "low"), &case);
        assert_close(judgement.effect.high, number(&case, "high"), &case);
        assert_close(judgement.pooled, number(&case, "pooled"), &case);
    }
}

#[test]
fn numbers_have_the_interval_of_their_effect() {
    let judgement = one(
        &column(Moved::Numbers {
            distance: 0.2,
            n: 300,
            m: 500,
        }),
        &alone(0.01, 0.05),
    );
    let expected = share_moved(0.2, 300, 500, 0.99).unwrap();
    assert_eq!(judgement.effect.low, expected.low);
    // scipy.stats.norm.isf(0.005) * sqrt(1 / 300 + 1 / 500) / 2 above.
    let high = 0.2 + 2.575_829_303_548_901 * (8.0f64 / 1_500.0).sqrt() / 2.0;
    assert!((judgement.effect.high - high).abs() < 1e-14);
    assert_eq!(judgement.effect.level, 0.99);
}

#[test]
fn weighted_corrections_are_those_of_their_rules() {
    for case in cases("table_verdict.json", "weighted") {
        let (p_values, weights) = (numbers(&case["p_values"]), numbers(&case["weights"]));
        for name in Adjustment::NAMES {
            let method = Adjustment::from_name(name).unwrap();
            let adjusted = adjust_weighted(&p_values, &weights, method).unwrap();
            for (got, expected) in adjusted.iter().zip(numbers(&case["expected"][name])) {
                assert!(
                    relative_error(*got, expected) <= P_RTOL,
                    "{name}: {got} instead of {expected}: {case}"
                );
            }
        }
    }
}

#[test]
fn power_is_that_of_its_formula() {
    for case in cases("table_verdict.json", "power") {
        let of = |name: &str| case[name].as_u64().unwrap();
        let options = Options {
            alpha: number(&case, "alpha"),
            min_effect: number(&case, "min_effect"),
            correction: Correction::Bh,
        };
        let moved = number(&case, "share_moved");
        let got = power(of("n"), of("m"), moved, &options, of("columns") as usize).unwrap();
        assert!(
            relative_error(got, number(&case, "expected")) < 1e-9,
            "{got} {case}"
        );
    }
    let options = Options::default();
    assert_eq!(rows_for_power(0.9, 0.05, &options, 1).unwrap(), None);
    assert_eq!(power(9, 9, 1.0, &options, 1).unwrap(), 1.0);
    assert_eq!(power(2, 2, 1.0, &options, 1).unwrap(), 0.0);
    for (n, share, columns) in [(0, 0.2, 1), (1, 1.2, 1), (1, f64::NAN, 1), (1, 0.2, 0)] {
        assert!(power(n, 1, share, &options, columns).is_err());
    }
    assert!(rows_for_power(1.0, 0.2, &options, 1).is_err());
}

/// Three of ten columns drift: by hand, the level of Benjamini and Yekutieli is 1 - alpha
/// 3/10, that of Holm's last step 1 - alpha/8, Bonferroni's 1 - alpha/10.
#[test]
fn levels_are_those_of_the_corrections() {
    let drifts = [0.2, 0.3, 0.4];
    let none = [0.08, 0.07, 0.01, 0.07, 0.075, 0.02, 0.08];
    let columns: Vec<Evidence> = drifts
        .iter()
        .chain(&none)
        .map(|&by| distance(by, 1_000))
        .collect();
    let harmonic: f64 = (1..=10).map(|i| 1.0 / f64::from(i)).sum();
    for (correction, share) in [
        (Correction::Bh, 0.3),
        (Correction::By, 0.3 / harmonic),
        (Correction::Holm, 1.0 / 8.0),
        (Correction::Hochberg, 1.0 / 8.0),
        (Correction::Bonferroni, 0.1),
        (Correction::None, 1.0),
    ] {
        let options = Options {
            correction,
            ..Options::default()
        };
        let family = judge(&columns, &options).unwrap();
        for drifted in &family.judgements[..3] {
            assert_eq!(drifted.verdict, Verdict::Drifted);
            assert!((drifted.effect.level - (1.0 - 0.05 * share)).abs() < 1e-12);
            assert_eq!(drifted.reasons, [Reason::Values]);
            assert_eq!(drifted.rows_needed, None);
        }
        for other in &family.judgements[3..] {
            assert_eq!(other.verdict, Verdict::Inconclusive);
            assert!(other.effect.low <= 0.05 && other.effect.high >= 0.05);
            assert!(other.reasons.is_empty());
        }
        let share = family.share_drifted;
        assert_eq!((share.value, share.low, share.high), (0.3, 0.3, 1.0));
        assert_eq!(share.level, 0.95);
    }
}

#[test]
fn the_looks_at_one_column_share_its_alpha() {
    let mut times = distance(0.01, 10_000);
    let even = || Moved::Counts {
        baseline: vec![5_000, 5_000],
        current: vec![5_000, 5_000],
    };
    times.moved.push((What::Hour, even()));
    times.moved.push((
        What::Weekday,
        Moved::Counts {
            baseline: vec![5_000, 5_000],
            current: vec![7_000, 3_000],
        },
    ));
    times.missing = (10, 10_010, 10, 10_010);
    let judgement = one(&times, &alone(0.05, 0.05));
    assert_eq!(judgement.reasons, [Reason::Weekday]);
    assert_eq!(judgement.parts.len(), 3);
    for part in judgement.parts.iter().chain([&judgement.missing]) {
        assert!((part.level - (1.0 - 0.05 / 4.0)).abs() < 1e-12);
    }
    assert_eq!(judgement.effect, judgement.parts[2]);
}

#[test]
fn missing_values_alone_are_drift() {
    let mut evidence = distance(0.0, 10_000);
    evidence.missing = (0, 10_000, 2_000, 12_000);
    let judgement = one(&evidence, &Options::default());
    assert_eq!(judgement.reasons, [Reason::Missing]);
    assert!((judgement.missing.value - 1.0 / 6.0).abs() < 1e-15);
    assert!(judgement.missing_p_value.unwrap() < 1e-100);
    // Fewer are drift too.
    evidence.missing = (2_000, 12_000, 0, 10_000);
    assert_eq!(
        one(&evidence, &Options::default()).reasons,
        [Reason::Missing]
    );
    // A column that went missing altogether, and one that always was.
    let mut gone = column(Moved::Nothing);
    gone.missing = (100, 1_000, 1_000, 1_000);
    let judgement = one(&gone, &Options::default());
    assert_eq!(judgement.reasons, [Reason::Missing]);
    assert_eq!((judgement.effect.low, judgement.effect.high), (0.0, 1.0));
    gone.missing = (1_000, 1_000, 1_000, 1_000);
    assert_eq!(one(&gone, &Options::default()).verdict, Verdict::Stable);
}

#[test]
fn one_unseen_category_is_no_catastrophe() {
    let evidence = |rows, shares: Vec<u64>| Evidence {
        unseen: Some(Unseen {
            rows,
            n_current: 1_000,
            singletons: 0,
            doubletons: 0,
            n_baseline: 10_000,
        }),
        ..column(Moved::Counts {
            baseline: vec![6_000, 4_000, 0],
            current: shares,
        })
    };
    let judgement = one(&evidence(1, vec![600, 399, 1]), &Options::default());
    assert_eq!(judgement.verdict, Verdict::Stable, "{judgement:?}");
    let unseen = judgement.unseen.unwrap();
    assert!(unseen.low < unseen.value && (unseen.value - 0.001).abs() < 1e-15);
    let judgement = one(&evidence(200, vec![500, 300, 200]), &Options::default());
    assert_eq!(judgement.reasons, [Reason::Values, Reason::Unseen]);
    assert!(judgement.unseen.unwrap().low > 0.15);
}

#[test]
fn rare_categories_are_judged_as_one() {
    // Ten thousand categories of five rows on each side; all different; the same ones.
    let many = column(Moved::Counts {
        baseline: vec![5; 10_000],
        current: vec![5; 10_000],
    });
    assert_ne!(one(&many, &Options::default()).verdict, Verdict::Drifted);
    let n = 1_000;
    let mut unique = column(Moved::Counts {
        baseline: [vec![1; n], vec![0; n]].concat(),
        current: [vec![0; n], vec![1; n]].concat(),
    });
    unique.unseen = Some(Unseen {
        rows: n as u64,
        n_current: n as u64,
        singletons: n as u64,
        doubletons: 0,
        n_baseline: n as u64,
    });
    let judgement = one(&unique, &Options::default());
    assert_eq!(judgement.verdict, Verdict::Inconclusive, "{judgement:?}");
    assert_eq!((judgement.pooled, judgement.effect.value), (1.0, 0.0));
    assert_eq!((judgement.effect.high, judgement.rows_needed), (1.0, None));
    // Half of the categories gone, all of them rare: seen though they are pooled.
    let thinned = column(Moved::Counts {
        baseline: vec![3; 4_000],
        current: [6, 0].repeat(2_000),
    });
    let judgement = one(&thinned, &Options::default());
    assert_eq!(judgement.verdict, Verdict::Drifted, "{judgement:?}");
    // Pooling takes neither side, keeps totals, and leaves one rare category alone.
    assert_eq!(
        pooled(&[1, 90, 2, 0], &[3, 80, 1, 0]),
        (vec![90, 3], vec![80, 4])
    );
    assert_eq!(pooled(&[1, 90], &[3, 80]), (vec![1, 90], vec![3, 80]));
}

#[test]
fn rows_needed_are_enough_and_not_far_too_many() {
    let verdict_at = |rows: f64, by: f64| one(&distance(by, rows as u64), &Options::default());
    for by in [0.0, 0.03, 0.06, 0.2] {
        let needed = verdict_at(50.0, by).rows_needed.unwrap() as f64;
        assert_ne!(verdict_at(needed, by).verdict, Verdict::Inconclusive);
        assert_eq!(verdict_at(0.99 * needed, by).verdict, Verdict::Inconclusive);
    }
    assert_eq!(verdict_at(1e4, 0.0504).rows_needed, None);
    assert!(verdict_at(1e4, 0.0506).rows_needed.is_some());
    // Of missing values too; of two looks below, the slower one.
    let mut evidence = distance(0.0, 100);
    evidence.missing = (4, 104, 1, 101);
    let both = one(&evidence, &Options::default()).rows_needed.unwrap();
    evidence.moved = vec![(What::Values, Moved::Nothing)];
    let missing = one(&evidence, &Options::default()).rows_needed.unwrap();
    assert!(both >= missing && missing > 100, "{both} {missing}");
    // Labels: what chance moves is no estimate of what moved.
    let labels = column(Moved::Counts {
        baseline: vec![28, 12],
        current: vec![27, 13],
    });
    let rows = one(&labels, &Options::default()).rows_needed.unwrap();
    assert!((100..20_000).contains(&rows), "{rows}");
}

#[test]
fn without_a_minimum_the_p_value_decides() {
    let with = |p: Option<f64>, missing| Evidence {
        log_p_value: p.map(f64::ln),
        missing,
        ..distance(0.01, 1_000)
    };
    let none = (0, 1_000, 0, 1_000);
    let options = Options {
        min_effect: 0.0,
        ..Options::default()
    };
    let columns = [
        with(Some(0.001), none),
        with(Some(0.04), none),
        with(Some(0.9), (0, 1_000, 100, 1_000)),
        with(None, none),
        with(None, (0, 1_000, 100, 1_000)),
        with(Some(0.3), (1, 1_000, 1, 1_000)),
    ];
    let Family {
        judgements,
        share_drifted,
    } = judge(&columns, &options).unwrap();
    let verdicts: Vec<_> = judgements.iter().map(|own| own.verdict).collect();
    let (drifted, stable) = (Verdict::Drifted, Verdict::Stable);
    assert_eq!(
        verdicts,
        [
            drifted,
            stable,
            drifted,
            Verdict::Inconclusive,
            drifted,
            stable
        ]
    );
    assert_eq!(judgements[0].reasons, [Reason::PValue]);
    assert_eq!(judgements[2].reasons, [Reason::Missing]);
    assert_eq!(judgements[3].p_adjusted, None);
    // Five have a p-value: 5/4 of 0.04; of both looks twice the smaller, 0.6.
    assert!(relative_error(judgements[1].p_adjusted.unwrap(), 0.05) < P_RTOL);
    assert!(relative_error(judgements[5].p_adjusted.unwrap(), 0.6) < P_RTOL);
    assert_eq!((share_drifted.value, share_drifted.high), (0.5, 1.0));
    assert_eq!(share_drifted.low, 0.5);
    // Otherwise it is the test's alone, and decides nothing.
    let judgements = judge(&columns, &Options::default()).unwrap().judgements;
    assert!(relative_error(judgements[1].p_adjusted.unwrap(), 0.08) < P_RTOL);
    assert!(relative_error(judgements[5].p_adjusted.unwrap(), 0.4) < P_RTOL);
}

#[test]
fn weights_move_alpha_to_what_matters() {
    let mut columns = [distance(0.11, 1_000), distance(0.11, 1_000)];
    columns[0].weight = 19.0;
    let family = judge(
        &columns,
        &Options {
            alpha: 0.3,
            ..Options::default()
        },
    )
    .unwrap();
    assert_eq!(family.judgements[0].verdict, Verdict::Drifted);
    assert_eq!(family.judgements[1].verdict, Verdict::Inconclusive);
    assert!((family.share_drifted.value - 0.95).abs() < 1e-12);
    let levels: Vec<_> = family
        .judgements
        .iter()
        .map(|own| own.effect.level)
        .collect();
    assert!(levels[1] > levels[0] && levels[0] < 1.0);
    // Nothing is ever said of a column of no weight.
    columns[1].weight = 0.0;
    let family = judge(&columns, &Options::default()).unwrap();
    let effect = family.judgements[1].effect;
    assert_eq!((effect.low, effect.high, effect.level), (0.0, 1.0, 1.0));
    assert_eq!(family.judgements[1].rows_needed, None);
    for wrong in [-1.0, f64::NAN, f64::INFINITY] {
        columns[1].weight = wrong;
        let error = judge(&columns, &Options::default())
            .unwrap_err()
            .to_string();
        assert!(error.contains("weights"), "{error}");
    }
}

#[test]
fn options_and_evidence_are_checked() {
    for (alpha, min_effect, argument) in [
        (0.0, 0.05, "alpha"),
        (1.0, 0.05, "alpha"),
        (f64::NAN, 0.05, "alpha"),
        (0.05, 1.0, "min_effect"),
        (0.05, -0.1, "min_effect"),
        (0.05, f64::NAN, "min_effect"),
    ] {
        let error = judge(&[], &alone(alpha, min_effect))
            .unwrap_err()
            .to_string();
        assert!(error.contains(argument), "{error}");
    }
    let family = judge(&[], &Options::default()).unwrap();
    let share = family.share_drifted;
    assert_eq!((share.value, share.low, share.high), (0.0, 0.0, 1.0));
    let uneven = column(Moved::Counts {
        baseline: vec![1],
        current: vec![1, 2],
    });
    assert!(judge(&[uneven], &Options::default()).is_err());
    assert!(judge(&[distance(f64::NAN, 10)], &Options::default()).is_err());
    let empty = column(Moved::Counts {
        baseline: vec![0],
        current: vec![3],
    });
    let judgement = one(&empty, &Options::default());
    assert_eq!(judgement.verdict, Verdict::Inconclusive);
    assert_eq!((judgement.effect.low, judgement.effect.high), (0.0, 1.0));
    let error = Correction::from_name("bonferoni").unwrap_err().to_string();
    assert!(
        error.contains("correction") && error.contains("did you mean \"bonferroni\""),
        "{error}"
    );
    for name in Correction::NAMES {
        assert_eq!(Correction::from_name(name).unwrap().name(), name);
    }
    assert_eq!(
        Correction::from_name("benjamini_yekutieli").unwrap(),
        Correction::By
    );
}

/// Random rows of a seed.
struct Draws(Xoshiro256PlusPlus);

impl Draws {
    fn new(seed: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    fn binomial(&mut self, n: u64, p: f64) -> u64 {
        (0..n).filter(|_| self.uniform() < p).count() as u64
    }

    /// Rows by category, from the shares.
    fn counts(&mut self, n: u64, shares: &[f64]) -> Vec<u64> {
        let ends: Vec<f64> = shares
            .iter()
            .scan(0.0, |sum, share| {
                *sum += share;
                Some(*sum)
            })
            .collect();
        let mut counts = vec![0; shares.len()];
        for _ in 0..n {
            let at = self.uniform() * ends.last().unwrap();
            counts[ends.partition_point(|end| *end <= at).min(shares.len() - 1)] += 1;
        }
        counts
    }

    /// The distance of uniform rows and of others that are all higher by `moved`.
    fn distance(&mut self, n: u64, m: u64, moved: f64) -> f64 {
        let baseline: Vec<f64> = (0..n).map(|_| self.uniform()).collect();
        let current: Vec<f64> = (0..m).map(|_| self.uniform() + moved).collect();
        between(baseline, current)
    }

    /// The distance of uniform rows and of others, of which those below `moved` went to 1
    /// and above.
    fn distance_far(&mut self, n: u64, m: u64, moved: f64) -> f64 {
        let baseline: Vec<f64> = (0..n).map(|_| self.uniform()).collect();
        let mut far = || match self.uniform() {
            x if x < moved => 1.0 + x,
            x => x,
        };
        between(baseline, (0..m).map(|_| far()).collect())
    }
}

/// The Kolmogorov-Smirnov distance.
fn between(mut baseline: Vec<f64>, mut current: Vec<f64>) -> f64 {
    baseline.sort_unstable_by(f64::total_cmp);
    current.sort_unstable_by(f64::total_cmp);
    let both = baseline.iter().chain(&current);
    let below = |values: &[f64], x: f64| {
        values.partition_point(|value| *value <= x) as f64 / values.len() as f64
    };
    both.map(|&x| (below(&baseline, x) - below(&current, x)).abs())
        .fold(0.0, f64::max)
}

/// So many of `of` have a probability below 1e-4 to happen by chance at `rate`.
fn too_many(of: usize, rate: f64) -> usize {
    let mean = of as f64 * rate;
    (mean + 3.72 * mean.sqrt() + 4.0).ceil() as usize
}

fn labels(baseline: Vec<u64>, current: Vec<u64>) -> Evidence {
    let of = |times: u64| baseline.iter().filter(|&&count| count == times).count() as u64;
    let (n, m): (u64, u64) = (baseline.iter().sum(), current.iter().sum());
    let unseen = baseline.iter().zip(&current).filter(|(b, _)| **b == 0);
    Evidence {
        unseen: Some(Unseen {
            rows: unseen.map(|(_, c)| c).sum(),
            n_current: m,
            singletons: of(1),
            doubletons: of(2),
            n_baseline: n,
        }),
        ..column(Moved::Counts { baseline, current })
    }
}

fn zipf(categories: u64) -> Vec<f64> {
    (1..=categories).map(|rank| 1.0 / rank as f64).collect()
}

/// Nothing moved, and all that did would be drift: the hardest there is.
#[test]
fn labels_that_did_not_move_are_rarely_drifted() {
    let mut draws = Draws::new(1);
    for (n, m) in [(40, 60), (400, 400), (2_000, 300), (300, 2_000)] {
        for categories in [1, 2, 10, n / 5, n, 4 * n] {
            for shares in [vec![1.0; categories as usize], zipf(categories)] {
                let families = 25;
                let options = Options {
                    min_effect: 1e-9,
                    ..Options::default()
                };
                let drifted = (0..families)
                    .filter(|_| {
                        let of = |_| labels(draws.counts(n, &shares), draws.counts(m, &shares));
                        let columns: Vec<Evidence> = (0..3).map(of).collect();
                        judge(&columns, &options).unwrap().share_drifted.value > 0.0
                    })
                    .count();
                assert!(
                    drifted < too_many(families, options.alpha),
                    "{drifted} of {families}: {n} {m} {categories}"
                );
            }
        }
    }
}

/// Uniform values that shifted, and values of which some went from the far left to the far
/// right, so that the distance is as large at every value between.
#[test]
fn intervals_of_distances_hold_the_truth() {
    let mut draws = Draws::new(6);
    for (n, m) in [(60, 60), (150, 80)] {
        for moved in [0.0, 0.1, 0.2, 0.5, 0.9] {
            for far in [false, true] {
                let looks = 250;
                let misses = (0..looks)
                    .filter(|_| {
                        let distance = if far {
                            draws.distance_far(n, m, moved)
                        } else {
                            draws.distance(n, m, moved)
                        };
                        let evidence = column(Moved::Numbers { distance, n, m });
                        let effect = one(&evidence, &alone(0.05, 0.05)).effect;
                        effect.low > moved || effect.high < moved
                    })
                    .count();
                assert!(
                    misses < too_many(looks, 0.05),
                    "{misses}: {n} {m} {moved} {far}"
                );
            }
        }
    }
}

/// Exactly `min_effect` of the rows moved, or are missing in addition.
#[test]
fn at_the_border_drifted_and_stable_are_rare() {
    let mut draws = Draws::new(2);
    let (n, m) = (1_500, 1_000);
    for rate in [0.0, 0.02, 0.2, 0.45] {
        let families = 60;
        let (mut drifted, mut stable) = (0, 0);
        for _ in 0..families {
            let columns: Vec<Evidence> = (0..4)
                .map(|number| {
                    let mut evidence = if number % 2 == 0 {
                        let distance = draws.distance(300, 200, 0.05);
                        column(Moved::Numbers {
                            distance,
                            n: 300,
                            m: 200,
                        })
                    } else {
                        labels(
                            draws.counts(n, &[0.3, 0.3, 0.2, 0.2]),
                            draws.counts(m, &[0.35, 0.3, 0.15, 0.2]),
                        )
                    };
                    let missing = draws.binomial(n, rate);
                    evidence.missing = (missing, n, draws.binomial(m, rate + 0.05), m);
                    evidence
                })
                .collect();
            let judgements = judge(&columns, &Options::default()).unwrap().judgements;
            let any = |verdict| judgements.iter().any(|own| own.verdict == verdict);
            drifted += usize::from(any(Verdict::Drifted));
            stable += usize::from(any(Verdict::Stable));
        }
        let most = too_many(families, 0.05);
        assert!(
            drifted < most && stable < most,
            "{drifted} {stable} at {rate}"
        );
    }
}

#[test]
fn intervals_of_missing_rates_hold_the_truth() {
    let mut draws = Draws::new(3);
    for (n, m, p, q) in [
        (30, 30, 0.1, 0.1),
        (200, 100, 0.0, 0.03),
        (100, 300, 0.5, 0.3),
        (500, 500, 0.02, 0.07),
    ] {
        let looks = 400;
        let misses = (0..looks)
            .filter(|_| {
                let mut evidence = column(Moved::Nothing);
                evidence.missing = (draws.binomial(n, p), n, draws.binomial(m, q), m);
                let missing = one(&evidence, &alone(0.05, 0.05)).missing;
                missing.low > q - p || missing.high < q - p
            })
            .count();
        // Newcombe, 1998: such intervals miss in 4 to 7 of 100.
        assert!(misses < too_many(looks, 0.06), "{misses}: {n} {m} {p} {q}");
    }
}

#[test]
fn intervals_of_unseen_rows_hold_the_truth() {
    let mut draws = Draws::new(4);
    for (categories, n, m, new) in [
        (10, 200, 200, 0.0),
        (100, 300, 300, 0.1),
        (2_000, 500, 200, 0.0),
        (2_000, 500, 400, 0.2),
        (50_000, 300, 300, 0.1),
    ] {
        let looks = 250;
        for shares in [vec![1.0; categories], zipf(categories as u64)] {
            let total: f64 = shares.iter().sum();
            let mut misses = 0;
            for _ in 0..looks {
                let baseline = draws.counts(n, &shares);
                let hidden = shares.iter().zip(&baseline).filter(|(_, b)| **b == 0);
                let hidden: f64 = hidden.map(|(share, _)| share / total).sum();
                // `new` of the rows are of none of the old categories.
                let unseen = draws.binomial(m, new + (1.0 - new) * hidden);
                let of = |times| baseline.iter().filter(|&&count| count == times).count() as u64;
                let mut evidence = column(Moved::Nothing);
                evidence.unseen = Some(Unseen {
                    rows: unseen,
                    n_current: m,
                    singletons: of(1),
                    doubletons: of(2),
                    n_baseline: n,
                });
                let truth = new * (1.0 - hidden);
                let interval = one(&evidence, &alone(0.05, 0.05)).unseen.unwrap();
                misses += usize::from(interval.low > truth || interval.high < truth);
            }
            assert!(
                misses < too_many(looks, 0.06),
                "{misses}: {categories} {n} {m} {new}"
            );
        }
    }
}

/// At least as often as computed beforehand; most of those that were moved are found.
#[test]
fn planted_shifts_are_found_as_often_as_computed() {
    let mut draws = Draws::new(5);
    for (n, m, moved, columns) in [
        (400, 400, 0.2, 1),
        (400, 400, 0.25, 20),
        (1_000, 300, 0.2, 5),
        (800, 800, 0.18, 10),
    ] {
        let options = Options::default();
        let looks = 150;
        let found = (0..looks)
            .filter(|_| {
                let others = (1..columns).map(|_| distance(0.05, 100));
                let planted = column(Moved::Numbers {
                    distance: draws.distance(n, m, moved),
                    n,
                    m,
                });
                let all: Vec<Evidence> = [planted].into_iter().chain(others).collect();
                let first = judge(&all, &options).unwrap().judgements.swap_remove(0);
                first.verdict == Verdict::Drifted
            })
            .count();
        let chance = power(n, m, moved, &options, columns).unwrap();
        let expected = chance * looks as f64;
        let error = (expected * (1.0 - chance)).sqrt();
        assert!(
            found as f64 >= expected - 3.3 * error - 1.0,
            "{found} instead of {expected}: {n} {m} {moved}"
        );
        assert!(chance > 0.2, "{chance}");
    }
}

proptest! {
    /// Interval and verdict say the same; the order of columns changes nothing.
    #[test]
    fn intervals_say_what_verdicts_say(
        columns in prop::collection::vec(
            (0.0..0.3f64, 5u64..5_000, 0u64..50, 0u64..200, prop::collection::vec((0u64..90, 0u64..90), 1..12)),
            1..8,
        ),
        correction in prop::sample::select(&Correction::NAMES[..]),
        weights in prop::bool::ANY,
    ) {
        let options = Options {
            alpha: 0.1,
            correction: Correction::from_name(correction).unwrap(),
            ..Options::default()
        };
        let evidence: Vec<Evidence> = columns
            .into_iter()
            .enumerate()
            .map(|(number, (by, rows, missing_b, missing_c, pairs))| {
                let (baseline, current) = pairs.into_iter().unzip();
                let mut evidence = distance(by, rows);
                evidence.moved.push((What::Hour, Moved::Counts { baseline, current }));
                evidence.missing = (missing_b, rows + 50, missing_c, rows + 200);
                evidence.weight = if weights { number as f64 } else { 2.0 };
                evidence
            })
            .collect();
        prop_assume!(!weights || evidence.len() > 1);
        let family = judge(&evidence, &options).unwrap();
        let near = |x: f64| (x.abs() - options.min_effect).abs() < 1e-9;
        for own in &family.judgements {
            let looks = own.parts.iter();
            // A side without rows says nothing, and is not looked at.
            let looks: Vec<_> = looks.filter(|part| (part.low, part.high) != (0.0, 1.0)).collect();
            let missing = &own.missing;
            prop_assume!(looks.iter().all(|part| !near(part.low) && !near(part.high)));
            prop_assume!(!near(missing.low) && !near(missing.high));
            let above = looks.iter().any(|part| part.low > options.min_effect)
                || missing.low > options.min_effect
                || missing.high < -options.min_effect;
            prop_assert_eq!(own.verdict == Verdict::Drifted, above, "{:?}", own);
            prop_assert_eq!(own.reasons.is_empty(), !above);
            if own.verdict == Verdict::Stable {
                let within = missing.high < options.min_effect && missing.low > -options.min_effect;
                prop_assert!(within && looks.iter().all(|part| part.high < options.min_effect));
            }
            for part in own.parts.iter().chain([missing]) {
                prop_assert!(part.low <= part.value && part.value <= part.high, "{:?}", part);
                prop_assert!(part.level >= 1.0 - options.alpha - 1e-12 && part.level <= 1.0);
            }
        }
        let share = family.share_drifted;
        prop_assert!(0.0 <= share.low && share.low <= share.value);
        prop_assert!(share.value <= share.high && share.high <= 1.0);
        let mut backwards = evidence;
        backwards.reverse();
        let mut again = judge(&backwards, &options).unwrap().judgements;
        again.reverse();
        for (own, other) in family.judgements.iter().zip(&again) {
            prop_assert_eq!(own.verdict, other.verdict);
            prop_assert!((own.effect.low - other.effect.low).abs() < 1e-12);
        }
    }

    #[test]
    fn equal_weights_change_nothing(
        p_values in prop::collection::vec(0.0..=1.0f64, 1..30),
        weight in 0.1..9.0f64,
    ) {
        for name in Adjustment::NAMES {
            let method = Adjustment::from_name(name).unwrap();
            let weights = vec![weight; p_values.len()];
            let weighted = adjust_weighted(&p_values, &weights, method).unwrap();
            prop_assert_eq!(weighted, adjust(&p_values, method).unwrap());
        }
    }
}
