//! The detectors of this room, with all that is said of them.

/// Adds the detectors of this room to `for_each_stream_detector`'s.
macro_rules! for_each_evidence_detector {
    ($with:ident $($before:tt)*) => {
        $crate::stream::for_each_window_detector! { $with
            $($before)*
            /// Betting confidence sequence: the mean of bounded values against what it was.
            ///
            /// Detects: a change of the mean, early or late, either way, by more than
            /// ``tolerance``.
            /// Assumes: values from ``low`` to ``high`` (others count as the nearest end, see
            /// ``n_clipped``, and the mean is that of the values so clipped), of which the
            /// mean given all before is on the allowed side of ``target``; any dependence
            /// beyond that.
            /// Controls: ever alarming without a change: with probability ``alpha`` at most,
            /// however long the stream. Without ``target`` half of ``alpha`` covers the
            /// error of the estimated mean.
            /// Not for: without ``target``, changes within what the first ``warm_start`` values
            /// leave open; unbounded values (rank them: ``ConformalMartingale``); the shortest
            /// delay (``EDetector`` trades the guarantee for an average run length).
            /// Cost: O(1); 750 bytes, and 8 a value during the warm start.
            /// Source: Waudby-Smith & Ramdas, Estimating means of bounded random variables by
            /// betting, JRSS B 86, 2024; Podkopaev & Ramdas, Tracking the risk of a deployed
            /// model, ICLR 2022.
            ///
            /// :param alpha: probability of ever alarming, from 1e-100, below 1.
            /// :param target: the mean before the change, from ``low`` to ``high``; None
            ///     estimates it from the first ``warm_start`` values, again after each
            ///     change.
            /// :param low: the lowest value there is.
            /// :param high: the highest value there is.
            /// :param tolerance: changes of the mean up to it do not count, 0 or more.
            /// :param mode: "up", "down" or "both".
            /// :param warm_start: values to estimate the mean from, 1 to 100,000.
            ///
            /// >>> from driftline import stream
            /// >>> detector = stream.BettingConfidenceSequence(target=0.5)
            /// >>> detector.update_many([0, 1] * 500 + [1] * 25)
            /// array([1020])
            BettingConfidenceSequence = "betting_confidence_sequence", [
                /// Mean of the values since the source; before, of those so far.
                estimation: f64,
                /// Lower end of the confidence sequence for the mean since the source.
                lower: f64,
                /// Upper end of it.
                upper: f64,
                /// Natural logarithm of the wealth, an e-value at any stopping time for a
                /// given ``target``; 0 before the first bet.
                log_e_value: f64,
                /// Values beyond ``low`` or ``high``, which counted as the nearest end; nothing
                /// sets it back.
                n_clipped: usize,
                /// Lower end of the interval for the source's mean, or the target.
                source_lower: f64,
                /// Upper end of it.
                source_upper: f64,
            ] {
                alpha: "float", f64 = 0.05,
                target: "float | None", Option<f64> = None,
                low: "float", f64 = 0.0,
                high: "float", f64 = 1.0,
                tolerance: "float", f64 = 0.0,
                mode: "str", String = "both",
                warm_start: "int", usize = 300,
            }
            /// Bayesian online changepoint detection: how probable each run length is.
            ///
            /// Detects: any change that the model sees: of mean or variance ("gaussian"), of
            /// the share of ones ("bernoulli"), of the rate of counts ("poisson").
            /// Assumes: independent values from the model within a run; a prior on their
            /// scale ("gaussian": see ``standardise``).
            /// Controls: nothing by itself; the average run length, by calibration.
            /// Not for: heavy tails and dependence (outliers look like changes); slow changes.
            /// Cost: O(run lengths kept), ``max_run_lengths`` at most; 40 bytes each.
            /// Source: Adams & MacKay, Bayesian online changepoint detection, 2007. frouros'
            /// BOCD takes the variance as known: a different model.
            ///
            /// :param model: "gaussian" (unknown mean and variance), "bernoulli" (0 and 1) or
            ///     "poisson" (whole numbers of 0 or more).
            /// :param hazard: probability of a change at each value, 1 / the expected run
            ///     length, from 1e-100, below 1.
            /// :param threshold: drift when a recent change is this probable, above 0, at
            ///     most 1.
            /// :param window: a change within as many of the last values is recent, 1 or more.
            /// :param prior_mean: gaussian: mean of the prior.
            /// :param prior_kappa: gaussian: how many values that mean is worth, above 0.
            /// :param prior_alpha: shape of the inverse gamma prior of the variance, first
            ///     parameter of the beta prior, shape of the gamma prior; above 0.
            /// :param prior_beta: scale of the inverse gamma prior, second parameter of the
            ///     beta prior, rate of the gamma prior; above 0.
            /// :param prune: run lengths less probable than it times ``hazard`` are dropped,
            ///     0 (none) to below 1.
            /// :param max_run_lengths: the most that are kept, 2 to 10,000.
            ///
            /// >>> from driftline import stream
            /// >>> detector = stream.BOCPD()
            /// >>> detector.update_many([0, 1] * 50 + [4, 7] * 50)
            /// array([100])
            BOCPD = "bocpd", [
                /// Mean of the next value, over all run lengths.
                estimation: f64,
                /// Probability of a recent change: the statistic.
                probability: f64,
                /// The most probable number of values since the last change.
                run_length: usize,
            ] {
                model: "str", String = "gaussian",
                hazard: "float", f64 = 0.004,
                threshold: "float", f64 = 0.5,
                window: "int", usize = 100,
                prior_mean: "float", f64 = 0.0,
                prior_kappa: "float", f64 = 1.0,
                prior_alpha: "float", f64 = 1.0,
                prior_beta: "float", f64 = 1.0,
                prune: "float", f64 = 0.001,
                max_run_lengths: "int", usize = 20,
            }
            /// Conformal test martingale: bets against the ranks of new values being chance.
            ///
            /// Detects: a change of any kind that moves ranks: location either way, spread;
            /// values on any scale.
            /// Assumes: independent values of one distribution, whatever it is.
            /// Controls: with ``alpha`` ever alarming (probability ``alpha`` at most); with
            /// ``false_alarm_every`` (10,000 when neither is given) the average run length,
            /// that many values at least. Both are exact for independent values of one
            /// distribution, whatever the size of the bag.
            /// Not for: values that depend on each other in time; changes within the first
            /// hundred values without a ``baseline``; changes slower than the bag forgets.
            /// Cost: O(log window), and moving up to window / 3 numbers; 8 bytes a value.
            /// Source: Vovk and others, Retrain or not retrain: conformal test martingales for
            /// change-point detection, COPA 2021.
            ///
            /// :param alpha: probability of ever alarming, from 1e-100, below 1; or None.
            /// :param false_alarm_every: values from false alarm to false alarm, on average,
            ///     at least, 2 to 1e12; or None. One of the two.
            /// :param window: earlier values that a new one is ranked among, 2 to 100,000;
            ///     each has the same chance to leave when a new one comes.
            /// :param baseline: numbers that were there before the stream (of more than
            ///     ``window`` a random choice), or None.
            /// :param mode: "up", "down" or "both" (with spread).
            /// :param seed: of the random numbers.
            ///
            /// >>> from driftline import stream
            /// >>> detector = stream.ConformalMartingale(alpha=0.01)
            /// >>> detector.update_many([x % 7 for x in range(500)] + [7] * 50).size
            /// 1
            ConformalMartingale = "conformal_martingale", [
                /// Natural logarithm of the wealth (with ``alpha``: an e-value at any stopping
                /// time), or of the statistic divided by the number of values (an e-value
                /// after any fixed number of them).
                log_e_value: f64,
                /// The smoothed p-value of the last value: near 0 for a large one.
                p_value: f64,
            ] {
                alpha: "float | None", Option<f64> = None,
                false_alarm_every: "float | None", Option<f64> = None,
                window: "int", usize = 1000,
                baseline: "object", Option<Vec<f64>> = None,
                mode: "str", String = "both",
                seed: "int", u64 = 0,
            }
            /// E-detector: a change of a bounded mean, with a proved average run length.
            ///
            /// Detects: a change of the mean, either way, by more than ``tolerance``.
            /// Assumes: values from ``low`` to ``high`` (others count as the nearest end, see
            /// ``n_clipped``, and the mean is that of the values so clipped), of which the
            /// mean given all before is on the allowed side of ``target``; any dependence
            /// beyond that.
            /// Controls: the average run length: ``false_alarm_every`` values at least from
            /// one false alarm to the next, proved; also with an estimated source, for which
            /// the limit is higher by 1 / 0.95.
            /// Not for: without ``target``, changes within what the first ``warm_start`` values
            /// leave open; unbounded values (rank them: ``ConformalMartingale``); a given
            /// ``target`` that the values hug closely, without a ``tolerance``: the sum of
            /// Shiryaev and Roberts then alarms about as often as it may.
            /// Cost: O(1); 650 bytes, and 8 a value during the warm start.
            /// Source: Shin, Ramdas & Rinaldo, E-detectors: a nonparametric framework for
            /// sequential change detection, NEJSDS 2, 2024.
            ///
            /// :param false_alarm_every: values from false alarm to false alarm, on average,
            ///     at least; 2 to 1e12.
            /// :param target: the mean before the change, from ``low`` to ``high``; None
            ///     estimates it from the first ``warm_start`` values, again after each
            ///     change.
            /// :param low: the lowest value there is.
            /// :param high: the highest value there is.
            /// :param tolerance: changes of the mean up to it do not count, 0 or more.
            /// :param mode: "up", "down" or "both".
            /// :param kind: "shiryaev_roberts" (shorter delays) or "cusum" (fewer alarms).
            /// :param warm_start: values to estimate the mean from, 1 to 100,000.
            ///
            /// >>> from driftline import stream
            /// >>> detector = stream.EDetector(target=0.5)
            /// >>> detector.update_many([0, 1] * 500 + [1] * 20)
            /// array([1015])
            EDetector = "e_detector", [
                /// Mean of the values since the source; before, of those so far.
                estimation: f64,
                /// Natural logarithm of the statistic divided by the number of values since
                /// the source: an e-value after any fixed number of them (not at stopping
                /// times); 0 before the first.
                log_e_value: f64,
                /// Values beyond ``low`` or ``high``, which counted as the nearest end; nothing
                /// sets it back.
                n_clipped: usize,
                /// Lower end of the interval for the source's mean, or the target.
                source_lower: f64,
                /// Upper end of it.
                source_upper: f64,
            ] {
                false_alarm_every: "float", f64 = 10_000.0,
                target: "float | None", Option<f64> = None,
                low: "float", f64 = 0.0,
                high: "float", f64 = 1.0,
                tolerance: "float", f64 = 0.0,
                mode: "str", String = "both",
                kind: "str", String = "shiryaev_roberts",
                warm_start: "int", usize = 300,
            }
        }
    };
}

pub(crate) use for_each_evidence_detector;
