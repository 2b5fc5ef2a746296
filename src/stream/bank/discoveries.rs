//! False discoveries among the features of a bank, kept few by their e-values.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::features::{Features, Origin};
use super::{Bank, features_of, width};
use crate::drift::unknown;
use crate::error::{Error, Result};
use crate::stream::detector::Detector;
use crate::stream::discovery::e_bh;
use crate::stream::options::{OnDrift, Options};
use crate::stream::state::{MOST_VALUES, damaged};

/// The least rate: evidence for less is beyond what the detectors can count.
const LEAST_FDR: f64 = 1e-12;

/// Detectors with it do not alarm before a run of e-LOND is decided: no limit comes near e^230.
const NEVER: f64 = 1e-100;

/// What the alarm limit of a detector is above n / fdr, so that rounding cannot hide a feature
/// that has crossed it from e-BH.
const SLACK: f64 = 1e-12;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Method {
    EBh,
    ELond,
}

impl Method {
    const NAMES: [&'static str; 2] = ["e_bh", "e_lond"];

    fn of(name: &str) -> Result<Self> {
        match name {
            "e_bh" => Ok(Self::EBh),
            "e_lond" => Ok(Self::ELond),
            _ => Err(unknown(
                "method".to_owned(),
                &format!("\"{name}\""),
                name,
                &Self::NAMES,
            )),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::EBh => "e_bh",
            Self::ELond => "e_lond",
        }
    }

    /// The level of the detectors themselves.
    fn alpha(self, fdr: f64, n: usize) -> f64 {
        match self {
            Self::EBh => fdr / n as f64 * (1.0 - SLACK),
            Self::ELond => NEVER,
        }
    }
}

/// A feature from its start, or restart, to its discovery: one hypothesis of e-LOND.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Run {
    /// From 1, in the order in which runs begin.
    number: u64,
    /// Discoveries before it began.
    discoveries: u64,
    /// The logarithm of the e-value that it needs.
    #[serde(skip)]
    limit: f64,
}

/// Which features to believe.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Control {
    fdr: f64,
    method: Method,
    /// Features selected at the last row, ascending.
    selected: Vec<usize>,
    /// Of e-LOND: the run of each feature.
    runs: Vec<Run>,
    n_runs: u64,
    n_discoveries: u64,
}

/// Whether a rate can be promised for such detectors.
fn check(
    name: &str,
    parameters: &Map<String, Value>,
    options: Options,
    fdr: f64,
    method: Method,
) -> Result<()> {
    if !(LEAST_FDR..1.0).contains(&fdr) {
        let allowed = format!("a number from {LEAST_FDR:e}, below 1");
        return Err(Error::invalid_value("fdr", fdr, allowed));
    }
    let given = |name| parameters.get(name).is_some_and(|value| !value.is_null());
    let why = match name {
        "betting_confidence_sequence" if given("target") => None,
        "betting_confidence_sequence" => Some("whose e-value holds only with target given"),
        "conformal_martingale" if given("alpha") => None,
        "conformal_martingale" => Some("whose wealth is a martingale only with alpha given"),
        "e_detector" => Some("whose e-value holds only relative to the number of values"),
        _ => Some("which gives no e-values"),
    };
    if let Some(why) = why {
        return Err(refused(fdr, &format!("\"{name}\", {why}")));
    }
    if method == Method::ELond && given("baseline") {
        let allowed = "None with method=\"e_lond\": each run would count its values again";
        return Err(Error::invalid_value("baseline", "values", allowed));
    }
    if options.on_drift == OnDrift::KeepRecent {
        let allowed = "\"reset\" with fdr: what led to a discovery must not count again";
        return Err(Error::invalid_value("on_drift", "\"keep_recent\"", allowed));
    }
    Ok(())
}

fn refused(fdr: f64, what: &str) -> Error {
    let allowed = "None for it; a rate for betting_confidence_sequence with target and for \
                   conformal_martingale with alpha";
    Error::invalid_value("fdr", format!("{fdr} for {what}"), allowed)
}

impl Control {
    fn new(fdr: f64, method: Method, n: usize) -> Self {
        let mut control = Self {
            fdr,
            method,
            selected: Vec::new(),
            runs: Vec::new(),
            n_runs: 0,
            n_discoveries: 0,
        };
        if method == Method::ELond {
            for _ in 0..n {
                let run = control.next_run();
                control.runs.push(run);
            }
        }
        control
    }

    /// -ln of the level fdr g_t (D + 1), g_t = 1 / (t (t + 1)).
    fn limit(&self, number: u64, discoveries: u64) -> f64 {
        let t = number as f64;
        t.ln() + (t + 1.0).ln() - self.fdr.ln() - (discoveries as f64 + 1.0).ln()
    }

    fn next_run(&mut self) -> Run {
        self.n_runs = self.n_runs.saturating_add(1).min(MOST_VALUES);
        Run {
            number: self.n_runs,
            discoveries: self.n_discoveries,
            limit: self.limit(self.n_runs, self.n_discoveries),
        }
    }

    fn begin_run(&mut self, feature: usize) {
        let run = self.next_run();
        if let Some(place) = self.runs.get_mut(feature) {
            *place = run;
        }
    }

    /// Takes one row, checked; what is found anew is left in `found`, ascending.
    pub(super) fn take_row(
        &mut self,
        features: &mut dyn Features,
        row: &[f64],
        masked: &[bool],
        found: &mut Vec<usize>,
    ) {
        found.clear();
        match self.method {
            Method::EBh => {
                features.take_quietly(row, masked, true, &mut |_, _| {});
                let log_e_values: Vec<f64> = (0..features.len())
                    .map(|feature| log_e_value(features.one(feature)))
                    .collect();
                // The rate was checked: nothing else can be wrong.
                let selected = e_bh(&log_e_values, self.fdr).unwrap_or_default();
                let before = &self.selected;
                let new = selected.iter().copied();
                found.extend(new.filter(|feature| before.binary_search(feature).is_err()));
                for feature in 0..features.len() {
                    features.settle(feature, found.binary_search(&feature).is_ok(), false);
                }
                self.selected = selected;
            }
            Method::ELond => {
                let runs = &self.runs;
                features.take_quietly(row, masked, false, &mut |feature, one| {
                    let log_e_value = log_e_value(Some(one));
                    if runs
                        .get(feature)
                        .is_some_and(|run| log_e_value >= run.limit)
                    {
                        found.push(feature);
                    }
                });
                for &feature in found.iter() {
                    features.settle(feature, true, true);
                }
                let n_found = found.len() as u64;
                self.n_discoveries = self.n_discoveries.saturating_add(n_found).min(MOST_VALUES);
                for &feature in found.iter() {
                    self.begin_run(feature);
                }
                self.selected.clone_from(found);
            }
        }
    }

    /// The feature begins anew; before its detector does.
    pub(super) fn reset(&mut self, features: &dyn Features, feature: usize) {
        self.selected.retain(|&selected| selected != feature);
        // After a discovery the next run has begun already, without a value so far.
        if self.method == Method::ELond && !features.ended(feature) {
            self.begin_run(feature);
        }
    }

    /// Nothing is selected.
    pub(super) fn deselect(&mut self) {
        self.selected.clear();
    }

    /// # Errors
    /// `InvalidValue` for what no bank with these detectors leads to.
    pub(super) fn restored(&mut self, detector: &dyn Detector, n: usize) -> Result<()> {
        let parameters = detector.parameters();
        let options = *detector.options();
        check(detector.name(), &parameters, options, self.fdr, self.method)?;
        let alpha = parameters.get("alpha").and_then(Value::as_f64);
        let runs = match self.method {
            Method::EBh => 0,
            Method::ELond => n,
        };
        let sound = alpha == Some(self.method.alpha(self.fdr, n))
            && self.selected.is_sorted_by(|a, b| a < b)
            && self.selected.last().is_none_or(|&last| last < n)
            && self.runs.len() == runs
            && self.n_runs <= MOST_VALUES
            && self.n_discoveries <= self.n_runs
            && self.runs.iter().all(|run| {
                (1..=self.n_runs).contains(&run.number) && run.discoveries <= self.n_discoveries
            });
        if !sound {
            return Err(damaged("discoveries that no stream leads to"));
        }
        let limits: Vec<f64> = (self.runs.iter())
            .map(|run| self.limit(run.number, run.discoveries))
            .collect();
        for (run, limit) in self.runs.iter_mut().zip(limits) {
            run.limit = limit;
        }
        Ok(())
    }
}

fn log_e_value(one: Option<&dyn Detector>) -> f64 {
    one.and_then(|one| one.reading("log_e_value"))
        .unwrap_or(0.0)
}

impl Bank {
    /// A bank whose features are told only as far as few of them are false: the expected share
    /// of false discoveries (the false discovery rate) is at most `fdr`, from 1e-12, below 1.
    ///
    /// For detectors of which "log_e_value" is the logarithm of an e-value: of
    /// `betting_confidence_sequence` with `target`, and of `conformal_martingale` with `alpha`.
    /// Their own `alpha` is replaced (and with it the level of an interval that they give). A
    /// discovery is false when the null hypothesis of its detector has held from the (re)start
    /// of the feature up to there: for the former that its conditional mean, given everything
    /// before (all features), has been within `target` and `tolerance` as far as `mode` looks;
    /// for the latter that its values have been independent and identically distributed.
    ///
    /// `"e_bh"`: after each row the e-values of all features, those masked as well, go through
    /// [`e_bh`]. The features that it selects, and had not at the row before, are found.
    /// [`Bank::discoveries`] are those selected at the last row; one can be dropped again. A
    /// detector alarms by itself at an e-value of n / `fdr`, which e-BH always selects: the
    /// feature then keeps its e-value and takes no more values until it is reset.
    ///
    /// `"e_lond"`: a feature from its (re)start to its discovery is a run, and each run a
    /// hypothesis. Runs are numbered t = 1, 2, ... as they begin (features in order at the
    /// start; after a discovery or a reset the next one begins). A run is discovered when its
    /// e-value comes to 1 / (`fdr` g_t (D + 1)), g_t = 1 / (t (t + 1)), D the discoveries before
    /// it began; the detector begins anew with the next value. [`Bank::discoveries`] are those
    /// of the last row, the counts of detections those of all rows. What comes late in the
    /// order needs much evidence: with n features and few discoveries about n^2 / `fdr`.
    ///
    /// Rows are taken one by one, without threads.
    ///
    /// # Guarantee
    /// Whatever the dependence between features:
    /// - `"e_bh"`: at any one row fixed beforehand the expected share of false ones among
    ///   [`Bank::discoveries`] is at most `fdr`: a stopped nonnegative martingale still has
    ///   expectation at most 1, and e-BH needs no more. For the betting confidence sequence
    ///   also at any stopping time, such as the first row with a discovery. Nothing is claimed
    ///   of the union over rows. Resets keep this at rows fixed beforehand; for the betting
    ///   confidence sequence also those of discoveries (an e-value above 1 is given up for 1),
    ///   but never those that throw e-values away because they are small. For the conformal
    ///   martingale neither masks nor resets may follow from values.
    /// - `"e_lond"`: of all discoveries so far, the expected share of false ones is at most
    ///   `fdr` at any row, however chosen, and so is the expectation of the largest share over
    ///   all rows: a run t that is found raises the discoveries to D + 1 at least, so that it
    ///   counts 1(found) / (D + 1) <= e_t `fdr` g_t at any time, which has expectation `fdr`
    ///   g_t at most, and the g_t add up to 1. What is assumed of a feature must hold given
    ///   everything before its run, of all features: for the conformal martingale, rows that
    ///   are independent of earlier ones are enough. Masks and resets may follow from what
    ///   came before.
    ///
    /// # Errors
    /// Those of [`Bank::new`]; `InvalidValue` for `fdr` out of range, for detectors without
    /// such e-values, for `on_drift` other than a reset, for a `baseline` with `"e_lond"` (its
    /// values would count in each run), and for an unknown method.
    /// # Cost
    /// That of the detectors; with `"e_bh"` O(n log n) a row besides, with `"e_lond"` O(n) and
    /// 24 bytes a feature.
    /// # Source
    /// Wang & Ramdas, False discovery rate control with e-values, JRSS B 84, 2022, section 4;
    /// Xu & Ramdas, Online multiple testing with e-values, AISTATS 2024, section 3.
    /// # Example
    /// ```
    /// use driftline::stream::{self, Bank, Options};
    /// use serde_json::json;
    /// let parameters = json!({"target": 0.5});
    /// let parameters = parameters.as_object().cloned().unwrap_or_default();
    /// let detector = stream::get("betting_confidence_sequence", &parameters, Options::default())?;
    /// let mut bank = Bank::with_fdr(detector.as_ref(), 3, 0.1, "e_bh")?;
    /// let mut found = Vec::new();
    /// for row in 0..40 {
    ///     let x = f64::from(row % 2);
    ///     found.extend(bank.update(&[x, 1.0, 1.0 - x])?);
    /// }
    /// assert_eq!(found, [1]);
    /// assert_eq!(bank.discoveries(), Some(vec![false, true, false]));
    /// # Ok::<(), driftline::error::Error>(())
    /// ```
    pub fn with_fdr(
        detector: &dyn Detector,
        n_features: usize,
        fdr: f64,
        method: &str,
    ) -> Result<Self> {
        let method = Method::of(method)?;
        let n = width(n_features)?;
        let (name, options) = (detector.name(), *detector.options());
        let mut parameters = detector.parameters();
        check(name, &parameters, options, fdr, method)?;
        parameters.insert("alpha".to_owned(), method.alpha(fdr, n).into());
        Ok(Self {
            prototype: crate::stream::get(name, &parameters, options)?,
            features: features_of(name, &parameters, options, Origin::Fresh(n))?,
            masked: vec![false; n],
            threads: 1,
            control: Some(Control::new(fdr, method, n)),
        })
    }

    /// The false discovery rate of [`Bank::with_fdr`].
    pub fn fdr(&self) -> Option<f64> {
        self.control.as_ref().map(|control| control.fdr)
    }

    /// How it is kept: `"e_bh"` or `"e_lond"`.
    pub fn fdr_method(&self) -> Option<&'static str> {
        self.control.as_ref().map(|control| control.method.name())
    }

    /// Which features are discoveries at the last row, for a bank of [`Bank::with_fdr`].
    pub fn discoveries(&self) -> Option<Vec<bool>> {
        let control = self.control.as_ref()?;
        let mut selected = vec![false; self.n_features()];
        for &feature in &control.selected {
            if let Some(selected) = selected.get_mut(feature) {
                *selected = true;
            }
        }
        Some(selected)
    }
}
