//! Banks with a false discovery rate.

use numpy::PyArray1;
use pyo3::prelude::*;

use crate::bindings::arguments;
use crate::bindings::stream::bank::PyBank;
use crate::error::Error;

#[pymethods]
impl PyBank {
    /// Which features are discoveries at the last row, a bool for each; None without ``fdr``.
    ///
    /// A discovery is false when what its detector assumes has held from the (re)start of the
    /// feature up to there: for BettingConfidenceSequence that the mean, given everything before
    /// (all features), is within ``target`` and ``tolerance`` as far as ``mode`` looks; for
    /// ConformalMartingale that the values are independent and identically distributed.
    ///
    /// ``method="e_bh"``: after each row the e-values of all features (masked ones keep theirs)
    /// go through the e-BH procedure: the k largest are selected for the largest k of which the
    /// k-th is at least n_features / (fdr k). ``update`` gives those that were not selected at
    /// the row before. A feature whose e-value came to n_features / fdr keeps it and takes no
    /// more values until ``reset(feature)``. At any one row fixed beforehand (for the betting
    /// confidence sequence also at a row chosen by what was seen up to it) the expected share of
    /// false ones among ``discoveries`` is at most ``fdr``. Nothing is claimed of all rows taken
    /// together. Reset at rows fixed beforehand, or (betting confidence sequence) what was
    /// discovered; never what looks harmless, for its small e-value would be thrown away. With
    /// ConformalMartingale neither masks nor resets may follow from values.
    ///
    /// ``method="e_lond"``: a feature from its (re)start to its discovery is a run, and each run
    /// a hypothesis, numbered t = 1, 2, ... as runs begin: the features in order at the start,
    /// then as they begin anew. A run is discovered when its e-value comes to
    /// t (t + 1) / (fdr (D + 1)), D the discoveries before it began; the feature then begins
    /// anew with its next value. ``discoveries`` are those of the last row, ``n_detections``
    /// counts all. Among all discoveries so far the expected share of false ones is at most
    /// ``fdr`` at any row, however chosen, if what is assumed of a feature holds given all that
    /// came before its run (ConformalMartingale: rows that are independent of earlier ones; no
    /// ``baseline``). Masks and resets may follow from what came before; each reset costs a run.
    ///
    /// Source: Wang & Ramdas, False discovery rate control with e-values, JRSS B 84, 2022; Xu &
    /// Ramdas, Online multiple testing with e-values, AISTATS 2024.
    ///
    /// >>> from driftline import stream
    /// >>> detector = stream.BettingConfidenceSequence(target=0.5)
    /// >>> bank = stream.Bank(detector, 3, fdr=0.1)
    /// >>> rows = [[i % 2, 1.0, 1 - i % 2] for i in range(40)]
    /// >>> bank.update_many(rows)[:, 1].tolist()
    /// [1]
    /// >>> bank.discoveries.tolist()
    /// [False, True, False]
    #[getter]
    fn discoveries<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyArray1<bool>>>> {
        let discoveries = self.with(py, |_| Ok(None), |bank| bank.discoveries())?;
        Ok(discoveries.map(|discoveries| PyArray1::from_vec(py, discoveries)))
    }

    /// The false discovery rate; None for a bank without.
    #[getter]
    fn fdr(&self, py: Python<'_>) -> PyResult<Option<f64>> {
        self.with(py, |_| Ok(None), |bank| bank.fdr())
    }

    /// How ``fdr`` is kept: "e_bh" or "e_lond"; None for a bank without.
    #[getter]
    fn method(&self, py: Python<'_>) -> PyResult<Option<&'static str>> {
        self.with(py, |_| Ok(None), |bank| bank.fdr_method())
    }
}

impl PyBank {
    /// What a call of the class would say of the rate.
    pub(super) fn fdr_described(&self, py: Python<'_>) -> PyResult<String> {
        Ok(match (self.fdr(py)?, self.method(py)?) {
            (Some(fdr), Some("e_bh")) => format!(", fdr={fdr:?}"),
            (Some(fdr), Some(method)) => format!(", fdr={fdr:?}, method='{method}'"),
            _ => String::new(),
        })
    }
}

pub(super) fn rate(fdr: Option<&Bound<'_, PyAny>>, method: &str) -> PyResult<Option<f64>> {
    match fdr {
        Some(fdr) => Ok(Some(arguments::number("fdr", fdr)?)),
        None if method == "e_bh" => Ok(None),
        None => {
            let got = format!("\"{method}\" without fdr");
            let allowed = "a method along with fdr, the rate that it keeps";
            Err(Error::invalid_value("method", got, allowed).into())
        }
    }
}

pub(super) fn method<'a>(method: &'a Bound<'_, PyAny>) -> PyResult<&'a str> {
    let allowed = "\"e_bh\" or \"e_lond\"";
    let text = arguments::string("method", method, allowed)?;
    match text.to_str()? {
        method @ ("e_bh" | "e_lond") => Ok(method),
        other => Err(Error::invalid_value("method", format!("\"{other}\""), allowed).into()),
    }
}

pub(super) fn refused(what: &str) -> PyErr {
    let got = format!("a number for {what}, which gives no e-values");
    let allowed = "None for it; a rate for BettingConfidenceSequence with target and for \
                   ConformalMartingale with alpha";
    Error::invalid_value("fdr", got, allowed).into()
}
