//! Samples in the order of time: effective sizes and p-values on AR(1) series.

use driftline::drift::{self, KS, MeanShift, Univariate, Welch, ordered};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

struct Noise(Xoshiro256PlusPlus);

impl Noise {
    fn new(seed: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    fn uniform(&mut self) -> f64 {
        ((self.0.next_u64() >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// A stationary AR(1) series.
    fn series(&mut self, n: usize, rho: f64) -> Vec<f64> {
        let mut x = self.normal() / (1.0 - rho * rho).sqrt();
        let step = |_| {
            x = rho * x + self.normal();
            x
        };
        (0..n).map(step).collect()
    }
}

fn mean_effective_n(n: usize, rho: f64, repetitions: u64) -> f64 {
    let total: f64 = (0..repetitions)
        .map(|seed| {
            let series = Noise::new(seed).series(n, rho);
            let size = ordered::effective_n(series.as_slice().into()).unwrap();
            assert!((1.0..=n as f64).contains(&size));
            size
        })
        .sum();
    total / repetitions as f64
}

#[test]
fn effective_size_of_ar1_is_the_known_one() {
    for (rho, n) in [(0.5, 2000), (0.8, 2000), (0.9, 5000)] {
        let expected = n as f64 * (1.0 - rho) / (1.0 + rho);
        let found = mean_effective_n(n, rho, 40);
        assert!(
            (found / expected - 1.0).abs() < 0.12,
            "{rho}: {found} for {expected}"
        );
    }
}

#[test]
fn effective_size_of_white_noise_is_nearly_all() {
    // Chance correlations take some: less of more values.
    for (n, share) in [(100, 0.78), (2000, 0.9)] {
        let found = mean_effective_n(n, 0.0, 60);
        assert!(found > share * n as f64, "{found} of {n}");
    }
    // What swings to and fro does not count more than once.
    assert_eq!(mean_effective_n(500, -0.6, 5), 500.0);
}

#[test]
fn effective_size_has_documented_limits() {
    let size = |values: &[f64]| ordered::effective_n(values.into());
    assert_eq!(size(&[3.0; 20]).unwrap(), 20.0);
    assert_eq!(size(&[1.0]).unwrap(), 1.0);
    assert_eq!(size(&[1.0, f64::NAN, 1.0]).unwrap(), 2.0);
    assert!(size(&[f64::NAN]).is_err());
    assert!(size(&[f64::INFINITY, 1.0]).is_err());
    let ramp: Vec<f64> = (0..10_000).map(f64::from).collect();
    assert!(size(&ramp).unwrap() < 100.0);
    // The unit and the origin play no part.
    let series = Noise::new(1).series(300, 0.7);
    let other: Vec<f64> = series.iter().map(|x| x * 1e-200).collect();
    let (a, b) = (size(&series).unwrap(), size(&other).unwrap());
    assert!((a / b - 1.0).abs() < 1e-12);
    // A gap keeps its place: what is left is as dependent as it was.
    let mut gaps = Noise::new(2).series(3000, 0.8);
    gaps.iter_mut().step_by(2).for_each(|x| *x = f64::NAN);
    let closed: Vec<f64> = gaps.iter().copied().filter(|x| !x.is_nan()).collect();
    let (open, closed) = (size(&gaps).unwrap(), size(&closed).unwrap());
    assert!((open / closed - 1.0).abs() < 0.25, "{open} {closed}");
}

/// How often 5 % is rejected, plainly and ordered, where nothing has drifted.
fn rejections(test: &dyn Univariate, n: usize, m: usize, rho: f64, looks: u64) -> (f64, f64) {
    let (mut plain, mut aware) = (0, 0);
    for seed in 0..looks {
        let mut noise = Noise::new(seed);
        let (b, c) = (noise.series(n, rho), noise.series(m, rho));
        let (b, c) = (b.as_slice(), c.as_slice());
        let below = |p: Option<f64>| i32::from(p.unwrap() < 0.05);
        plain += below(test.compare(b.into(), c.into()).unwrap().p_value);
        let compared = ordered::compare(test, b.into(), c.into(), seed).unwrap();
        aware += below(compared.result.p_value);
    }
    (
        f64::from(plain) / looks as f64,
        f64::from(aware) / looks as f64,
    )
}

#[test]
fn welch_holds_its_level_on_dependent_series() {
    for rho in [0.5, 0.8] {
        let (plain, aware) = rejections(&Welch::default(), 2000, 200, rho, 400);
        assert!(plain > 0.2, "{rho}: {plain}");
        // 7 %, and three standard errors of 400 looks.
        assert!(aware < 0.07 + 0.038, "{rho}: {aware}");
    }
}

#[test]
fn permuted_blocks_hold_the_level_too() {
    let (plain, aware) = rejections(&KS::default(), 300, 100, 0.8, 40);
    assert!(plain > 0.3, "{plain}");
    // 7 %, and three standard errors of 40 looks.
    assert!(aware < 0.07 + 0.121, "{aware}");
}

#[test]
fn a_shift_is_found_all_the_same() {
    for name in ["welch", "ks"] {
        let test = drift::get(name, &serde_json::Map::new()).unwrap();
        let mut noise = Noise::new(7);
        let baseline = noise.series(1000, 0.5);
        let current: Vec<f64> = noise.series(200, 0.5).iter().map(|x| x + 1.5).collect();
        let compared = ordered::compare(
            test.as_ref(),
            baseline.as_slice().into(),
            current.as_slice().into(),
            0,
        );
        let compared = compared.unwrap();
        assert!(compared.result.p_value.unwrap() < 0.01, "{name}");
        assert!(compared.effective_n.0 < 600.0 && compared.effective_n.1 < 120.0);
        // All but the p-value and its degrees of freedom is as ever.
        let plain = test
            .compare(baseline.as_slice().into(), current.as_slice().into())
            .unwrap();
        assert_eq!(compared.result.statistic, plain.statistic);
        assert_eq!(compared.result.effect_size, plain.effect_size);
        assert_eq!(compared.result.n_current, 200);
    }
}

#[test]
fn the_same_seed_gives_the_same_answer_and_gaps_are_counted() {
    let mut noise = Noise::new(3);
    let (mut b, c) = (noise.series(200, 0.6), noise.series(60, 0.6));
    b[5] = f64::NAN;
    b[6] = f64::NAN;
    let judge = |seed| {
        let test = KS::default();
        ordered::compare(&test, b.as_slice().into(), c.as_slice().into(), seed).unwrap()
    };
    assert_eq!(judge(1), judge(1));
    assert_eq!(judge(1).result.n_missing_baseline, 2);
    let p = judge(1).result.p_value.unwrap();
    assert!(p > 0.0 && p <= 1.0);
}

#[test]
fn what_has_no_p_value_stays_without_and_constants_have_answers() {
    let flat = [2.0; 20];
    let compare = |test: &dyn Univariate, b: &[f64], c: &[f64]| {
        ordered::compare(test, b.into(), c.into(), 0).unwrap()
    };
    let shift = compare(&MeanShift::default(), &flat, &[3.0; 5]);
    assert_eq!(shift.result.p_value, None);
    assert_eq!(shift.effective_n, (20.0, 5.0));
    for other in [2.0, 3.0] {
        for name in ["welch", "ks", "anderson_darling"] {
            let test = drift::get(name, &serde_json::Map::new()).unwrap();
            let p = compare(test.as_ref(), &flat, &[other; 5]).result.p_value;
            assert!(p.is_some_and(|p| (0.0..=1.0).contains(&p)), "{name} {p:?}");
        }
    }
    assert!(ordered::compare(&Welch::default(), flat[..1].into(), flat[..].into(), 0).is_err());
}
