//! Detectors calibrated to a budget of false alarms.

use driftline::error::Error;
use driftline::math::{normal_quantile, normal_sf};
use driftline::stream::{self, Calibration, Detector, Null, Options, Source};
use serde_json::{Map, Value, json};

/// SplitMix64: independent of the generator that calibrates.
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        normal_quantile(self.uniform().max(1e-17))
    }
}

fn map(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

fn calibrated(
    name: &str,
    parameters: Value,
    how: &Calibration<'_>,
) -> Result<Box<dyn Detector>, Error> {
    let (parameters, options) =
        stream::calibrated(name, &map(parameters), Options::default(), how, &mut || {
            false
        })?;
    stream::get(name, &parameters, options)
}

fn known(every: f64, null: Null) -> Calibration<'static> {
    Calibration::new(every, Source::Known(Some(null)))
}

/// The exact average run length of a two-sided Shewhart chart on standard normal values.
fn shewhart_run_length(detector: &dyn Detector) -> f64 {
    let width = detector.parameters()["limit_width"].as_f64().unwrap();
    1.0 / (2.0 * normal_sf(width))
}

#[test]
fn shewhart_charts_have_the_run_length_asked_for() {
    for every in [100.0, 370.4, 10_000.0, 1e6, 1e8] {
        let detector = calibrated("shewhart", json!({}), &known(every, Null::Normal)).unwrap();
        let ratio = shewhart_run_length(detector.as_ref()) / every;
        // Extrapolated limits are a little too high, the further the more.
        let most = match every {
            1e8.. => 30.0,
            1e6.. => 3.0,
            _ => 1.6,
        };
        assert!((0.7..most).contains(&ratio), "{every}: {ratio}");
    }
}

#[test]
fn what_is_not_in_the_tables_is_simulated() {
    let how = known(200.0, Null::Normal);
    let detector = calibrated("shewhart", json!({"target": 5.0, "sigma": 2.0}), &how).unwrap();
    let ratio = shewhart_run_length(detector.as_ref()) / 200.0;
    assert!((0.7..1.5).contains(&ratio), "{ratio}");
    assert_eq!(detector.parameters()["target"], 5.0);
    assert_eq!(detector.options().standardise, None);
}

#[test]
fn a_fleet_shares_a_budget() {
    let mut how = known(100.0, Null::Normal);
    how.n_detectors = 100;
    let fleet = calibrated("page_hinkley", json!({}), &how).unwrap();
    let one = calibrated("page_hinkley", json!({}), &known(10_000.0, Null::Normal)).unwrap();
    assert_eq!(fleet.parameters(), one.parameters());
}

#[test]
fn a_history_tells_mean_and_scale() {
    let mut random = Random(7);
    let history: Vec<f64> = (0..600).map(|_| 1e6 + 1e-3 * random.normal()).collect();
    let mut how = Calibration::new(100.0, Source::History(&history));
    how.n_bootstrap = 20;
    let detector = calibrated("cusum", json!({"delta": 0.5}), &how).unwrap();
    let (location, scale) = detector.options().standardise.unwrap();
    assert!((location - 1e6).abs() < 2e-4);
    assert!((scale / 1e-3 - 1.0).abs() < 0.1);
    assert_eq!(detector.parameters()["target"], 0.0);
    // Against what the process really is, not the history alone.
    let stream: Vec<f64> = (0..20_000).map(|_| 1e6 + 1e-3 * random.normal()).collect();
    let alarms = detector.fresh().update_many(&stream).unwrap().len();
    assert!((10..=220).contains(&alarms), "{alarms}");
    // A change by two standard deviations is found at once.
    let shifted: Vec<f64> = (0..50)
        .map(|_| 1e6 + 2e-3 + 1e-3 * random.normal())
        .collect();
    assert!(!detector.fresh().update_many(&shifted).unwrap().is_empty());
}

#[test]
fn the_same_seed_gives_the_same_detector() {
    let mut random = Random(3);
    let history: Vec<f64> = (0..500)
        .map(|_| f64::from(random.uniform() < 0.2))
        .collect();
    let mut how = Calibration::new(60.0, Source::History(&history));
    how.n_bootstrap = 20;
    how.seed = 5;
    let parameters = || calibrated("ddm", json!({}), &how).unwrap().parameters();
    let first = parameters();
    assert_eq!(first, parameters());
    // The warning zone goes with the limit.
    assert!(first["warning_threshold"].as_f64() < first["drift_threshold"].as_f64());
}

#[test]
fn guarantees_are_given_the_budget() {
    let mut random = Random(11);
    let history: Vec<f64> = (0..2_000).map(|_| random.normal()).collect();
    let how = Calibration::new(1_000.0, Source::History(&history));
    let detector = calibrated("e_detector", json!({}), &how).unwrap();
    let parameters = detector.parameters();
    assert_eq!(parameters["false_alarm_every"], 1_000.0);
    assert!(parameters["target"].as_f64().unwrap().abs() < 0.1);
    let tolerance = parameters["tolerance"].as_f64().unwrap();
    // 2.33 standard errors of the mean of 2,000 values.
    assert!((0.03..0.09).contains(&tolerance), "{tolerance}");
    let stream: Vec<f64> = (0..5_000).map(|_| random.normal()).collect();
    assert!(detector.fresh().update_many(&stream).unwrap().len() <= 5);
    let error = calibrated("betting_confidence_sequence", json!({}), &how).unwrap_err();
    assert!(error.to_string().contains("ever alarming"), "{error}");
}

#[test]
fn refusals_say_what_to_do() {
    let short = [0.0; 499];
    let same = [0.5; 600];
    let cases = [
        (known(1.0, Null::Normal), "shewhart", "above 1"),
        (
            known(1_000.0, Null::Bernoulli { p: 1.0 }),
            "adwin",
            "below 1",
        ),
        (
            known(1_000.0, Null::LogNormal { sigma: 9.0 }),
            "adwin",
            "at most 5",
        ),
        (known(1_000.0, Null::Normal), "ddm", "bernoulli"),
        // 1 is three standard deviations above the mean, 0 a third below: nothing between.
        (
            known(1_000.0, Null::Bernoulli { p: 0.1 }),
            "shewhart",
            "never",
        ),
        (
            Calibration::new(1_000.0, Source::History(&short)),
            "adwin",
            "at least 500",
        ),
        (
            Calibration::new(1_000.0, Source::History(&same)),
            "adwin",
            "vary",
        ),
        (
            Calibration::new(1_000.0, Source::History(&same)),
            "ddm",
            "0 or 1",
        ),
    ];
    for (how, name, told) in cases {
        let error = calibrated(name, json!({}), &how).unwrap_err();
        assert!(error.to_string().contains(told), "{name}: {error}");
    }
    let how = known(1_000.0, Null::Normal);
    let error = calibrated("adwin", json!({"delta": 0.1}), &how).unwrap_err();
    assert!(error.to_string().contains("calibration finds"), "{error}");
    let mut how = known(1e5, Null::Normal);
    how.seed = 1;
    let none = Map::new();
    let interrupted = stream::calibrated("cusum", &none, Options::default(), &how, &mut || true);
    assert!(matches!(interrupted, Err(Error::Interrupted)));
}
