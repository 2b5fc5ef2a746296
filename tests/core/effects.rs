//! Effect sizes against rational and 50-digit arithmetic.

use driftline::drift::{
    ChiSquare, CountTable, Effects, Energy, PSI, available, effects, effects_of_counts, get,
    own_effect, own_effect_of_counts,
};
use driftline::error::Error;
use proptest::prelude::*;
use serde_json::Value;

use crate::golden::{cases, relative_error};

/// What one or two roundings of an exact fraction leave.
const VALUE_RTOL: f64 = 1e-12;
/// Roots of SciPy's noncentral chi-square, square roots near 0 of them.
const COUNTS_ATOL: f64 = 1e-8;
/// Ends of intervals stand on quantiles (1e-12) and cancel near 0.
const END_ATOL: f64 = 1e-10;

fn numbers(value: &Value) -> Vec<f64> {
    let values = value.as_array().unwrap().iter();
    values.map(|x| x.as_f64().unwrap()).collect()
}

fn counts(value: &Value) -> Vec<u64> {
    let values = value.as_array().unwrap().iter();
    values.map(|x| x.as_u64().unwrap()).collect()
}

fn check(case: &Value, effects: &Effects, atol: f64) {
    for (name, expected) in case["expected"].as_object().unwrap() {
        let effect = effects.get(name).unwrap();
        let expected = numbers(expected);
        assert!(
            relative_error(effect.value, expected[0]) <= VALUE_RTOL,
            "{} {name}: {effect:?} instead of {expected:?}",
            case["id"]
        );
        let scale = 1.0 + effect.value.abs();
        for (end, expected) in [(effect.low, expected[1]), (effect.high, expected[2])] {
            assert!(
                (end - expected).abs() <= atol * scale,
                "{} {name}: {end} instead of {expected}",
                case["id"]
            );
        }
    }
}

#[test]
fn effects_are_those_of_exact_arithmetic() {
    for case in cases("effects.json", "cases") {
        let (baseline, current) = (numbers(&case["baseline"]), numbers(&case["current"]));
        let level = case["level"].as_f64().unwrap();
        let effects = effects(baseline.as_slice().into(), current.as_slice().into(), level);
        check(&case, &effects.unwrap(), END_ATOL);
    }
}

#[test]
fn total_variation_is_that_of_exact_arithmetic() {
    for case in cases("effects.json", "counts") {
        let (baseline, current) = (counts(&case["baseline"]), counts(&case["current"]));
        let effects = effects_of_counts(&baseline, &current, 0.95).unwrap();
        check(&case, &effects, COUNTS_ATOL);
    }
}

fn all(baseline: &[f64], current: &[f64]) -> Effects {
    effects(baseline.into(), current.into(), 0.95).unwrap()
}

#[test]
fn constants_have_documented_answers() {
    let same = all(&[0.1; 6], &[0.1; 9]);
    for effect in same.iter() {
        let neutral = if effect.name == "probability_of_superiority" {
            0.5
        } else {
            0.0
        };
        assert_eq!(effect.value, neutral, "{effect:?}");
        assert!(
            effect.low <= neutral && neutral <= effect.high,
            "{effect:?}"
        );
    }
    let apart = all(&[0.1; 6], &[0.3; 9]);
    let value = |name: &str| apart.get(name).unwrap().value;
    assert_eq!(value("hedges_g"), f64::INFINITY);
    assert_eq!(value("log_spread_ratio"), 0.0);
    assert_eq!((value("cliffs_delta"), value("share_moved")), (1.0, 1.0));
    // Complete separation of so few values is far from certain.
    let delta = apart.get("cliffs_delta").unwrap();
    assert!(delta.low < 0.9 && delta.at_least() == delta.low.max(0.0));
    let frozen = all(&[1.0, 2.0, 3.0], &[2.0; 4]);
    assert_eq!(
        frozen.get("log_spread_ratio").unwrap().value,
        f64::NEG_INFINITY
    );
    assert_eq!(frozen.get("hedges_g").unwrap().value, 0.0);
    let one = all(&[1.0], &[2.0]);
    assert_eq!(one.iter().count(), 3);
    let delta = one.get("cliffs_delta").unwrap();
    assert_eq!(delta.value, 1.0);
    assert!(delta.low < -0.8, "{delta:?}");
    let infinite = all(&[1.0, 2.0, f64::INFINITY], &[2.0, f64::NEG_INFINITY]);
    assert_eq!(infinite.iter().count(), 3);
}

#[test]
fn bad_arguments_are_named() {
    for level in [0.0, 1.0, f64::NAN, -0.5] {
        let error = effects([1.0].as_slice().into(), [1.0].as_slice().into(), level);
        assert!(error.unwrap_err().to_string().contains("level"));
    }
    let empty = effects([f64::NAN].as_slice().into(), [1.0].as_slice().into(), 0.95);
    assert!(empty.unwrap_err().to_string().contains("baseline"));
    assert!(effects_of_counts(&[1, 2], &[1], 0.95).is_err());
    assert!(effects_of_counts(&[0, 0], &[1, 2], 0.95).is_err());
}

fn sample() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(
        prop_oneof![
            -3.0..3.0f64,
            (-3i8..3).prop_map(f64::from),
            Just(1e9),
            Just(-0.0)
        ],
        1..40,
    )
}

proptest! {
    #[test]
    fn effects_have_their_ranges_and_signs(a in sample(), b in sample()) {
        let (forward, backward) = (all(&a, &b), all(&b, &a));
        let mut shuffled = b.clone();
        shuffled.reverse();
        prop_assert_eq!(&forward, &all(&a, &shuffled));
        for (effect, back) in forward.iter().zip(backward.iter()) {
            prop_assert!(effect.low <= effect.value && effect.value <= effect.high);
            prop_assert!(!effect.explain().is_empty());
            let value = match effect.name.as_ref() {
                "share_moved" => back.value,
                "probability_of_superiority" => 1.0 - back.value,
                _ => -back.value,
            };
            prop_assert!((effect.value - value).abs() <= f64::EPSILON || effect.value == value,
                "{effect:?} {back:?}");
        }
        for name in ["hedges_g", "log_spread_ratio", "cliffs_delta"] {
            if let (Some(effect), Some(back)) = (forward.get(name), backward.get(name)) {
                let bits = |x: f64| (x + 0.0).to_bits();
                prop_assert_eq!(bits(effect.low), bits(-back.high), "{:?} {:?}", effect, back);
                prop_assert_eq!(bits(effect.value), bits(-back.value));
            }
        }
    }
}

#[test]
fn own_effects_are_those_of_the_result() {
    let baseline: Vec<f64> = (0..90).map(|i| f64::from(i * i % 97)).collect();
    let current: Vec<f64> = (0..70).map(|i| 5.0 + f64::from(i * i % 89)).collect();
    let (b, c) = (baseline.as_slice().into(), current.as_slice().into());
    for name in available() {
        let test = get(name, &serde_json::Map::new()).unwrap();
        let (result, table) = test.fit(b).unwrap().compare_counted(c).unwrap();
        assert_eq!(table.is_some(), test.as_categorical().is_some(), "{name}");
        let own = match (&table, test.as_categorical()) {
            (Some(table), Some(test)) => own_effect_of_counts(test, table, 0.95, &mut || false),
            _ => own_effect(test.as_ref(), b, c, 0.95, &mut || false),
        };
        let Some(own) = own.unwrap() else { continue };
        assert_eq!((own.name.as_ref(), own.value), (*name, result.effect_size));
        assert!(own.low < own.value && own.value < own.high, "{own:?}");
        assert!(
            !result
                .drifted_by(None, None, Some(own.value.abs()), Some(&own))
                .unwrap()
        );
        let least = own.at_least();
        assert!(
            result
                .drifted_by(None, None, Some(least), Some(&own))
                .unwrap()
        );
    }
}

#[test]
fn own_effects_can_be_interrupted() {
    let values = [1.0, 2.0, 3.0];
    let view = || values.as_slice().into();
    let stopped = own_effect(&Energy::default(), view(), view(), 0.95, &mut || true);
    assert!(matches!(stopped, Err(Error::Interrupted)));
    let table = CountTable {
        baseline: vec![1, 2],
        current: vec![2, 1],
    };
    let stopped = own_effect_of_counts(&PSI::default(), &table, 0.95, &mut || true);
    assert!(matches!(stopped, Err(Error::Interrupted)));
    let none = own_effect_of_counts(&ChiSquare::default(), &table, 0.95, &mut || false);
    assert_eq!(none.unwrap(), None);
}
