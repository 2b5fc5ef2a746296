//! P-values of many tests, against rational arithmetic.

use driftline::drift::{Adjustment, adjust};
use proptest::prelude::*;
use serde_json::Value;

use crate::golden::{cases, relative_error};

/// Two or three roundings: a factor, a product, a sum of 1/i.
const RTOL: f64 = 1e-15;

fn numbers(value: &Value) -> Vec<f64> {
    let values = value.as_array().unwrap().iter();
    values.map(|p| p.as_f64().unwrap_or(f64::NAN)).collect()
}

#[test]
fn adjusted_p_values_are_those_of_rational_arithmetic() {
    for case in cases("adjust.json", "cases") {
        let p_values = numbers(&case["p_values"]);
        for name in Adjustment::NAMES {
            let expected = numbers(&case["expected"][name]);
            let adjusted = adjust(&p_values, Adjustment::from_name(name).unwrap()).unwrap();
            assert_eq!(adjusted.len(), expected.len());
            for (got, expected) in adjusted.iter().zip(&expected) {
                let same = got.is_nan() && expected.is_nan();
                assert!(
                    same || relative_error(*got, *expected) <= RTOL,
                    "{} {name}: {got} instead of {expected}",
                    case["id"]
                );
            }
        }
    }
}

#[test]
fn what_is_no_p_value_and_no_method_is_refused() {
    let error = adjust(&[0.5, 1.5], Adjustment::Holm)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("p_values") && error.contains("1.5 at position 1"),
        "{error}"
    );
    assert!(adjust(&[-0.1], Adjustment::Holm).is_err());
    let error = Adjustment::from_name("holmes").unwrap_err().to_string();
    assert!(
        error.contains("method") && error.contains("Did you mean \"holm\"?"),
        "{error}"
    );
    assert_eq!(
        Adjustment::from_name("by").unwrap(),
        Adjustment::BenjaminiYekutieli
    );
    assert_eq!(
        Adjustment::from_name("holm").unwrap(),
        Adjustment::default()
    );
}

proptest! {
    #[test]
    fn order_is_kept_and_nothing_leaves_its_range(
        p_values in prop::collection::vec(
            prop_oneof![8 => 0.0..=1.0f64, 1 => Just(f64::NAN), 1 => Just(0.0), 1 => Just(0.25)],
            0..60,
        ),
    ) {
        let [bonferroni, holm, hochberg, bh, by] = Adjustment::NAMES.map(|name| {
            adjust(&p_values, Adjustment::from_name(name).unwrap()).unwrap()
        });
        for method in [&bonferroni, &holm, &hochberg, &bh, &by] {
            for (i, (&p, &adjusted)) in p_values.iter().zip(method).enumerate() {
                prop_assert_eq!(p.is_nan(), adjusted.is_nan());
                prop_assert!(p.is_nan() || (p <= adjusted && adjusted <= 1.0));
                for (&other, &also) in p_values.iter().zip(method).skip(i) {
                    prop_assert!(p != other || adjusted == also);
                    prop_assert!(p >= other || p.is_nan() || other.is_nan() || adjusted <= also);
                }
            }
        }
        let in_order = |a: &[f64], b: &[f64]| {
            a.iter().zip(b).all(|(a, b)| a.is_nan() || *a <= b * (1.0 + RTOL))
        };
        prop_assert!(in_order(&bh, &hochberg));
        prop_assert!(in_order(&hochberg, &holm));
        prop_assert!(in_order(&holm, &bonferroni));
        prop_assert!(in_order(&bh, &by));
        // The order of the input changes nothing, to the last bit.
        let mut reversed: Vec<f64> = p_values.iter().rev().copied().collect();
        reversed = adjust(&reversed, Adjustment::BenjaminiHochberg).unwrap();
        let bits = |p: &f64| p.to_bits();
        prop_assert!(reversed.iter().rev().map(bits).eq(bh.iter().map(bits)));
    }
}
