//! Values in order: as the standard library has it, bit for bit.

use driftline::math::sort_values;
use proptest::prelude::*;

fn check(name: &str, values: &[f64]) {
    let (mut found, mut right) = (values.to_vec(), values.to_vec());
    sort_values(&mut found);
    right.sort_by(f64::total_cmp);
    let same = found
        .iter()
        .zip(&right)
        .all(|(x, y)| x.to_bits() == y.to_bits());
    assert!(
        same && found.len() == right.len(),
        "{name}, n = {}",
        values.len()
    );
}

/// Deterministic values without pattern, from 0 to 1.
fn noise(n: usize) -> Vec<f64> {
    let spread = |k: u64| {
        let k = k.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (k ^ k >> 29).wrapping_mul(0xd6e8_feb8_6659_fd93)
    };
    let values = (1..=n as u64).map(|k| (spread(k) >> 11) as f64 / 2_f64.powi(53));
    values.collect()
}

#[test]
fn every_shape_and_size_is_put_in_order() {
    for n in [0, 1, 2, 3, 1023, 1024, 1025, 5000, 16_384, 16_385, 100_000] {
        let u = noise(n);
        let shape = |f: &dyn Fn(usize, f64) -> f64| -> Vec<f64> {
            u.iter().enumerate().map(|(k, &x)| f(k, x)).collect()
        };
        check("uniform", &u);
        check("both signs", &shape(&|_, x| (x - 0.5) * 1e-3));
        check(
            "heavy tails",
            &shape(&|_, x| (3.2 * (x - 0.5)).tan().powi(5)),
        );
        check(
            "every magnitude",
            &shape(&|_, x| 2_f64.powf(2000.0 * (x - 0.5))),
        );
        check(
            "every bit pattern",
            &shape(&|_, x| f64::from_bits((x * 1.8e19) as u64)),
        );
        check("rising", &shape(&|k, _| k as f64));
        check("falling", &shape(&|k, _| -(k as f64)));
        check("organ pipe", &shape(&|k, _| (k as f64).min((n - k) as f64)));
        check("saw", &shape(&|k, _| (k % 1000) as f64));
        check("constant", &shape(&|_, _| 0.1));
        check("three levels", &shape(&|_, x| (x * 3.0).floor()));
        check("300 levels", &shape(&|_, x| (x * 300.0).floor() / 7.0));
        check("half zeros", &shape(&|_, x| (x - 0.5).max(0.0)));
        check("most are the lowest", &shape(&|_, x| (x - 0.9).max(0.0)));
        check("most are the highest", &shape(&|_, x| x.min(0.1)));
        check(
            "both zeros",
            &shape(&|k, x| {
                if k % 2 == 0 {
                    -0.0
                } else {
                    (x * 2.0).floor() * 0.0
                }
            }),
        );
        check(
            "one far away",
            &shape(&|k, x| if k == n / 2 { 1e300 } else { x }),
        );
        check(
            "an unseen low one",
            &shape(&|k, x| if k == 1 { f64::NEG_INFINITY } else { x }),
        );
        check(
            "clusters",
            &shape(&|_, x| (x * 9.0).floor() + (x * 1e6).sin() * 1e-9),
        );
        check(
            "a cluster in a cluster",
            &shape(&|k, x| if k % 5 == 0 { x } else { 0.5 + x * 1e-15 }),
        );
        check(
            "missing",
            &shape(&|k, x| match k % 7 {
                0 => f64::NAN,
                1 => -f64::NAN,
                2 => f64::INFINITY,
                _ => x,
            }),
        );
    }
}

#[test]
fn lengths_around_each_step_of_looking_are_put_in_order() {
    let values = noise(5000);
    for n in 1000..1100 {
        check("uniform", &values[..n]);
    }
    for n in (2000..5000).step_by(37) {
        check("uniform", &values[n / 2..]);
    }
}

proptest! {
    #[test]
    fn whatever_comes_is_put_in_order(
        values in prop::collection::vec(prop::num::f64::ANY, 0..3000),
        decimals in 0..18_i32,
    ) {
        check("any", &values);
        let scale = 10_f64.powi(decimals);
        let rounded: Vec<f64> = values.iter().map(|x| (x.fract() * scale).round()).collect();
        check("rounded", &rounded);
    }
}
