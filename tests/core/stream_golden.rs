//! Streaming detectors beside the libraries that they follow, to the last sample
//! (tests/data/generate_stream_cases.py).

use std::collections::{BTreeMap, HashMap};

use driftline::stream::{self, Options, Signal};
use serde_json::{Map, Value, json};

/// Relative; sums are formed in the same order, but not everywhere by the same operations.
const ESTIMATES: f64 = 1e-9;
/// Of the largest value, and of a rate: what may be left of a 0 where sums are formed otherwise.
const ROUNDING: f64 = 1e-14;

fn file(name: &str) -> Value {
    let path = format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// SplitMix64, the upper 53 bits as a number below 1.
struct Uniforms(u64);

impl Uniforms {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / 9_007_199_254_740_992.0
    }
}

fn drawn(law: &str, first: f64, second: f64, source: &mut Uniforms) -> f64 {
    match law {
        "constant" => first,
        "bernoulli" => f64::from(u8::from(source.next() < first)),
        "uniform" => first + (second - first) * source.next(),
        "steps" => (first * source.next()).trunc() + second,
        "normal" => {
            let mut total = 0.0;
            for _ in 0..12 {
                total += source.next();
            }
            first + second * (total - 6.0)
        }
        law => panic!("{law}"),
    }
}

fn pair(value: &Value) -> (f64, f64) {
    (value[0].as_f64().unwrap(), value[1].as_f64().unwrap())
}

/// The values of a recipe.
fn values(recipe: &Value) -> Vec<f64> {
    let mut source = Uniforms(recipe["seed"].as_u64().unwrap());
    let scale = recipe["scale"].as_f64().unwrap();
    let mut made = Vec::new();
    for part in recipe["parts"].as_array().unwrap() {
        let (a, b) = pair(&part["from"]);
        let (c, d) = pair(part.get("to").unwrap_or(&part["from"]));
        let n = part["n"].as_u64().unwrap();
        for i in 0..n {
            let share = i as f64 / n as f64;
            let (first, second) = (a + (c - a) * share, b + (d - b) * share);
            let law = part["law"].as_str().unwrap();
            made.push(drawn(law, first, second, &mut source) * scale);
        }
    }
    made
}

/// What a detector told: indices of drifts, runs of warnings, estimates.
#[derive(Debug, PartialEq)]
struct Told {
    drifts: Vec<usize>,
    warnings: Vec<(usize, usize)>,
    estimates: Vec<Vec<f64>>,
}

fn told(name: &str, params: &Map<String, Value>, values: &[f64], readings: &Value) -> Told {
    let mut detector = stream::get(name, params, Options::default()).unwrap();
    let (mut drifts, mut warnings, mut estimates) = (Vec::new(), Vec::new(), Vec::new());
    for (index, &x) in values.iter().enumerate() {
        match detector.update(x).unwrap() {
            Signal::Drift => drifts.push(index),
            Signal::Warning => match warnings.last_mut() {
                Some((_, last)) if *last + 1 == index => *last = index,
                _ => warnings.push((index, index)),
            },
            Signal::Quiet => {}
        }
        let Some(readings) = readings.as_array() else {
            continue;
        };
        if (index + 1) % (values.len() / 5) == 0 {
            let read = |name: &Value| detector.reading(name.as_str().unwrap()).unwrap();
            estimates.push(readings.iter().map(read).collect());
        }
    }
    Told {
        drifts,
        warnings,
        estimates,
    }
}

fn indices(value: &Value) -> Vec<usize> {
    serde_json::from_value(value.clone()).unwrap()
}

/// `rest`: what rounding may leave of a 0.
fn near(got: f64, expected: f64, rest: f64, what: &str) {
    let close = match expected {
        0.0 => rest,
        _ => ESTIMATES * expected.abs(),
    };
    let near = got == expected || (got - expected).abs() <= close;
    assert!(near, "{what}: {got} is not {expected}");
}

/// Every case of a file; how many there were of each detector. `rounding`: see [`ROUNDING`].
fn check(name: &str, rounding: f64) -> BTreeMap<String, usize> {
    let all = file(name);
    let recipes = all["streams"].as_object().unwrap();
    let streams: HashMap<&str, Vec<f64>> = recipes
        .iter()
        .map(|(name, recipe)| (name.as_str(), values(recipe)))
        .collect();
    let mut seen = BTreeMap::new();
    for case in all["cases"].as_array().unwrap() {
        let detector = case["detector"].as_str().unwrap();
        *seen.entry(detector.to_owned()).or_default() += 1;
        let values = &streams[case["stream"].as_str().unwrap()];
        let until = case["until"].as_u64().map_or(values.len(), |n| n as usize);
        let values = &values[..until];
        let params = case["params"].as_object().unwrap();
        let rest = rounding * values.iter().fold(1.0, |most, x| f64::max(most, x.abs()));
        let what = format!("{detector} {} on {}", case["params"], case["stream"]);
        let told_here = told(detector, params, values, &case["readings"]);
        let drifts = indices(&case["drifts"]);
        assert_eq!(told_here.drifts, drifts, "{what}");
        let warnings: Vec<(usize, usize)> =
            serde_json::from_value(case["warnings"].clone()).unwrap();
        assert_eq!(told_here.warnings, warnings, "{what}: warnings");
        for both in indices(&case["both"]) {
            assert!(drifts.contains(&both), "{what}: drift wins at {both}");
        }
        for (k, checkpoint) in case["checkpoints"]
            .as_array()
            .into_iter()
            .flatten()
            .enumerate()
        {
            let expected = &checkpoint.as_array().unwrap()[1..];
            for (&got, expected) in told_here.estimates[k].iter().zip(expected) {
                near(got, expected.as_f64().unwrap(), rest, &what);
            }
        }
        let mut own = params.clone();
        own.remove("compat");
        let plain = |values: &[f64]| told(detector, &own, values, &Value::Null);
        match case["without_compat"].as_str() {
            Some("same") => {
                let plain = plain(values);
                assert_eq!(
                    (plain.drifts, plain.warnings),
                    (drifts, warnings),
                    "{what}: alone"
                );
            }
            Some("same drifts") => assert_eq!(plain(values).drifts, drifts, "{what}: alone"),
            Some("same when flipped") => {
                let flipped: Vec<f64> = values.iter().map(|x| 1.0 - x).collect();
                assert_eq!(plain(&flipped).drifts, drifts, "{what}: flipped");
            }
            _ => {}
        }
    }
    seen
}

#[test]
fn detectors_agree_with_river() {
    let seen = check("streams_river.json", 0.0);
    for name in [
        "adwin",
        "page_hinkley",
        "ddm",
        "eddm",
        "fhddm",
        "hddm_a",
        "hddm_w",
    ] {
        assert!(seen.contains_key(name), "no cases of {name}");
    }
}

#[test]
fn detectors_agree_with_frouros() {
    let seen = check("streams_frouros.json", 0.0);
    for name in ["ecdd", "rddm", "stepd"] {
        assert!(seen.contains_key(name), "no cases of {name}");
    }
}

#[test]
fn detectors_agree_with_capymoa() {
    let seen = check("streams_capymoa.json", ROUNDING);
    for name in ["mddm", "optwin"] {
        assert!(seen.contains_key(name), "no cases of {name}");
    }
}

#[test]
fn detectors_find_what_river_publishes() {
    let all = file("streams_river.json");
    for case in all["published"].as_array().unwrap() {
        let name = case["detector"].as_str().unwrap();
        let digits = all["digits"][case["digits"].as_str().unwrap()]
            .as_str()
            .unwrap();
        let values: Vec<f64> = digits
            .bytes()
            .map(|digit| f64::from(digit - b'0'))
            .collect();
        let params = case["params"].as_object().unwrap();
        let told = told(name, params, &values, &Value::Null);
        assert_eq!(
            json!(told.drifts),
            case["drifts"],
            "{name} {}",
            case["params"]
        );
        let Some(firsts) = case["first_warnings"].as_array() else {
            continue;
        };
        // The first warning of all, and the first after each drift.
        let mut first = Vec::new();
        for from in std::iter::once(0).chain(told.drifts.iter().map(|drift| drift + 1)) {
            let later = |&&(_, last): &&(usize, usize)| last >= from;
            if let Some(&(start, _)) = told.warnings.iter().find(later) {
                first.push(start.max(from));
            }
        }
        first.dedup();
        assert_eq!(json!(first), json!(firsts), "{name} {}", case["params"]);
    }
}

#[test]
fn recipes_are_followed_to_the_bit() {
    // Steele, Lea, Flood 2014; the first outputs for seed 1234567 are in many libraries' tests.
    let mut source = Uniforms(1_234_567);
    let first = [6_457_827_717_110_365_317_u64, 3_203_168_211_198_807_973];
    for expected in first {
        assert_eq!(
            source.next(),
            (expected >> 11) as f64 / 9_007_199_254_740_992.0
        );
    }
}
