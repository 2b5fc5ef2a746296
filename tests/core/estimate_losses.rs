//! Estimates of regressors.

use driftline::estimate::{
    Chunks, Feature, LossEstimator, LossOptions, PredictedRows, RegressionMetric,
};

use super::estimate::Draws;

/// A regressor whose error depends on a number, on a label, and on whether a number is
/// missing.
struct World {
    noise: Vec<f64>,
    holes: Vec<f64>,
    codes: Vec<u32>,
    predictions: Vec<f64>,
    targets: Vec<f64>,
}

const LABELS: [&str; 3] = ["calm", "wild", "mild"];

impl World {
    /// `wild` rows are this share.
    fn new(draws: &mut Draws, n: usize, wild: f64) -> Self {
        let mut world = Self {
            noise: Vec::new(),
            holes: Vec::new(),
            codes: Vec::new(),
            predictions: Vec::new(),
            targets: Vec::new(),
        };
        for _ in 0..n {
            let noise = draws.uniform();
            let is_hole = draws.uniform() < 0.2;
            let code = if draws.uniform() < wild {
                1
            } else {
                2 * u32::from(draws.uniform() < 0.5)
            };
            let spread =
                0.2 + noise + [0.0, 2.0, 0.5][code as usize] + f64::from(u8::from(is_hole));
            let target = 10.0 + draws.normal();
            world.noise.push(noise);
            world
                .holes
                .push(if is_hole { f64::NAN } else { draws.uniform() });
            world.codes.push(code);
            world.targets.push(target);
            world.predictions.push(target + spread * draws.normal());
        }
        world
    }

    fn with<T>(&self, targets: &[f64], work: impl FnOnce(PredictedRows<'_>) -> T) -> T {
        let labels: Vec<Box<str>> = LABELS.iter().map(|&label| label.into()).collect();
        let features = [
            Feature::Numbers(&self.noise),
            Feature::Numbers(&self.holes),
            Feature::Labels(&self.codes, &labels),
        ];
        work(PredictedRows {
            features: &features,
            predictions: &self.predictions,
            targets,
        })
    }

    fn fitted(&self, threads: usize) -> LossEstimator {
        let options = LossOptions {
            threads: Some(threads),
            ..LossOptions::default()
        };
        self.with(&self.targets, |rows| LossEstimator::fit(rows, options))
            .unwrap()
    }
}

const METRICS: [RegressionMetric; 4] = [
    RegressionMetric::Mae,
    RegressionMetric::Mse,
    RegressionMetric::Rmse,
    RegressionMetric::Mape,
];

const SIMPLE: [RegressionMetric; 3] = [
    RegressionMetric::Mae,
    RegressionMetric::Mse,
    RegressionMetric::Rmse,
];

/// Several baselines, as an error of the models is that of all chunks.
#[test]
fn intervals_hold_realised_losses_when_rows_shift() {
    let mut held = [0; SIMPLE.len()];
    let (mut error, mut more) = (0.0, 0.0);
    for seed in 0..3 {
        let mut draws = Draws(seed << 32 | 1);
        let mut world = World::new(&mut draws, 1000, 0.2);
        // Two losses less to model.
        (world.targets[0], world.targets[1]) = (0.0, -1.0);
        (world.predictions[0], world.predictions[1]) = (0.0, -1.0);
        let fitted = world.fitted(2);
        let losses = world
            .targets
            .iter()
            .zip(&world.predictions)
            .map(|(t, p)| (t - p).abs());
        let baseline = losses.sum::<f64>() / 1000.0;
        for _ in 0..20 {
            let current = World::new(&mut draws, 100, 0.4);
            let report = current.with(&current.targets, |rows| {
                fitted.estimate(rows, &SIMPLE, &Chunks::default()).unwrap()
            });
            for (metric, held) in SIMPLE.iter().zip(&mut held) {
                let own = &report.metrics.get(metric.name()).unwrap()[0];
                *held += usize::from((own.low..=own.high).contains(&own.realised));
            }
            let mae = &report.metrics.get("mae").unwrap()[0];
            error += (mae.estimate.unwrap() - mae.realised.unwrap()) / 60.0;
            let of_baseline = report.baseline.metrics.get("mae").unwrap().value.unwrap();
            assert!((of_baseline - baseline).abs() < 1e-12);
            more += mae.estimate.unwrap() / baseline / 60.0;
        }
    }
    // Of 60 draws with a chance of 95 %, 51 or more in all but 1 of 1,000 cases.
    assert!(held.iter().all(|&held| held >= 51), "{held:?}");
    assert!(error.abs() < 0.08, "{error}");
    assert!(more > 1.1, "{more}");
}

#[test]
fn threads_and_storage_change_nothing() {
    let world = World::new(&mut Draws(3), 600, 0.2);
    let one = world.fitted(1);
    let text = serde_json::to_string(&one).unwrap();
    assert_eq!(text, serde_json::to_string(&world.fitted(3)).unwrap());
    let back: LossEstimator = serde_json::from_str(&text).unwrap();
    back.validate().unwrap();
    let targets = vec![f64::NAN; 600];
    let chunks = Chunks {
        size: Some(160),
        ..Chunks::default()
    };
    let report = |fitted: &LossEstimator| {
        world.with(&targets, |rows| {
            fitted.estimate(rows, &METRICS, &chunks).unwrap()
        })
    };
    assert_eq!(report(&one), report(&back));
    let chunks = &report(&one).metrics.get("mse").unwrap().clone();
    assert_eq!(chunks.len(), 4);
    assert!(
        chunks
            .iter()
            .all(|chunk| chunk.realised.is_none() && chunk.coverage == 0.0)
    );
}

#[test]
fn losses_that_a_baseline_does_not_define_are_not_estimated() {
    let mut world = World::new(&mut Draws(4), 200, 0.2);
    world.targets[5] = 0.0;
    world.targets[6] = -2.0;
    let fitted = world.fitted(1);
    let names: Vec<&str> = fitted.metrics().map(RegressionMetric::name).collect();
    assert_eq!(names, ["mae", "mse", "rmse"]);
    let mape = [RegressionMetric::Mape];
    let result = world.with(&world.targets, |rows| {
        fitted.estimate(rows, &mape, &Chunks::default())
    });
    let error = result.unwrap_err().to_string();
    assert!(error.starts_with("metrics: got \"mape\""), "{error}");
}

#[test]
fn regressors_name_what_they_refuse() {
    let world = World::new(&mut Draws(5), 50, 0.2);
    let fit = |targets: &[f64]| {
        let result = world.with(targets, |rows| {
            LossEstimator::fit(rows, LossOptions::default())
        });
        result.unwrap_err().to_string()
    };
    assert!(fit(&[f64::NAN; 50]).starts_with("baseline: got 0 rows"));
    assert!(fit(&[1.0; 49]).starts_with("target: got 49 rows"));
    assert!(fit(&[f64::INFINITY; 50]).starts_with("target: got inf"));
}
