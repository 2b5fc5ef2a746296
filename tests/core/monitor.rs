//! Monitors: windows, looks, alarms.

use std::sync::Arc;

use arrow_array::{BooleanArray, Float64Array, Int64Array, StringArray, TimestampMicrosecondArray};
use driftline::error::Error;
use driftline::event::{Kind, Timestamp};
use driftline::monitor::{Cell, Config, Every, Monitor, Rule, Turn, Window};
use driftline::table::verdict::{Options, Verdict};
use driftline::table::{Alone, Plan, Settings};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

use crate::table::Frame;
use crate::table_plan::{HEADER, sealed};

struct Draws(Xoshiro256PlusPlus);

impl Draws {
    fn new(seed: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    fn many(&mut self, n: usize) -> Vec<f64> {
        (0..n).map(|_| self.uniform()).collect()
    }
}

/// Every kind of column, with missing cells; `moved`: how far numbers are shifted.
fn mixed(seed: u64, rows: usize, moved: f64) -> Frame {
    let mut draws = Draws::new(seed);
    let missing = |draws: &mut Draws| draws.uniform() < 0.05;
    let number = |draws: &mut Draws| (!missing(draws)).then(|| draws.uniform() + moved);
    let code = |draws: &mut Draws| (!missing(draws)).then(|| (draws.uniform() * 5.0) as i64);
    let city = |draws: &mut Draws| {
        let cities = ["Oslo", "Rome", "Lima", "Bern"];
        (!missing(draws)).then(|| cities[(draws.uniform() * 4.0) as usize])
    };
    let flag = |draws: &mut Draws| (!missing(draws)).then(|| draws.uniform() < 0.3);
    let start = 1_700_000_000_000_000i64;
    let time =
        |draws: &mut Draws, row: usize| (!missing(draws)).then(|| start + row as i64 * 61_000_001);
    Frame::default()
        .with(
            "x",
            (0..rows)
                .map(|_| number(&mut draws))
                .collect::<Float64Array>(),
        )
        .with(
            "code",
            (0..rows).map(|_| code(&mut draws)).collect::<Int64Array>(),
        )
        .with(
            "city",
            (0..rows).map(|_| city(&mut draws)).collect::<StringArray>(),
        )
        .with(
            "flag",
            (0..rows)
                .map(|_| flag(&mut draws))
                .collect::<BooleanArray>(),
        )
        .with(
            "when",
            (0..rows)
                .map(|row| time(&mut draws, row))
                .collect::<TimestampMicrosecondArray>()
                .with_timezone("America/New_York"),
        )
}

fn settings(min_effect: f64) -> Settings {
    let verdict = Options {
        min_effect,
        ..Options::default()
    };
    Settings {
        verdict,
        threads: Some(1),
        ..Settings::default()
    }
}

fn plan(frame: &Frame) -> Arc<Plan> {
    Arc::new(Plan::fit(settings(0.05), &mut frame.clone(), &Alone).unwrap())
}

fn numbers(values: Vec<f64>) -> Frame {
    Frame::default().with("x", Float64Array::from(values))
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_nanos(seconds * 1_000_000_000)
}

#[test]
fn a_report_of_the_last_rows_is_that_of_comparing_them() {
    let plan = plan(&mixed(1, 2000, 0.0));
    let stream = mixed(2, 3700, 0.2);
    let config = Config::new(Window::Last(1000), Rule::Anytime(0.05));
    let monitor = Monitor::new(plan.clone(), config).unwrap();
    for (from, rows) in [(0, 700), (700, 1500), (2200, 1), (2201, 1499)] {
        monitor
            .observe_table(&mut stream.part(from, rows), None, None, &Alone)
            .unwrap();
        let upto = from + rows;
        let first = upto.saturating_sub(1000);
        let expected = plan
            .compare(&mut stream.part(first, upto - first), &Alone)
            .unwrap();
        assert_eq!(monitor.report_alone().unwrap(), expected);
    }
    assert_eq!(monitor.n(), (3700, 1000, 3));
}

#[test]
fn a_tumbling_window_is_told_whole_and_under_way() {
    let plan = plan(&mixed(1, 2000, 0.0));
    let stream = mixed(3, 1250, 0.0);
    let config = Config::new(Window::TumblingRows(500), Rule::Anytime(0.05));
    let monitor = Monitor::new(plan.clone(), config).unwrap();
    assert!(matches!(
        monitor.report(true, &Alone),
        Err(Error::EmptySample { .. })
    ));
    monitor
        .observe_table(&mut stream.clone(), None, None, &Alone)
        .unwrap();
    let of = |from, rows| plan.compare(&mut stream.part(from, rows), &Alone).unwrap();
    assert_eq!(monitor.report(true, &Alone).unwrap(), of(500, 500));
    assert_eq!(monitor.report(false, &Alone).unwrap(), of(1000, 250));
    assert_eq!(monitor.n(), (1250, 250, 2));
}

#[test]
fn rows_one_by_one_are_the_table() {
    let base = mixed(1, 2000, 0.0);
    let plan = plan(&base);
    let cities = ["Oslo", "Rome", "Lima", "Bern", "Nice"];
    let mut draws = Draws::new(5);
    let make = || {
        Monitor::new(
            plan.clone(),
            Config::new(Window::Last(300), Rule::EachLook(0.05)),
        )
    };
    let (one, many) = (make().unwrap(), make().unwrap());
    let (mut xs, mut codes, mut labels, mut flags, mut times) =
        (vec![], vec![], vec![], vec![], vec![]);
    for row in 0..400i64 {
        let x = Some(draws.uniform() * 1.4).filter(|x| *x > 0.1);
        let code = Some((draws.uniform() * 7.0) as i64).filter(|code| *code > 0);
        let city = Some(cities[(draws.uniform() * 5.0) as usize]).filter(|city| *city != "Bern");
        let flag = Some(draws.uniform() < 0.5).filter(|_| row % 9 > 0);
        let time = Some(1_700_000_000 + row * 77);
        one.observe(
            &[
                x.map_or(Cell::Number(f64::NAN), Cell::Number),
                code.map_or(Cell::Missing, |code| Cell::Number(code as f64)),
                city.map_or(Cell::Missing, Cell::Label),
                flag.map_or(Cell::Missing, |flag| {
                    Cell::Label(if flag { "true" } else { "false" })
                }),
                time.map_or(Cell::Missing, |time| {
                    Cell::Time(time as f64, Some("America/New_York"))
                }),
            ],
            None,
        )
        .unwrap();
        xs.push(x);
        codes.push(code);
        labels.push(city);
        flags.push(flag);
        times.push(time.map(|time| time * 1_000_000));
    }
    let mut table = Frame::default()
        .with("flag", BooleanArray::from(flags))
        .with("x", Float64Array::from(xs))
        .with("city", StringArray::from(labels))
        .with("code", Int64Array::from(codes))
        .with(
            "when",
            TimestampMicrosecondArray::from(times).with_timezone("America/New_York"),
        );
    many.observe_table(&mut table, None, None, &Alone).unwrap();
    let (ours, theirs) = (one.report_alone().unwrap(), many.report_alone().unwrap());
    assert_eq!(ours, theirs);
    assert_eq!(
        one.last_look().unwrap().columns,
        many.last_look().unwrap().columns
    );
}

/// The largest distance of the shares below any value, by definition.
fn distance(a: &[f64], b: &[f64]) -> f64 {
    let share =
        |all: &[f64], x: f64| all.iter().filter(|y| **y <= x).count() as f64 / all.len() as f64;
    let values = a.iter().chain(b);
    values
        .map(|&x| (share(a, x) - share(b, x)).abs())
        .fold(0.0, f64::max)
}

#[test]
fn looks_measure_the_distance_exactly_where_values_are_few_and_nearly_where_they_are_many() {
    let mut draws = Draws::new(11);
    for (grain, bound) in [(100.0, 1e-12), (1e9, 1.0 / 125.0)] {
        let mut sample = |n, moved: f64| -> Vec<f64> {
            (0..n)
                .map(|_| ((draws.uniform() + moved) * grain).floor())
                .collect()
        };
        let base = sample(3000, 0.0);
        let window = sample(500, 0.3);
        let monitor = Monitor::new(
            plan(&numbers(base.clone())),
            Config::new(Window::Last(500), Rule::EachLook(0.05)),
        )
        .unwrap();
        monitor
            .observe_table(&mut numbers(window.clone()), None, None, &Alone)
            .unwrap();
        let look = monitor.last_look().unwrap();
        let (seen, truth) = (
            look.columns[0].judgement.effect.value,
            distance(&base, &window),
        );
        assert!(
            seen <= truth + 1e-12 && seen >= truth - bound,
            "{seen} of {truth}"
        );
    }
}

#[test]
fn drift_is_told_once_reminded_and_ended() {
    let base = numbers(Draws::new(1).many(2000));
    let mut config = Config::new(Window::Last(200), Rule::EachLook(0.01));
    config.every = Some(Every::Rows(100));
    config.cooldown_s = 1000.0;
    let monitor = Monitor::new(plan(&base), config).unwrap();
    let mut draws = Draws::new(2);
    let mut told = Vec::new();
    for row in 0..1500i64 {
        let moved = if (400..1000).contains(&row) { 0.5 } else { 0.0 };
        let alarms = monitor.observe_numbers(&[draws.uniform() + moved], Some(at(row * 4)));
        told.extend(alarms.unwrap().into_iter().map(|alarm| (row, alarm)));
    }
    let turns: Vec<_> = told
        .iter()
        .map(|(_, alarm)| (alarm.turn, alarm.column))
        .collect();
    assert_eq!(
        turns,
        [
            (Turn::Detected, Some(0)),
            (Turn::Detected, None),
            (Turn::Reminder, Some(0)),
            (Turn::Reminder, None),
            (Turn::Reminder, Some(0)),
            (Turn::Reminder, None),
            (Turn::Resolved, Some(0)),
            (Turn::Resolved, None),
        ]
    );
    // Found at the first look with moved rows: half of 100 of the last 200 are beyond.
    assert_eq!(told[0].0, 499);
    assert_eq!(told[2].0 - told[0].0, 300); // the third look after it is 1,200 s later
    let event = told[0].1.event(None, "monitor");
    assert_eq!(
        (event.kind.clone(), event.feature.as_deref()),
        (Kind::DriftDetected, Some("x"))
    );
    assert_eq!(event.timestamp, at(499 * 4));
    let metadata = event.metadata.unwrap();
    for key in [
        "message",
        "low",
        "high",
        "alpha",
        "look",
        "n",
        "n_baseline",
        "reasons",
    ] {
        assert!(metadata.contains_key(key), "{key}");
    }
    assert_eq!(told[6].1.event(None, "monitor").kind, Kind::DriftResolved);
    assert_eq!(monitor.n_detections(), (3, 4));
}

#[test]
fn missing_values_and_unseen_labels_are_drift() {
    let n = 1000;
    let labels = |mark: &'static str| {
        StringArray::from_iter_values((0..n).map(move |k| if k % 2 == 0 { mark } else { "b" }))
    };
    let base = Frame::default()
        .with("x", Float64Array::from(Draws::new(1).many(n)))
        .with("c", labels("a"));
    let monitor = Monitor::new(
        plan(&base),
        Config::new(Window::Last(n), Rule::Anytime(0.05)),
    )
    .unwrap();
    let xs = Draws::new(2).many(n);
    let xs = xs
        .into_iter()
        .enumerate()
        .map(|(k, x)| (k % 4 > 0).then_some(x));
    let mut current = Frame::default()
        .with("x", xs.collect::<Float64Array>())
        .with("c", labels("new"));
    let alarms = monitor
        .observe_table(&mut current, None, None, &Alone)
        .unwrap();
    let told: Vec<String> = alarms.iter().map(|alarm| alarm.message()).collect();
    assert!(
        told[0].contains("missing values went from 0.0% to 25.0%"),
        "{told:?}"
    );
    assert!(
        told[1].contains("in categories that the baseline has not"),
        "{told:?}"
    );
    assert!(
        told[2].starts_with("2 of 2 columns have drifted"),
        "{told:?}"
    );
}

#[test]
fn a_window_of_time_ends_with_its_time() {
    let base = numbers(Draws::new(1).many(3000));
    let config = Config::new(Window::TumblingTime(60.0), Rule::EachLook(0.05));
    let monitor = Monitor::new(plan(&base), config).unwrap();
    let mut draws = Draws::new(2);
    // A row a second, from 30 s after a full minute; the second minute has moved.
    for second in 0..150i64 {
        let moved = if (30..90).contains(&second) { 0.9 } else { 0.0 };
        let at = at(1_700_000_040 + 30 + second);
        monitor
            .observe_numbers(&[draws.uniform() + moved], Some(at))
            .unwrap();
        let looks = match second {
            0..30 => 0,
            30..90 => 1,
            _ => 2,
        };
        assert_eq!(monitor.n().2, looks, "{second}");
        assert_eq!(monitor.is_drifting(), (90..150).contains(&second));
    }
    assert_eq!(monitor.last_look().unwrap().rows, 60);
    assert_eq!(monitor.n().1, 60);
    let whole = monitor.report(true, &Alone).unwrap();
    assert_eq!((whole.current.rows, whole.verdict), (60, Verdict::Drifted));
    assert!(whole.columns[0].flags.contains(&"approximate"));
    // Time alone ends the third minute, but never goes back.
    assert!(monitor.tick(at(0)).unwrap().is_empty());
    let alarms = monitor.tick(at(1_700_000_040 + 180)).unwrap();
    assert!(alarms.iter().all(|alarm| alarm.turn == Turn::Resolved) && alarms.len() == 2);
    assert_eq!(monitor.n().1, 0);
}

#[test]
fn fading_rows_count_for_what_their_weights_say() {
    let base = numbers((0..1000).map(|k| f64::from(k % 2)).collect());
    let half_life = 100.0;
    let config = Config::new(Window::Fading(half_life), Rule::EachLook(0.05));
    let monitor = Monitor::new(plan(&base), config).unwrap();
    let mut values = vec![0.0; 700];
    values.extend([1.0; 100]);
    monitor
        .observe_table(&mut numbers(values), None, None, &Alone)
        .unwrap();
    // Ones: half of all weight, but for what 800 rows leave: (1 - 1/2) / (1 - 2^-8).
    let ones = 0.5 / (1.0 - 0.5f64.powi(8));
    let report = monitor.report_alone().unwrap();
    let categories = report.columns[0].categories.as_ref().unwrap();
    let rows: u64 = categories.iter().map(|category| category.current).sum();
    let own = categories
        .iter()
        .find(|category| category.category.as_deref() == Some("1"));
    let share = own.unwrap().current as f64 / rows as f64;
    assert!(
        (share - ones).abs() <= 1.0 / rows as f64,
        "{share} is not {ones}"
    );
    // Kish: (1 + r) / (1 - r) for r = 2^(-1/100).
    let r = 0.5f64.powf(0.01);
    let kish = (1.0 + r) / (1.0 - r) * (1.0 - r.powi(800)) / (1.0 + r.powi(800));
    assert_eq!(rows, kish.round() as u64);
}

#[test]
fn two_windows_make_one() {
    let base = mixed(1, 2000, 0.0);
    let plan = plan(&base);
    let (left, right) = (mixed(2, 600, 0.1), mixed(3, 500, 0.4));
    let make =
        |window| Monitor::new(plan.clone(), Config::new(window, Rule::EachLook(0.05))).unwrap();
    let (a, b) = (make(Window::Last(600)), make(Window::Last(500)));
    a.observe_table(&mut left.clone(), None, None, &Alone)
        .unwrap();
    b.observe_table(&mut right.clone(), None, None, &Alone)
        .unwrap();
    let whole = make(Window::Last(1100));
    whole
        .observe_table(&mut left.clone(), None, None, &Alone)
        .unwrap();
    whole
        .observe_table(&mut right.clone(), None, None, &Alone)
        .unwrap();
    let merged = a.merge(&b).unwrap();
    assert_eq!(
        merged.report_alone().unwrap(),
        whole.report_alone().unwrap()
    );
    assert_eq!(merged.n().0, 1100);
    assert_eq!(a.n().0, 600); // goes on as it was
    for window in [Window::TumblingTime(1e6), Window::Fading(50.0)] {
        let (a, b, c) = (make(window), make(window), make(window));
        a.observe_table(&mut left.clone(), None, None, &Alone)
            .unwrap();
        b.observe_table(&mut right.clone(), None, None, &Alone)
            .unwrap();
        let (ab, ba) = (a.merge(&b).unwrap(), b.merge(&a).unwrap());
        assert_eq!(
            ab.report_alone().unwrap(),
            ba.report_alone().unwrap(),
            "{window:?}"
        );
        if let Window::TumblingTime(_) = window {
            c.observe_table(&mut left.clone(), None, None, &Alone)
                .unwrap();
            c.observe_table(&mut right.clone(), None, None, &Alone)
                .unwrap();
            assert_eq!(ab.report_alone().unwrap(), c.report_alone().unwrap());
        }
    }
    let other = Monitor::new(
        super::monitor::plan(&mixed(9, 2000, 0.0)),
        Config::new(Window::Last(600), Rule::EachLook(0.05)),
    );
    assert!(matches!(
        a.merge(&other.unwrap()),
        Err(Error::InvalidValue { .. })
    ));
    let time = make(Window::TumblingTime(60.0));
    assert!(matches!(a.merge(&time), Err(Error::InvalidValue { .. })));
}

#[test]
fn a_row_that_does_not_fit_is_not_taken() {
    let plan = plan(&mixed(1, 2000, 0.0));
    let config = || Config::new(Window::Last(100), Rule::EachLook(0.05));
    let monitor = Monitor::new(plan.clone(), config()).unwrap();
    let good = [
        Cell::Number(0.5),
        Cell::Number(1.0),
        Cell::Label("Oslo"),
        Cell::Missing,
        Cell::Missing,
    ];
    let with = |place: usize, cell| {
        let mut row = good;
        row[place] = cell;
        row
    };
    for (row, said) in [
        (
            with(0, Cell::Label("many")),
            "the label \"many\" in column \"x\"",
        ),
        (
            with(2, Cell::Number(3.0)),
            "the number 3 in column \"city\"",
        ),
        (with(1, Cell::Time(0.0, None)), "a time in column \"code\""),
    ] {
        let error = monitor.observe(&row, None).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
    let error = monitor.observe(&good[..2], None).unwrap_err().to_string();
    assert!(
        error.contains("2 cells") && error.contains("5, one for each of \"x\""),
        "{error}"
    );
    let error = monitor
        .observe_numbers(&[0.0; 5], None)
        .unwrap_err()
        .to_string();
    assert!(error.contains("\"city\""), "{error}");
    let mut labels = Frame::default().with("x", StringArray::from(vec!["a"]));
    let error = monitor
        .observe_table(&mut labels, None, None, &Alone)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("column \"x\" with labels such as \"a\""),
        "{error}"
    );
    let mut none = Frame::default().with("y", StringArray::from(vec!["a"]));
    assert!(
        monitor
            .observe_table(&mut none, None, None, &Alone)
            .is_err()
    );
    assert_eq!(monitor.n(), (0, 0, 0));
    assert!(matches!(
        monitor.report_alone(),
        Err(Error::EmptySample { .. })
    ));
    for (window, every, rule) in [
        (Window::Last(0), None, Rule::Anytime(0.05)),
        (Window::Fading(0.5), None, Rule::Anytime(0.05)),
        (Window::TumblingTime(f64::NAN), None, Rule::Anytime(0.05)),
        (
            Window::TumblingRows(5),
            Some(Every::Rows(5)),
            Rule::Anytime(0.05),
        ),
        (Window::Last(5), Some(Every::Rows(0)), Rule::Anytime(0.05)),
        (Window::Last(5), None, Rule::Anytime(1.0)),
        (Window::Last(5), None, Rule::Budget(Every::Seconds(0.0))),
    ] {
        let mut config = Config::new(window, rule);
        config.every = every;
        assert!(
            Monitor::new(plan.clone(), config).is_err(),
            "{window:?} {every:?} {rule:?}"
        );
    }
    let mut config = config();
    config.columns = Some(vec!["salary".to_owned()]);
    assert!(Monitor::new(plan, config).is_err());
}

/// Of so many streams without drift, each with a baseline of its own, those that ever alarm.
fn ever_alarming(streams: u64, rule: Rule, min_effect: f64) -> usize {
    let alarming = |seed: u64| {
        let mut draws = Draws::new(seed);
        let columns = |draws: &mut Draws, rows: usize| {
            let labels: Vec<&str> = (0..rows)
                .map(|_| ["a", "b", "c"][(draws.uniform() * 3.0) as usize])
                .collect();
            Frame::default()
                .with("x", Float64Array::from(draws.many(rows)))
                .with("y", Float64Array::from(draws.many(rows)))
                .with("c", StringArray::from(labels))
        };
        let base = columns(&mut draws, 300);
        let plan = Plan::fit(settings(min_effect), &mut base.clone(), &Alone).unwrap();
        let mut config = Config::new(Window::Last(100), rule);
        config.every = Some(Every::Rows(25));
        let monitor = Monitor::new(Arc::new(plan), config).unwrap();
        let mut stream = columns(&mut draws, 1000);
        !monitor
            .observe_table(&mut stream, None, None, &Alone)
            .unwrap()
            .is_empty()
    };
    (0..streams).filter(|&seed| alarming(seed)).count()
}

#[test]
fn looking_again_and_again_alarms_in_no_more_than_alpha_of_streams_without_drift() {
    // A thousand streams: tests/python/test_monitor.py. Without any drift accepted, the tests
    // are at their sharpest.
    let alpha = 0.2;
    let ever = ever_alarming(60, Rule::Anytime(alpha), 0.0);
    // Three standard errors above.
    let limit = 60.0 * alpha + 3.0 * (60.0 * alpha * (1.0 - alpha)).sqrt();
    assert!((ever as f64) < limit, "{ever} of 60");
    assert_eq!(ever_alarming(20, Rule::Anytime(alpha), 0.05), 0);
    // At a fixed level most streams alarm.
    let each = ever_alarming(20, Rule::EachLook(alpha), 0.0);
    assert!(each > 15, "{each} of 20");
}

#[test]
fn a_budget_is_kept() {
    // 40 windows of 100 rows that do not overlap; one false alarm in 10,000 rows.
    let mut alarms = 0;
    for seed in 0..25 {
        let mut draws = Draws::new(seed);
        let plan = Plan::fit(settings(0.0), &mut numbers(draws.many(2000)), &Alone).unwrap();
        let rule = Rule::Budget(Every::Rows(10_000));
        let config = Config::new(Window::TumblingRows(100), rule);
        let monitor = Monitor::new(Arc::new(plan), config).unwrap();
        let told = monitor
            .observe_table(&mut numbers(draws.many(4000)), None, None, &Alone)
            .unwrap();
        alarms += told
            .iter()
            .filter(|alarm| alarm.column.is_none() && alarm.is_alert())
            .count();
    }
    // 10 expected at most in 100,000 rows.
    assert!(alarms <= 10 + 3 * 4, "{alarms}");
    assert!(alarms > 0, "{alarms}");
}

#[test]
fn a_history_tells_how_much_rows_depend_on_each_other() {
    // Each value stays for 20 rows.
    let held = |draws: &mut Draws, rows: usize| -> Vec<f64> {
        let values = draws.many(rows / 20);
        values.into_iter().flat_map(|value| [value; 20]).collect()
    };
    let mut ever = [0; 2];
    for seed in 0..15 {
        let mut draws = Draws::new(seed);
        let base = numbers(held(&mut draws, 8000));
        let plan = Arc::new(Plan::fit(settings(0.05), &mut base.clone(), &Alone).unwrap());
        let stream = numbers(held(&mut draws, 20_000));
        for (told, ever) in [false, true].into_iter().zip(&mut ever) {
            let config = Config::new(Window::Last(400), Rule::Anytime(0.05));
            let mut monitor = Monitor::new(plan.clone(), config).unwrap();
            if told {
                monitor = monitor.with_history(&mut base.clone(), &Alone).unwrap();
                let worth = monitor.dependence().unwrap()[0];
                assert!((14.0..120.0).contains(&worth.window), "{worth:?}");
            }
            let alarms = monitor
                .observe_table(&mut stream.clone(), None, None, &Alone)
                .unwrap();
            *ever += usize::from(!alarms.is_empty());
        }
    }
    assert!(ever[0] > 12 && ever[1] <= 2, "{ever:?}");
    // Drift is found all the same.
    let mut draws = Draws::new(99);
    let base = numbers(held(&mut draws, 8000));
    let config = Config::new(Window::Last(4000), Rule::Anytime(0.05));
    let monitor = Monitor::new(plan(&base), config).unwrap();
    let monitor = monitor.with_history(&mut base.clone(), &Alone).unwrap();
    let moved = held(&mut draws, 8000)
        .into_iter()
        .map(|x| x + 0.6)
        .collect();
    assert!(
        !monitor
            .observe_table(&mut numbers(moved), None, None, &Alone)
            .unwrap()
            .is_empty()
    );
    let short = monitor.with_history(&mut numbers(vec![1.0; 399]), &Alone);
    assert!(matches!(short, Err(Error::InvalidValue { .. })));
}

#[test]
fn rows_may_come_from_many_threads() {
    let base = numbers(Draws::new(1).many(2000));
    let monitor = Monitor::new(
        plan(&base),
        Config::new(Window::Last(500), Rule::Anytime(0.05)),
    )
    .unwrap();
    std::thread::scope(|scope| {
        for seed in 0..4 {
            let monitor = &monitor;
            scope.spawn(move || {
                let mut draws = Draws::new(10 + seed);
                for _ in 0..1000 {
                    monitor.observe_numbers(&[draws.uniform()], None).unwrap();
                    if draws.uniform() < 0.01 {
                        let _ = monitor.report_alone();
                    }
                }
            });
        }
    });
    assert_eq!(monitor.n(), (4000, 500, 8));
    let report = monitor.report_alone().unwrap();
    assert_eq!(report.current.rows, 500);
}

#[test]
fn a_monitor_goes_on_from_its_bytes() {
    let base = mixed(1, 2000, 0.0);
    let plan = plan(&base);
    let (before, after) = (mixed(2, 700, 0.3), mixed(3, 700, 0.0));
    let windows = [
        Window::Last(300),
        Window::TumblingRows(300),
        Window::TumblingTime(3000.0),
        Window::Fading(100.0),
    ];
    for window in windows {
        let mut config = Config::new(window, Rule::Budget(Every::Rows(10_000)));
        config.model = Some(driftline::event::ModelId::parse("fraud:2").unwrap());
        let monitor = Monitor::new(plan.clone(), config).unwrap();
        let monitor = monitor.with_history(&mut base.clone(), &Alone).unwrap();
        let times = |from: i64| (0..700).map(|row| at(from + row * 10)).collect::<Vec<_>>();
        monitor
            .observe_table(&mut before.clone(), Some(&times(0)), None, &Alone)
            .unwrap();
        let bytes = monitor.to_bytes().unwrap();
        let other = Monitor::from_bytes(&bytes, Plan::MAX_VALUES).unwrap();
        assert_eq!(other.to_bytes().unwrap(), bytes);
        let [ours, theirs] = [&monitor, &other].map(|own| {
            own.observe_table(&mut after.clone(), Some(&times(7000)), None, &Alone)
                .unwrap()
        });
        assert_eq!(ours, theirs, "{window:?}");
        assert_eq!(
            monitor.report_alone().unwrap(),
            other.report_alone().unwrap()
        );
        assert_eq!(monitor.last_look(), other.last_look());
        assert_eq!(monitor.config(), other.config());
    }
}

#[test]
fn damaged_bytes_are_no_monitor() {
    let base = Frame::default()
        .with("x", Float64Array::from(Draws::new(1).many(50)))
        .with(
            "c",
            StringArray::from_iter_values((0..50).map(|k| if k % 3 > 0 { "a" } else { "b" })),
        );
    let mut draws = Draws::new(7);
    for window in [
        Window::Last(20),
        Window::TumblingRows(15),
        Window::Fading(10.0),
    ] {
        let monitor = Monitor::new(plan(&base), Config::new(window, Rule::Anytime(0.05))).unwrap();
        monitor
            .observe_table(&mut base.clone(), None, None, &Alone)
            .unwrap();
        let bytes = monitor.to_bytes().unwrap();
        let refused = |bytes: &[u8]| {
            let error = Monitor::from_bytes(bytes, Plan::MAX_VALUES).unwrap_err();
            assert!(matches!(error, Error::InvalidValue { .. }), "{error}");
        };
        for place in (0..bytes.len()).step_by(31) {
            let mut damaged = bytes.clone();
            damaged[place] ^= 1 << (place % 8);
            refused(&damaged);
            refused(&bytes[..place]);
        }
        let plan = monitor.plan().to_bytes().unwrap();
        refused(&plan);
        assert!(Plan::from_bytes(&bytes, Plan::MAX_VALUES).is_err());
        // With a checksum that fits: refused, or a monitor that does no harm.
        for _ in 0..60 {
            let mut crafted = bytes.clone();
            for _ in 0..1 + (draws.uniform() * 3.0) as usize {
                let place = HEADER + (draws.uniform() * (bytes.len() - HEADER) as f64) as usize;
                crafted[place] = (draws.uniform() * 256.0) as u8;
            }
            if let Ok(monitor) = Monitor::from_bytes(&sealed(crafted), 1 << 20) {
                let _ = monitor.observe_table(&mut base.clone(), None, None, &Alone);
                let _ = monitor.report_alone();
            }
        }
    }
}
