//! Settings, written down.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::drift::{self, Univariate};
use crate::error::{Error, Result};
use crate::table::verdict::{Correction, Options};
use crate::table::{ErrorModel, Probability, Settings, Tests};

/// Of a test its name and its parameters as JSON.
#[derive(Debug, Serialize, Deserialize)]
struct SavedTest(String, String);

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SavedSettings {
    columns: Option<Vec<String>>,
    numeric: SavedTest,
    categorical: SavedTest,
    own: Vec<(String, SavedTest)>,
    alpha: f64,
    min_effect: f64,
    correction: String,
    weights: Vec<(String, f64)>,
    segments: Option<String>,
    pub(super) target: Option<String>,
    pub(super) prediction: Option<String>,
    threads: Option<usize>,
    seed: u64,
    max_exact: u64,
    multivariate: bool,
    probability: Option<Probability>,
    positive: Option<String>,
    /// Whether losses are modelled.
    error_model: bool,
}

impl SavedTest {
    /// # Errors
    /// `InvalidType` for code of the user's, of which neither name nor parameters tell all.
    fn of(test: &dyn Univariate, whose: &str) -> Result<Self> {
        let saved = Self(
            test.name().into_owned(),
            Value::Object(test.params()).to_string(),
        );
        let again = || saved.read().ok().map(|again| again.params());
        if test.is_foreign() || again() != Some(test.params()) {
            let got = format!("\"{}\" for {whose}, an object of your own", saved.0);
            let allowed = "tests of driftline.drift, in a plan that is saved: their name and \
                           parameters are all that is written";
            return Err(Error::invalid_type("tests", got, allowed));
        }
        Ok(saved)
    }

    fn read(&self) -> Result<Arc<dyn Univariate>> {
        let Self(name, params) = self;
        let params: Map<String, Value> = serde_json::from_str(params)
            .map_err(|error| Error::invalid_value("plan", error, "parameters of a test"))?;
        drift::get(name, &params)
    }
}

impl SavedSettings {
    pub(super) fn of(settings: &Settings) -> Result<Self> {
        let tests = &settings.tests;
        let own = tests.own().map(|(name, test)| {
            let saved = SavedTest::of(&**test, &format!("column \"{name}\""))?;
            Ok((name.to_owned(), saved))
        });
        Ok(Self {
            columns: settings.columns.clone(),
            numeric: SavedTest::of(&**tests.numeric(), "numeric columns")?,
            categorical: SavedTest::of(&**tests.categorical(), "categorical columns")?,
            own: own.collect::<Result<_>>()?,
            alpha: settings.verdict.alpha,
            min_effect: settings.verdict.min_effect,
            correction: settings.verdict.correction.name().to_owned(),
            weights: settings.weights.clone(),
            segments: settings.segments.clone(),
            target: settings.target.clone(),
            prediction: settings.prediction.clone(),
            threads: settings.threads,
            seed: settings.seed,
            max_exact: settings.max_exact,
            multivariate: settings.multivariate,
            probability: settings.probability.clone(),
            positive: settings.positive.clone(),
            error_model: match settings.error_model {
                ErrorModel::BuiltIn => true,
                ErrorModel::Nothing => false,
                ErrorModel::Own(_) => {
                    let got = "an object of your own";
                    let allowed = "the model built in, or none, in a plan that is saved";
                    return Err(Error::invalid_type("error_model", got, allowed));
                }
            },
        })
    }

    pub(super) fn read(self) -> Result<Settings> {
        let mut tests = Tests::default()
            .with_numeric(self.numeric.read()?)
            .with_categorical(self.categorical.read()?)?;
        for (name, test) in self.own {
            tests = tests.with_column(name, test.read()?);
        }
        let settings = Settings {
            columns: self.columns,
            tests,
            verdict: Options {
                alpha: self.alpha,
                min_effect: self.min_effect,
                correction: Correction::from_name(&self.correction)?,
            },
            weights: self.weights,
            segments: self.segments,
            target: self.target,
            prediction: self.prediction,
            threads: self.threads.map(|threads| threads.clamp(1, 1024)),
            seed: self.seed,
            max_exact: self.max_exact,
            multivariate: self.multivariate,
            probability: self.probability,
            positive: self.positive,
            error_model: if self.error_model {
                ErrorModel::BuiltIn
            } else {
                ErrorModel::Nothing
            },
        };
        settings.validate()?;
        Ok(settings)
    }
}
