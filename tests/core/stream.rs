//! What every streaming detector of the list keeps.

use driftline::stream::{self, Detector, Direction, Input, OnDrift, Options, Signal};
use serde_json::{Map, json};

/// Detectors whose random generator goes on over a reset.
const GENERATORS: [&str; 2] = ["kswin", "conformal_martingale"];

/// SplitMix64.
struct Random(u64);

impl Random {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}

/// A value of the kind that a detector takes, low before a change and high after it.
fn draw(random: &mut Random, input: Input, high: bool) -> f64 {
    let rate = if high { 0.7 } else { 0.15 };
    match input {
        Input::Real => random.normal() + if high { 6.0 } else { 0.0 },
        Input::Binary => f64::from(random.uniform() < rate),
        Input::Unit => (rate + 0.1 * random.normal()).clamp(0.0, 1.0),
        Input::Count => (0..20).map(|_| f64::from(random.uniform() < rate)).sum(),
    }
}

fn shifted(input: Input, before: usize, after: usize) -> Vec<f64> {
    let mut random = Random(7);
    let values = (0..before + after).map(|i| draw(&mut random, input, i >= before));
    values.collect()
}

fn all() -> impl Iterator<Item = Box<dyn Detector>> {
    stream::available()
        .iter()
        .map(|name| stream::get(name, &Map::new(), Options::default()).unwrap())
}

fn keeping(detector: &dyn Detector) -> Box<dyn Detector> {
    let options = Options {
        on_drift: OnDrift::KeepRecent,
        ..Options::default()
    };
    stream::get(detector.name(), &detector.parameters(), options).unwrap()
}

#[test]
fn the_list_is_not_empty() {
    assert!(stream::available().contains(&"adwin"));
}

#[test]
fn one_by_one_is_as_all_at_once() {
    for fresh in all() {
        for detector in [fresh.clone_box(), keeping(fresh.as_ref())] {
            let values = shifted(detector.input(), 600, 600);
            let mut at_once = detector.fresh();
            let drifts = at_once.update_many(&values).unwrap();
            let mut singly = detector.fresh();
            let mut found = Vec::new();
            for (index, &x) in values.iter().enumerate() {
                if singly.update(x).unwrap() == Signal::Drift {
                    found.push(index);
                }
            }
            assert_eq!(drifts, found, "{detector:?}");
            assert_eq!(at_once.state(), singly.state(), "{}", detector.name());
            assert_eq!(at_once.counts().n_detections, drifts.len() as u64);
            assert_eq!(at_once.counts().n_samples, values.len() as u64);
        }
    }
}

#[test]
fn finds_a_large_change_and_tells_its_direction() {
    for mut detector in all() {
        let values = shifted(detector.input(), 1000, 1000);
        let drifts = detector.fresh().update_many(&values).unwrap();
        let found = drifts.iter().find(|&&index| index >= 1000);
        let Some(&found) = found else {
            panic!("{}: nothing but {drifts:?}", detector.name());
        };
        detector.update_many(&values[..=found]).unwrap();
        assert_eq!(detector.signal(), Signal::Drift, "{}", detector.name());
        assert_eq!(
            detector.direction(),
            Some(Direction::Up),
            "{}",
            detector.name()
        );
    }
}

#[test]
fn missing_values_blind_nobody() {
    for detector in all() {
        let values = shifted(detector.input(), 1000, 300);
        let clean = detector.fresh().update_many(&values).unwrap();
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let mut polluted = values.clone();
            for place in [1005, 700, 40, 0] {
                polluted.insert(place, bad);
            }
            let mut other = detector.fresh();
            let moved = other.update_many(&polluted).unwrap();
            // The places among the values that are there.
            let there = |&index: &usize| polluted[..index].iter().filter(|x| x.is_finite()).count();
            let moved: Vec<_> = moved.iter().map(there).collect();
            assert_eq!(moved, clean, "{}: {bad}", detector.name());
            assert_eq!(other.counts().n_missing, 4);
            assert_eq!(other.counts().n_samples, values.len() as u64);
        }
    }
}

#[test]
fn a_missing_value_takes_the_flag_away_and_nothing_else() {
    for mut detector in all() {
        let values = shifted(detector.input(), 1000, 1000);
        let drifts = detector.fresh().update_many(&values).unwrap();
        detector.update_many(&values[..=drifts[0]]).unwrap();
        assert_eq!(detector.signal(), Signal::Drift);
        detector.update(f64::NAN).unwrap();
        assert_eq!(detector.signal(), Signal::Quiet, "{}", detector.name());
        assert!(detector.direction().is_some());
    }
}

#[test]
fn constants_never_alarm() {
    for fresh in all() {
        let constants: &[f64] = match fresh.input() {
            Input::Real => &[0.0, 1.0, 0.1, -3.3, 1e15 / 3.0, 1e-300, 1e100 / 3.0, -1e150],
            Input::Binary => &[0.0, 1.0],
            Input::Unit => &[0.0, 0.1, 1.0 / 3.0, 1.0],
            Input::Count => &[0.0, 3.0, 1e15],
        };
        for &constant in constants {
            for mut detector in [fresh.clone_box(), keeping(fresh.as_ref())] {
                let drifts = detector.update_many(&[constant; 3000]).unwrap();
                assert!(
                    drifts.is_empty(),
                    "{}: {constant}: {drifts:?}",
                    fresh.name()
                );
            }
        }
    }
}

#[test]
fn is_seen_without_nan_whatever_the_scale() {
    for fresh in all().filter(|detector| detector.input() == Input::Real) {
        for scale in [1e-150, 1e-100, 1e-8, 1e8, 1e100, 1e149] {
            let mut detector = fresh.fresh();
            for x in shifted(Input::Real, 600, 200) {
                detector.update(scale * x).unwrap();
                let seen = [detector.statistic(), detector.limit()];
                let readings = [seen[0], seen[1], detector.reading("estimation")];
                assert!(
                    readings.iter().flatten().all(|x| !x.is_nan()),
                    "{}: {scale}: {readings:?}",
                    fresh.name()
                );
            }
            let text = detector.state().to_string();
            let again = stream::from_state(serde_json::from_str(&text).unwrap());
            assert!(again.is_ok(), "{}: {scale}: {again:?}", fresh.name());
        }
    }
}

#[test]
fn a_state_goes_on_where_it_was() {
    for fresh in all() {
        for mut detector in [fresh.clone_box(), keeping(fresh.as_ref())] {
            let values = shifted(detector.input(), 300, 300);
            for part in values.chunks(47) {
                let text = detector.state().to_string();
                let mut again = stream::from_state(serde_json::from_str(&text).unwrap()).unwrap();
                assert_eq!(again.state().to_string(), text, "{}", fresh.name());
                let (one, other) = (detector.update_many(part), again.update_many(part));
                assert_eq!(one.unwrap(), other.unwrap(), "{}", fresh.name());
                assert_eq!(detector.state(), again.state(), "{}", fresh.name());
            }
        }
    }
}

#[test]
fn a_damaged_state_is_refused() {
    for mut detector in all() {
        detector
            .update_many(&shifted(detector.input(), 100, 0))
            .unwrap();
        let text = detector.state().to_string();
        let damaged = [
            text.replace("\"n_samples\":100", "\"n_samples\":101"),
            text.replace("\"format\":1", "\"format\":2"),
            text.replacen(detector.name(), "page_hinkleys", 1),
            text.replace("\"checksum\":\"", "\"checksum\":\"0"),
        ];
        for text in damaged {
            let error = stream::from_state(serde_json::from_str(&text).unwrap()).unwrap_err();
            assert!(error.to_string().contains("state"), "{error}");
        }
    }
    for foreign in [json!(null), json!([1, 2]), json!({"a": 1})] {
        assert!(stream::from_state(foreign).is_err());
    }
}

#[test]
fn reset_forgets_all_but_the_counts() {
    for mut detector in all() {
        let values = shifted(detector.input(), 700, 700);
        let drifts = detector.update_many(&values).unwrap().len() as u64;
        detector.reset();
        assert_eq!(detector.signal(), Signal::Quiet);
        assert_eq!(detector.direction(), None);
        assert_eq!(detector.counts().n_detections, drifts);
        assert_eq!(detector.counts().n_samples, 1400);
        if !GENERATORS.contains(&detector.name()) {
            let mut memory = detector.state()["memory"].clone();
            // A count, too, where there is one.
            if let Some(n_clipped) = memory.pointer_mut("/bets/n_clipped") {
                assert!(n_clipped.as_u64() > Some(0));
                *n_clipped = 0.into();
            }
            assert_eq!(
                memory,
                detector.fresh().state()["memory"],
                "{}",
                detector.name()
            );
        }
    }
}

#[test]
fn a_copy_is_on_its_own() {
    for mut detector in all() {
        let values = shifted(detector.input(), 300, 300);
        detector.update_many(&values[..200]).unwrap();
        let before = detector.state();
        detector.clone_box().update_many(&values[200..]).unwrap();
        assert_eq!(detector.state(), before, "{}", detector.name());
    }
}

#[test]
fn says_what_it_does_not_take_and_takes_nothing_of_it() {
    for mut detector in all() {
        let wrong: &[f64] = match detector.input() {
            Input::Real => &[],
            Input::Binary => &[0.5, -1.0, 2.0],
            Input::Unit => &[-0.1, 1.1],
            Input::Count => &[-1.0, 0.5],
        };
        for &x in wrong {
            let error = detector.update(x).unwrap_err().to_string();
            assert!(
                error.contains('x') && error.contains(&x.to_string()),
                "{error}"
            );
            let error = detector
                .update_many(&[1.0, 1.0, x])
                .unwrap_err()
                .to_string();
            assert!(error.contains("position 2"), "{error}");
        }
        assert_eq!(detector.counts().n_samples, 0);
    }
}

#[test]
fn refuses_missing_values_when_told_so() {
    let options = Options {
        nan_policy: driftline::drift::NanPolicy::Raise,
        ..Options::default()
    };
    for name in stream::available() {
        let mut detector = stream::get(name, &Map::new(), options).unwrap();
        let error = detector.update(f64::NAN).unwrap_err().to_string();
        assert!(error.contains("nan_policy"), "{error}");
        let error = detector.update_many(&[1.0, f64::INFINITY]).unwrap_err();
        assert!(error.to_string().contains("position 1"), "{error}");
        assert_eq!(detector.counts(), Default::default());
    }
}

#[test]
fn parameters_make_the_same_again_and_wrong_ones_are_named() {
    for detector in all() {
        let parameters = detector.parameters();
        let again = stream::get(detector.name(), &parameters, Options::default()).unwrap();
        assert_eq!(again.state(), detector.state());
        for name in parameters.keys() {
            let wrong = json!({ name: {"a": 1} });
            let error = stream::get(
                detector.name(),
                wrong.as_object().unwrap(),
                Options::default(),
            );
            let error = error.unwrap_err().to_string();
            assert!(
                error.contains(name.as_str()),
                "{}: {error}",
                detector.name()
            );
        }
        let wrong = json!({"lambda": 1});
        let error = stream::get(
            detector.name(),
            wrong.as_object().unwrap(),
            Options::default(),
        );
        assert!(error.unwrap_err().to_string().contains("\"lambda\""));
    }
    let error = stream::get("adwim", &Map::new(), Options::default()).unwrap_err();
    assert!(
        error.to_string().contains("Did you mean \"adwin\"?"),
        "{error}"
    );
}

#[test]
fn tuning_names_a_parameter_whose_ends_are_accepted() {
    for detector in all() {
        let Some(tuning) = detector.tuning() else {
            continue;
        };
        let mut parameters = detector.parameters();
        assert!(
            parameters.contains_key(tuning.parameter),
            "{}",
            detector.name()
        );
        for end in [tuning.range.0, tuning.range.1] {
            parameters.insert(tuning.parameter.to_owned(), json!(end));
            let made = stream::get(detector.name(), &parameters, Options::default());
            assert!(made.is_ok(), "{}: {made:?}", detector.name());
        }
    }
}

#[test]
fn standardised_values_are_the_values_standardised() {
    let options = Options {
        standardise: Some((3.0, 0.5)),
        ..Options::default()
    };
    for plain in all().filter(|detector| detector.input() == Input::Real) {
        let values = shifted(Input::Real, 500, 500);
        let scaled: Vec<f64> = values.iter().map(|x| 0.5 * x + 3.0).collect();
        let back: Vec<f64> = scaled.iter().map(|x| (x - 3.0) / 0.5).collect();
        let mut detector = stream::get(plain.name(), &plain.parameters(), options).unwrap();
        let drifts = detector.update_many(&scaled).unwrap();
        assert_eq!(
            drifts,
            plain.fresh().update_many(&back).unwrap(),
            "{}",
            plain.name()
        );
    }
    for options in [
        (0.0, 0.0),
        (0.0, -1.0),
        (f64::NAN, 1.0),
        (0.0, f64::INFINITY),
    ] {
        let options = Options {
            standardise: Some(options),
            ..Options::default()
        };
        let error = stream::get("adwin", &Map::new(), options).unwrap_err();
        assert!(error.to_string().contains("standardise"), "{error}");
    }
}

#[test]
fn what_is_kept_speeds_up_the_new_beginning() {
    for fresh in all() {
        let mut detector = keeping(fresh.as_ref());
        let values = shifted(detector.input(), 1000, 1000);
        let drifts = detector.fresh().update_many(&values).unwrap();
        let first = *drifts.iter().find(|&&index| index >= 1000).unwrap();
        detector.update_many(&values[..=first]).unwrap();
        let kept = detector.state()["recent"].as_array().map_or(0, Vec::len);
        assert!(kept <= stream::MOST_RECENT);
        assert_eq!(fresh.state()["recent"].as_array().map(Vec::len), Some(0));
    }
}
