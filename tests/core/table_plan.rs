//! Plans as bytes and as files.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow_array::{Float64Array, Int64Array, NullArray, StringArray, TimestampMicrosecondArray};
use driftline::drift;
use driftline::error::Error;
use driftline::table::{Alone, Plan, Settings, Tests};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::table::{Frame, frame, json as told, settings, spread};

/// The header: magic, format, writer, length, checksum.
const LENGTH: usize = 16 + 4 + 16;
const CHECKSUM: usize = LENGTH + 8;
pub(crate) const HEADER: usize = CHECKSUM + 32;

fn read(bytes: &[u8]) -> Result<Plan, Error> {
    Plan::from_bytes(bytes, Plan::MAX_VALUES)
}

fn refused(bytes: &[u8]) -> String {
    let error = read(bytes).unwrap_err();
    assert!(matches!(error, Error::InvalidValue { .. }), "{error:?}");
    error.to_string()
}

/// Length and checksum of a changed payload.
pub(crate) fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let length = (bytes.len() - HEADER) as u64;
    bytes[LENGTH..CHECKSUM].copy_from_slice(&length.to_le_bytes());
    let mut sha = Sha256::new();
    sha.update(&bytes[..CHECKSUM]);
    sha.update(&bytes[HEADER..]);
    let digest = sha.finalize();
    bytes[CHECKSUM..HEADER].copy_from_slice(&digest);
    bytes
}

/// Columns of every kind.
fn every_kind(n: usize, start: u64, shift: f64) -> Frame {
    let x = spread(n, start);
    let odd: Vec<f64> = x
        .iter()
        .map(|x| match (x * 40.0) as usize {
            0 => f64::NEG_INFINITY,
            1 => f64::INFINITY,
            2 => f64::NAN,
            3 => -0.0,
            4 => 0.0,
            5 => 5e-324,
            _ => x * 1e300,
        })
        .collect();
    let wide: Vec<i64> = x.iter().map(|x| ((x - 0.5) * 2e18) as i64).collect();
    let names: Vec<String> = x.iter().map(|x| format!("{}", (x * 1e9) as u64)).collect();
    let zoned: Vec<i64> = x.iter().map(|x| (x * 1e14) as i64).collect();
    frame(n, start, shift)
        .with("odd", Float64Array::from(odd))
        .with("wide", Int64Array::from(wide))
        .with("name", StringArray::from(names))
        .with(
            "zoned",
            TimestampMicrosecondArray::from(zoned).with_timezone("Europe/Rome"),
        )
        .with("nothing", NullArray::new(n))
        .with("constant", Int64Array::from(vec![-7; n]))
}

/// The same reports from the plan and from its bytes.
fn comes_back(settings: Settings, baseline: &Frame, currents: &[Frame]) -> Vec<u8> {
    let plan = Plan::fit(settings, &mut baseline.clone(), &Alone).unwrap();
    let bytes = plan.to_bytes().unwrap();
    assert_eq!(bytes.len() as u64, plan.n_bytes());
    let again = read(&bytes).unwrap();
    assert_eq!(again.to_bytes().unwrap(), bytes);
    assert_eq!(again.n_rows(), plan.n_rows());
    assert!(again.columns().eq(plan.columns()));
    for current in currents {
        let ours = plan.compare(&mut current.clone(), &Alone).unwrap();
        let theirs = again.compare(&mut current.clone(), &Alone).unwrap();
        assert_eq!(told(&theirs), told(&ours));
    }
    bytes
}

#[test]
fn every_kind_of_column_comes_back_to_the_last_bit() {
    let currents = [every_kind(2_000, 99, 0.0), every_kind(2_000, 7, 0.3)];
    comes_back(settings(), &every_kind(3_000, 0, 0.0), &currents);
    let own = |name: &str, params: serde_json::Value| {
        drift::get(name, params.as_object().unwrap()).unwrap()
    };
    let tests = Tests::default()
        .with_numeric(own("ks", json!({"alternative": "less"})))
        .with_categorical(own("psi", json!({})))
        .unwrap()
        .with_column("x", own("wasserstein", json!({})))
        .with_column("shifted", own("psi", json!({"bins": 7})));
    let settings = Settings {
        tests,
        weights: vec![("x".into(), 3.5)],
        segments: Some("colour".into()),
        seed: 11,
        multivariate: false,
        ..settings()
    };
    comes_back(settings, &every_kind(3_000, 0, 0.0), &currents);
}

#[test]
fn performance_comes_back() {
    let of = |n: usize, start: u64| {
        let x = spread(n, start);
        let label = |x: f64| if x < 0.4 { "no" } else { "yes" };
        let (targets, guesses): (Vec<_>, Vec<_>) = x
            .iter()
            .map(|&x| (label(x), label((x * 7.0).fract())))
            .unzip();
        let noisy: Vec<f64> = x.iter().map(|x| x + (x * 1e5).sin() / 10.0).collect();
        Frame::default()
            .with("x", Float64Array::from(x.clone()))
            .with("target", StringArray::from(targets))
            .with("label", StringArray::from(guesses))
            .with("score", Float64Array::from(x))
            .with("noisy", Float64Array::from(noisy))
    };
    for (target, prediction) in [
        ("target", "label"),
        ("target", "score"),
        ("x", "noisy"),
        ("target", "x"),
        ("label", "noisy"), // nothing that can be said
    ] {
        let settings = Settings {
            target: Some(target.into()),
            prediction: Some(prediction.into()),
            multivariate: false,
            ..settings()
        };
        comes_back(settings, &of(3_000, 0), &[of(1_000, 5), of(500, 77)]);
    }
}

#[test]
fn streams_and_many_labels_come_back() {
    let n = 67_000;
    let names: Vec<String> = (0..n).map(|k| format!("n{}", k % 66_000)).collect();
    let x = spread(n, 3);
    let baseline = Frame::default()
        .with("name", StringArray::from(names))
        .with("x", Float64Array::from(x));
    let wanted = Settings {
        multivariate: false,
        ..settings()
    };
    let plan = Plan::fit_batches(wanted, &mut baseline.batches(9_000), &Alone).unwrap();
    let again = read(&plan.to_bytes().unwrap()).unwrap();
    let mut current = baseline.batches(7_000);
    let ours = plan.compare_batches(&mut current, &Alone).unwrap();
    let theirs = again
        .compare_batches(&mut baseline.batches(7_000), &Alone)
        .unwrap();
    assert_eq!(told(&theirs), told(&ours));
}

#[test]
fn more_different_numbers_than_wanted_stand_for_each_other() {
    let n = 50_000;
    let current = frame(20_000, 5_000, 0.0);
    let exact = Plan::fit(settings(), &mut frame(n, 0, 0.0), &Alone).unwrap();
    let wanted = Settings {
        max_exact: 1_000,
        ..settings()
    };
    let small = Plan::fit(wanted.clone(), &mut frame(n, 0, 0.0), &Alone).unwrap();
    assert!(small.n_bytes() < exact.n_bytes() / 4);
    let report = |plan: &Plan| {
        let report = plan.compare(&mut current.clone(), &Alone).unwrap();
        serde_json::to_value(&report).unwrap()
    };
    let (ours, theirs) = (report(&exact), report(&small));
    for (one, other) in ours["columns"]
        .as_array()
        .unwrap()
        .iter()
        .zip(theirs["columns"].as_array().unwrap())
    {
        let thinned = matches!(one["name"].as_str().unwrap(), "x" | "shifted" | "time");
        let flags = other["flags"].as_array().unwrap();
        assert_eq!(flags.contains(&json!("approximate")), thinned, "{other}");
        for figure in ["rows", "missing", "distinct", "min", "max", "mean", "std"] {
            assert_eq!(
                one["baseline"][figure], other["baseline"][figure],
                "{figure}"
            );
        }
        assert_eq!(one["verdict"], other["verdict"]);
        let median = |column: &serde_json::Value| column["baseline"]["median"].as_f64();
        if let (Some(one), Some(other)) = (median(one), median(other)) {
            // Uniform on 0 to 1: a rank is a value.
            assert!((one - other).abs() <= 1.5e-3, "{one} {other}");
        }
    }
    comes_back(wanted, &frame(n, 0, 0.0), &[current]);
}

#[test]
fn ranks_are_within_the_bound() {
    // A distance that is known: the current side is a single value.
    let n = 30_011;
    let mut values = spread(n, 0);
    values.extend([f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY]);
    let baseline = Frame::default().with("x", Float64Array::from(values.clone()));
    let wanted = Settings {
        max_exact: 1_000,
        multivariate: false,
        ..settings()
    };
    let plan = Plan::fit(wanted, &mut baseline.clone(), &Alone).unwrap();
    for at in [-1.0, 0.0, 1e-4, 0.1, 0.25, 0.5, 0.77, 0.9999, 2.0] {
        let mut current = Frame::default().with("x", Float64Array::from(vec![at; 10]));
        let report = plan.compare(&mut current, &Alone).unwrap();
        let report = serde_json::to_value(&report).unwrap();
        let column = &report["columns"][0];
        let below = values.iter().filter(|&&x| x < at).count() as f64 / values.len() as f64;
        let expected = below.max(1.0 - below);
        let found = column["effect_size"].as_f64().unwrap_or(f64::NAN);
        assert!((found - expected).abs() <= 1e-3, "{at}: {found} {expected}");
        assert_eq!(column["baseline"]["infinite"], 3);
        assert_eq!(column["baseline"]["distinct"], json!(n + 2));
    }
}

#[test]
fn without_a_sample_of_rows_nothing_is_said_of_all_columns() {
    let wanted = Settings {
        multivariate: false,
        ..settings()
    };
    let bytes = comes_back(wanted.clone(), &frame(5_000, 0, 0.0), &[frame(900, 1, 0.5)]);
    let whole = comes_back(settings(), &frame(5_000, 0, 0.0), &[]);
    assert!(bytes.len() + 4 * 4_000 < whole.len());
    let plan = read(&bytes).unwrap();
    let report = plan.compare(&mut frame(900, 1, 0.5), &Alone).unwrap();
    assert!(report.multivariate.is_none());
    let plan = Plan::fit_batches(wanted, &mut frame(500, 0, 0.0).batches(99), &Alone).unwrap();
    let report = plan.compare(&mut frame(900, 1, 0.5), &Alone).unwrap();
    assert!(report.multivariate.is_none());
}

fn small() -> (Frame, Vec<u8>) {
    let baseline = every_kind(45, 0, 0.0);
    let settings = Settings {
        segments: Some("colour".into()),
        target: Some("code".into()),
        prediction: Some("x".into()),
        columns: Some(
            ["x", "odd", "colour", "code", "zoned"]
                .map(String::from)
                .to_vec(),
        ),
        ..settings()
    };
    let plan = Plan::fit(settings, &mut baseline.clone(), &Alone).unwrap();
    (baseline, plan.to_bytes().unwrap())
}

#[test]
fn damage_is_refused() {
    let (_, bytes) = small();
    // All that follows the header is under one checksum.
    for place in (0..HEADER).chain((HEADER..bytes.len()).step_by(7)) {
        for mask in [1, 0x80]
            .into_iter()
            .take(if place < HEADER { 2 } else { 1 })
        {
            let mut damaged = bytes.clone();
            damaged[place] ^= mask;
            assert!(read(&damaged).is_err(), "{place}");
        }
    }
    // What is cut off is told by its length alone.
    for length in (0..HEADER).chain((HEADER..bytes.len()).step_by(7)) {
        assert!(read(&bytes[..length]).is_err(), "{length}");
    }
    assert!(refused(&bytes[..50]).contains("cut off"));
    assert!(refused(&bytes[..bytes.len() - 1]).contains("cut off"));
    let mut longer = bytes.clone();
    longer.push(0);
    assert!(refused(&longer).contains("more behind it"));
    for foreign in [
        &b""[..],
        b"PAR1",
        b"{\"plan\": 1}",
        b"driftline plan",
        &[0; 200],
    ] {
        assert!(refused(foreign).contains("not a driftline plan"));
    }
}

#[test]
fn a_later_version_says_who_wrote_it() {
    let (_, mut bytes) = small();
    bytes[16] = 2;
    bytes[20..36].copy_from_slice(b"9.1.4\0\0\0\0\0\0\0\0\0\0\0");
    let text = refused(&sealed(bytes));
    assert!(
        text.contains("format 2, written by driftline 9.1.4"),
        "{text}"
    );
    assert!(text.contains(env!("CARGO_PKG_VERSION")), "{text}");
}

#[test]
fn lengths_that_lie_take_no_memory() {
    let (_, bytes) = small();
    // 2^60 and more, in every place where a length may be.
    let huge = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10];
    for place in HEADER..bytes.len() {
        let mut lying = bytes[..place].to_vec();
        lying.extend(huge);
        lying.extend(&bytes[place + 1..]);
        let _ = read(&sealed(lying));
    }
    // A number that occurs very often is short in bytes.
    let constant = Frame::default().with("x", Int64Array::from(vec![5; 3_000]));
    let plan = Plan::fit(settings(), &mut constant.clone(), &Alone).unwrap();
    let bytes = plan.to_bytes().unwrap();
    assert!(Plan::from_bytes(&bytes, 3_000).is_ok());
    let error = Plan::from_bytes(&bytes, 2_999).unwrap_err();
    assert!(error.to_string().contains("max_values"), "{error}");
}

#[test]
fn forged_bytes_harm_nobody() {
    let (baseline, bytes) = small();
    let mut state = 1_u64;
    let mut draw = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) as usize % below
    };
    let mut read_again = 0;
    for _ in 0..250 {
        let mut forged = bytes.clone();
        for _ in 0..1 + draw(3) {
            let place = HEADER + draw(forged.len() - HEADER);
            match draw(4) {
                0 => forged[place] ^= 1 << draw(8),
                1 => forged[place] = draw(256) as u8,
                2 => drop(forged.remove(place)),
                _ => forged.insert(place, draw(256) as u8),
            }
        }
        if let Ok(plan) = Plan::from_bytes(&sealed(forged), 1 << 16) {
            read_again += 1;
            // What is not refused goes on without a panic.
            if read_again % 5 == 0 {
                let _ = plan.compare(&mut baseline.clone(), &Alone);
            }
            let _ = plan.to_bytes();
        }
    }
    assert!(read_again > 10, "{read_again}");
    for length in 0..200 {
        let mut noise = bytes[..HEADER].to_vec();
        noise.extend((0..length).map(|_| draw(256) as u8));
        let _ = read(&sealed(noise));
    }
}

/// A folder of its own, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("driftline-plan-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn names(&self) -> Vec<String> {
        let names = std::fs::read_dir(&self.0).unwrap();
        let mut names: Vec<_> = names
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_file_is_there_wholly_or_not_at_all() {
    let folder = Folder::new();
    let path = folder.0.join("baseline.plan");
    let (baseline, bytes) = small();
    let plan = read(&bytes).unwrap();
    plan.save(&path).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
    let again = Plan::load(&path, Plan::MAX_VALUES).unwrap();
    let report = |plan: &Plan| plan.compare(&mut baseline.clone(), &Alone);
    assert_eq!(
        told(&report(&again).unwrap()),
        told(&report(&plan).unwrap())
    );
    // Replaced, with its permissions.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let own = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(&path, own).unwrap();
        let link = folder.0.join("link.plan");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        plan.save(&link).unwrap();
        assert!(link.symlink_metadata().unwrap().is_symlink());
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        std::fs::remove_file(&link).unwrap();
    }
    assert_eq!(folder.names(), ["baseline.plan"]);
    // Where it cannot be written nothing is left behind.
    let error = plan.save(&folder.0.join("missing/x.plan")).unwrap_err();
    assert!(
        matches!(
            error,
            Error::File {
                os_error: Some(_),
                ..
            }
        ),
        "{error:?}"
    );
    assert!(plan.save(&folder.0).is_err());
    assert_eq!(folder.names(), ["baseline.plan"]);
    assert!(Plan::load(&folder.0.join("none.plan"), 1 << 20).is_err());
}

#[test]
fn ranges_are_told() {
    for max_exact in [0, 999, 1_000_000_001] {
        let wanted = Settings {
            max_exact,
            ..settings()
        };
        let error = Plan::fit(wanted, &mut frame(50, 0, 0.0), &Alone).unwrap_err();
        assert!(error.to_string().starts_with("max_exact: got"), "{error}");
    }
}

#[test]
fn estimates_of_a_loaded_plan_are_the_same() {
    let p = spread(600, 3);
    let y: Vec<bool> = spread(600, 8).iter().zip(&p).map(|(u, p)| u < p).collect();
    let predicted: Vec<bool> = p.iter().map(|p| *p > 0.5).collect();
    let delay: Vec<f64> = spread(600, 5)
        .iter()
        .zip(&p)
        .map(|(e, p)| p * 10.0 + e * p)
        .collect();
    let base = Frame::default()
        .with("y", arrow_array::BooleanArray::from(y))
        .with("y_pred", arrow_array::BooleanArray::from(predicted))
        .with("y_proba", arrow_array::Float64Array::from(p.clone()))
        .with("delay", arrow_array::Float64Array::from(delay))
        .with(
            "predicted",
            arrow_array::Float64Array::from_iter_values(p.iter().map(|p| p * 10.0)),
        );
    let classifier = Settings {
        target: Some("y".to_owned()),
        prediction: Some("y_pred".to_owned()),
        probability: Some(driftline::table::Probability::Positive(
            "y_proba".to_owned(),
        )),
        columns: Some(["y", "y_pred", "y_proba"].map(str::to_owned).to_vec()),
        ..settings()
    };
    let regressor = Settings {
        target: Some("delay".to_owned()),
        prediction: Some("predicted".to_owned()),
        columns: Some(
            ["delay", "predicted", "y_proba"]
                .map(str::to_owned)
                .to_vec(),
        ),
        ..settings()
    };
    for settings in [classifier, regressor] {
        let plan = Plan::fit(settings, &mut base.clone(), &Alone).unwrap();
        let bytes = plan.to_bytes().unwrap();
        let again = read(&bytes).unwrap();
        let [ours, theirs] = [&plan, &again].map(|plan| {
            let chunks = driftline::estimate::Chunks {
                size: Some(150),
                ..Default::default()
            };
            plan.estimate(&mut base.clone(), None, None, &chunks, &Alone)
                .unwrap()
        });
        assert_eq!(ours, theirs);
        assert_eq!(again.to_bytes().unwrap(), bytes);
    }
}
