//! The detectors of this room, with all that is said of them.

/// Adds the detectors of this room to `for_each_stream_detector`'s.
macro_rules! for_each_error_detector {
    ($with:ident $($before:tt)*) => {
        $crate::stream::for_each_evidence_detector! { $with
            $($before)*
            /// Drift detection method: the share of errors against its lowest point.
            ///
            /// Detects: a rise of the error rate.
            /// Assumes: independent errors at a rate that does not fall without end.
            /// Controls: the average run length, by calibration, over streams of ten budgets:
            /// most false alarms come soon after a beginning, and fleets cannot share a budget.
            /// Not for: small rises late in a long stream, which move the mean of all values
            /// slowly; a falling rate.
            /// Cost: O(1); 56 bytes.
            /// Source: Gama & others, Learning with drift detection, SBIA 2004. As river's
            /// DDM, but for error-free starts: there river alarms at the first error.
            ///
            /// :param warm_start: values before the first look.
            /// :param warning_threshold: standard deviations above the lowest point at which
            ///     the warning zone begins, above 0; beyond ``drift_threshold`` there is none.
            /// :param drift_threshold: the same for drift, above 0.
            /// :param compat: "river" keeps its alarm at the first error after an error-free
            ///     start; None.
            ///
            /// >>> from driftline import stream
            /// >>> detector = stream.DDM()
            /// >>> detector.update_many([0, 0, 0, 1] * 250 + [0, 1] * 250)
            /// array([1121])
            DDM = "ddm", [
                /// Share of errors so far.
                estimation: f64,
            ] {
                warm_start: "int", usize = 30,
                warning_threshold: "float", f64 = 2.0,
                drift_threshold: "float", f64 = 3.0,
                compat: "str | None", Option<String> = None,
            }
            /// Exponentially weighted moving average chart for concept drift: the last errors
            /// against all.
            ///
            /// Detects: a rise of the error rate, best an abrupt one.
            /// Assumes: independent errors.
            /// Controls: the average run length, at ``lambda_val`` 0.2 and a known rate; the
            /// rate is estimated as it goes, so that false alarms come sooner at first.
            /// Not for: slow changes, which take the mean of all values along.
            /// Cost: O(1); 50 bytes.
            /// Source: Ross & others, Exponentially weighted moving average charts for
            /// detecting concept drift, Pattern Recognition Letters 33, 2012. As frouros'
            /// ECDDWT, but for the limits: the published polynomials do not hold (simulated
            /// run lengths of 48 to 290 in place of 400, 1 to 540 in place of 1000), and the
            /// first error since the start is no change.
            ///
            /// :param lambda_val: weight of the newest value, above 0, at most 1.
            /// :param average_run_length: values from one false alarm to the next: 100, 400 or
            ///     1000.
            /// :param warning_level: share of the limit at which the warning zone begins, above
            ///     0 and below 1.
            /// :param min_instances: values up to the first look.
            /// :param threshold: the limit in standard deviations of the weighted mean, above
            ///     0, in place of that of ``average_run_length``; None.
            /// :param compat: "frouros" takes the published limits, and alarms at the first
            ///     error after an error-free start; None.
            ///
            /// >>> from driftline import stream
            /// >>> detector = stream.ECDD()
            /// >>> detector.update_many([0, 0, 0, 1] * 250 + [0, 1, 1, 1] * 250)
            /// array([1006])
            ECDD = "ecdd", [
                /// Weighted share of errors.
                estimation: f64,
            ] {
                lambda_val: "float", f64 = 0.2,
                average_run_length: "int", usize = 400,
                warning_level: "float", f64 = 0.5,
                min_instances: "int", usize = 30,
                threshold: "float | None", Option<f64> = None,
                compat: "str | None", Option<String> = None,
            }
            /// Early drift detection method: the distance between errors against its greatest.
            ///
            /// Detects: errors that come closer together, also slowly.
            /// Assumes: independent errors.
            /// Controls: the average run length, by calibration, over streams of ten budgets:
            /// most false alarms come soon after a beginning, and fleets cannot share a budget.
            /// Not for: few false alarms at the defaults: the greatest distance is taken from
            /// few errors, and a ratio of 0.9 is soon reached by chance.
            /// Cost: O(1); 80 bytes.
            /// Source: Baena-García & others, Early drift detection method, IWKDDS 2006. As
            /// river's EDDM, but a warning ends with a new greatest distance; where river sets
            /// warning and drift at once, this sets drift.
            ///
            /// ``statistic`` is a ratio: there is drift *below* its limit. It changes with
            /// errors alone, and what was found holds until the next one.
            ///
            /// :param warm_start: errors before the first look.
            /// :param alpha: the ratio below which the warning zone begins, from ``beta`` to 1.
            /// :param beta: the ratio below which there is drift, above 0 and below 1.
            /// :param compat: "river" lets a warning outlast a new greatest distance; None.
            ///
            /// >>> from driftline import stream
            /// >>> detector = stream.EDDM()
            /// >>> detector.update_many([0, 0, 0, 1] * 250 + [0, 1, 1, 1] * 250)
            /// array([1490])
            EDDM = "eddm", [] {
                warm_start: "int", usize = 30,
                alpha: "float", f64 = 0.95,
                beta: "float", f64 = 0.9,
                compat: "str | None", Option<String> = None,
            }
            /// Fast Hoeffding drift detection method: correct values in a window against their
            /// greatest share.
            ///
            /// Detects: a rise of the error rate in the last values; with
            /// ``short_window_size`` also a steep and short one.
            /// Assumes: independent errors.
            /// Controls: the average run length, by calibration; ``confidence_level`` bounds
            /// one comparison, not the greatest of many.
            /// Not for: rises of less than sqrt(ln(1 / ``confidence_level``) / (2 n)) (0.26 at
            /// the defaults); the first ``sliding_window_size`` values.
            /// Cost: O(1); 1 bit for each value of the window and 150 bytes.
            /// Source: Pesaranghader & Viktor, Fast Hoeffding drift detection method for
            /// evolving data streams, ECML-PKDD 2016; with the short window Pesaranghader &
            /// others, Machine Learning 107, 2018. As river's FHDDM, but for its direction:
            /// river alarms when errors get *fewer*.
            ///
            /// :param sliding_window_size: values in the window, 1 to 1,000,000.
            /// :param confidence_level: significance of the bound, above 0 and below 1.
            /// :param short_window_size: values in a second, shorter window; None: there is
            ///     none.
            /// :param compat: "river" alarms when ones get fewer, as river does; None.
            ///
            /// >>> from driftline import stream
            /// >>> detector = stream.FHDDM()
            /// >>> detector.update_many([0, 0, 0, 1] * 250 + [0, 1, 1, 1] * 250)
            /// array([1053])
            FHDDM = "fhddm", [
                /// Share of errors in the window (of ones, with ``compat``).
                estimation: f64,
            ] {
                sliding_window_size: "int", usize = 100,
                confidence_level: "float", f64 = 0.000001,
                short_window_size: "int | None", Option<usize> = None,
                compat: "str | None", Option<String> = None,
            }
            /// Hoeffding's drift detection method by averages: the mean of all values against
            /// that of the first ones.
            ///
            /// Detects: a rise of the error rate, best an abrupt one; with ``two_sided_test``
            /// a fall as well.
            /// Assumes: independent values from 0 to 1.
            /// Controls: each comparison errs with probability ``drift_confidence`` at most;
            /// the cut is chosen from the data and every value looks again, so that the
            /// average run length is a matter of calibration.
            /// Not for: slow changes (see HDDMW).
            /// Cost: O(1); 100 bytes.
            /// Source: Frías-Blanco & others, Online and non-parametric drift detection
            /// methods based on Hoeffding's bounds, IEEE TKDE 27, 2015, the A-test. As river's
            /// HDDMA; where river sets warning and drift at once, this sets drift.
            ///
            /// :param drift_confidence: significance at which there is drift, above 0 and
            ///     below 1.
            /// :param warning_confidence: significance at which the warning zone begins, above
            ///     0 and below 1.
            /// :param two_sided_test: whether a fall of the mean counts as well.
            ///
            /// >>> from driftline import stream
            /// >>> detector = stream.HDDMA()
            /// >>> detector.update_many([0, 0, 0, 1] * 250 + [0, 1] * 250)
            /// array([1059])
            HDDMA = "hddm_a", [
                /// Mean of the values so far.
                estimation: f64,
            ] {
                drift_confidence: "float", f64 = 0.001,
                warning_confidence: "float", f64 = 0.005,
                two_sided_test: "bool", bool = false,
            }
            /// Hoeffding's drift detection method by weighted averages: the weighted mean since
            /// a cut against that before it.
            ///
            /// Detects: a rise of the error rate, also a slow one; with ``two_sided_test`` a
            /// fall as well.
            /// Assumes: independent values from 0 to 1.
            /// Controls: as HDDMA: one comparison; the average run length by calibration.
            /// Not for: rises smaller than the bound of the weighted means, about
            /// sqrt(``lambda_val`` ln(1 / ``drift_confidence``) / 2) (0.42 at the defaults).
            /// Cost: O(1); 200 bytes.
            /// Source: Frías-Blanco & others, Online and non-parametric drift detection
            /// methods based on Hoeffding's bounds, IEEE TKDE 27, 2015, the W-test. As river's
            /// HDDMW; where river sets warning and drift at once, this sets drift.
            ///
            /// :param drift_confidence: significance at which there is drift, above 0 and
            ///     below 1.
            /// :param warning_confidence: significance at which the warning zone begins, above
            ///     0 and below 1.
            /// :param lambda_val: weight of the newest value, above 0, at most 1.
            /// :param two_sided_test: whether a fall of the mean counts as well.
            ///
            /// >>> from driftline import stream
            /// >>> detector = stream.HDDMW()
            /// >>> detector.update_many([0, 0, 0, 1] * 250 + [0, 1, 1, 1] * 250)
            /// array([1027])
            HDDMW = "hddm_w", [
                /// Weighted mean of the values so far.
                estimation: f64,
            ] {
                drift_confidence: "float", f64 = 0.001,
                warning_confidence: "float", f64 = 0.005,
                lambda_val: "float", f64 = 0.05,
                two_sided_test: "bool", bool = false,
            }
            /// McDiarmid's drift detection method: correct values in a window, the newer ones
            /// of more weight, against their greatest share.
            ///
            /// Detects: a rise of the error rate in the last values, abrupt or slow.
            /// Assumes: independent errors.
            /// Controls: the average run length, by calibration; ``confidence_level`` bounds
            /// one comparison, not the greatest of many.
            /// Not for: rises of less than sqrt(ln(1 / ``confidence_level``) / (2 n)) (0.27 at
            /// the defaults); the first ``sliding_window_size`` values.
            /// Cost: O(1); 1 bit for each value of the window and 150 bytes.
            /// Source: Pesaranghader & others, McDiarmid drift detection methods for evolving
            /// data streams, IJCNN 2018: MDDM-A, MDDM-G and MDDM-E. As in the authors'
            /// Tornado, which takes 1 for correct where this takes 1 for an error.
            ///
            /// :param sliding_window_size: values in the window, 1 to 1,000,000.
            /// :param confidence_level: significance of the bound, above 0 and below 1.
            /// :param weighting: how the weights grow from the oldest value to the newest:
            ///     "arithmetic", "geometric" or "euler".
            /// :param difference: from one arithmetic weight to the next, the first being 1;
            ///     0 to 1,000,000.
            /// :param ratio: one geometric weight by the one before, 1 to 1,000,000.
            /// :param lambda_val: the logarithm of that ratio for "euler", 0 to 1,000,000.
            ///
            /// >>> from driftline import stream
            /// >>> detector = stream.MDDM()
            /// >>> detector.update_many([0, 0, 0, 1] * 250 + [0, 1, 1, 1] * 250)
            /// array([1045])
            MDDM = "mddm", [
                /// Weighted share of errors in the window.
                estimation: f64,
            ] {
                sliding_window_size: "int", usize = 100,
                confidence_level: "float", f64 = 0.000001,
                weighting: "str", String = "arithmetic",
                difference: "float", f64 = 0.01,
                ratio: "float", f64 = 1.01,
                lambda_val: "float", f64 = 0.01,
            }
            /// Reactive drift detection method: DDM that forgets.
            ///
            /// Detects: a rise of the error rate, also late in a long stream.
            /// Assumes: independent errors.
            /// Controls: the average run length, by calibration.
            /// Not for: a falling rate; the first ``min_instances`` values.
            /// Cost: O(1), O(``min_concept_size``) after a change or a cut; 1 bit for each of
            /// ``min_concept_size`` values and 150 bytes.
            /// Source: Barros & others, RDDM: Reactive drift detection method, Expert Systems
            /// with Applications 90, 2017. Unlike frouros' it begins anew with the values since
            /// the warning, not with those before them too, keeps its lowest point over a cut,
            /// and the first error after an error-free start is no change; as MOA's otherwise.
            ///
            /// After a change it goes on with the values since the warning, whatever
            /// ``on_drift`` says: this is part of the method.
            ///
            /// :param min_instances: values up to the first look.
            /// :param warning_threshold: standard deviations above the lowest point at which
            ///     the warning zone begins, above 0.
            /// :param drift_threshold: the same for drift, above 0.
            /// :param max_concept_size: values after which a stable stream is cut down.
            /// :param min_concept_size: what it is cut down to, 1 to 1,000,000.
            /// :param max_warning_size: values in the warning zone after which there is drift.
            /// :param compat: "frouros" goes its ways; None.
            ///
            /// >>> from driftline import stream
            /// >>> detector = stream.RDDM()
            /// >>> detector.update_many([0, 0, 0, 1] * 250 + [0, 1] * 250)
            /// array([1071])
            RDDM = "rddm", [
                /// Share of errors so far.
                estimation: f64,
            ] {
                min_instances: "int", usize = 129,
                warning_threshold: "float", f64 = 1.773,
                drift_threshold: "float", f64 = 2.258,
                max_concept_size: "int", usize = 40_000,
                min_concept_size: "int", usize = 7_000,
                max_warning_size: "int", usize = 1_400,
                compat: "str | None", Option<String> = None,
            }
            /// Statistical test of equal proportions: the last errors against all before them.
            ///
            /// Detects: a rise of the error rate, best an abrupt one.
            /// Assumes: independent errors, not too rare: the test takes counts for normal.
            /// Controls: one look at significance ``alpha_drift``, and it looks at every
            /// value: false alarms come often at the defaults. The average run length is a
            /// matter of calibration.
            /// Not for: rates below some errors per ``window_size``; slow changes.
            /// Cost: O(1); 1 bit for each value of the window and 100 bytes.
            /// Source: Nishida & Yamauchi, Detecting concept drift using statistical testing,
            /// Discovery Science 2007. Unlike frouros' and MOA's a fall is no change, nor is a
            /// stream without errors, nor are equal shares of nearly none, nor the first error
            /// since the start.
            ///
            /// :param window_size: how many are the last, 1 to 1,000,000; the first look comes
            ///     after twice as many.
            /// :param alpha_drift: significance at which there is drift, above 0 and below 1.
            /// :param alpha_warning: significance at which the warning zone begins, above 0
            ///     and below 1.
            /// :param compat: "frouros" has the alarms that are none; None.
            ///
            /// >>> from driftline import stream
            /// >>> detector = stream.STEPD()
            /// >>> detector.update_many([0, 0, 0, 1] * 250 + [0, 1] * 250)
            /// array([1027])
            STEPD = "stepd", [
                /// Share of errors in the window.
                estimation: f64,
            ] {
                window_size: "int", usize = 30,
                alpha_drift: "float", f64 = 0.003,
                alpha_warning: "float", f64 = 0.05,
                compat: "str | None", Option<String> = None,
            }
        }
    };
}

pub(crate) use for_each_error_detector;
