//! The detectors of this room, with all that is said of them.

/// Adds the detectors of this room to `for_each_stream_detector`'s.
macro_rules! for_each_window_detector {
    ($with:ident $($before:tt)*) => {
        $with! {
            $($before)*
            /// Adaptive windowing: a window that loses its old part when the mean changes.
            ///
            /// Detects: a change of the mean, abrupt or slow, either way.
            /// Assumes: independent values of bounded range, about 0 to 1: a bound holds
            /// for those.
            /// Controls: ever alarming, loosely: each look at a window of n values alarms
            /// with probability ``delta`` at most, for bounded independent values; in fact
            /// far less often.
            /// Not for: changes of spread or shape; values far larger than 1 (see
            /// ``standardise``).
            /// Between looks ``statistic`` and ``limit`` are those of the cut that is nearest
            /// to its bound by now.
            /// Cost: O(log n) every ``clock`` values; about 2 kB.
            /// Source: Bifet & Gavalda, Learning from time-changing data with adaptive
            /// windowing, SDM 2007, section 3. As river's ADWIN.
            ///
            /// :param delta: significance of each look, above 0 and below 1.
            /// :param clock: values from look to look, 1 or more.
            /// :param max_buckets: buckets of each size before two are merged, 1 to 1000.
            /// :param min_window_length: values on either side of a cut, 1 or more.
            /// :param grace_period: values before the first look.
            ///
            /// >>> from driftline import stream
            /// >>> detector = stream.ADWIN()
            /// >>> detector.update_many([0, 1] * 500 + [4, 7] * 500)
            /// array([1023])
            ADWIN = "adwin", [
                /// Mean of the window; 0 for an empty one.
                estimation: f64,
                /// Values in the window.
                width: usize,
                /// Sum of the squared deviations from the window's mean.
                variance: f64,
                /// Sum of the window.
                total: f64,
            ] {
                delta: "float", f64 = 0.002,
                clock: "int", usize = 32,
                max_buckets: "int", usize = 5,
                min_window_length: "int", usize = 5,
                grace_period: "int", usize = 10,
            }
            /// Kolmogorov-Smirnov test of a sliding window, exact at every value.
            ///
            /// Detects: any change of the distribution: mean, spread or shape.
            /// Assumes: independent values; with a baseline, one that stands for normal.
            /// Controls: each look alarms with probability ``alpha`` at most; looks at
            /// nearly the same window alarm together, so that false alarms are rarer than
            /// that: on normal values every 76,000 values with the defaults; the average
            /// run length, by calibration.
            /// Not for: changes slower than the window (without a baseline).
            /// Cost: O(log n) a value for n values of window and baseline; 64 bytes for
            /// each of them.
            /// Source: dos Reis, Flach, Matwin & Batista, Fast unsupervised online drift
            /// detection using incremental Kolmogorov-Smirnov test, KDD 2016. The
            /// statistic is that of ``drift.KS`` on the same values.
            ///
            /// :param window_size: values in the window, 2 to 1,000,000.
            /// :param alpha: significance of each look, above 0 and below 1.
            /// :param stride: values from look to look, 1 or more; the first look comes
            ///     when the window is full.
            /// :param baseline: what the window is compared with, shape (n,); it stays
            ///     after a change. None compares the newer half of the window with the
            ///     older one.
            ///
            /// >>> from driftline import stream
            /// >>> detector = stream.IncrementalKS()
            /// >>> detector.update_many([0, 1] * 500 + [4, 7] * 500)
            /// array([1031])
            IncrementalKS = "incremental_ks", [
                /// The p-value of the last look; None before the first.
                p_value: Option<f64>,
            ] {
                window_size: "int", usize = 200,
                alpha: "float", f64 = 1e-4,
                stride: "int", usize = 1,
                baseline: "object", Option<Vec<f64>> = None,
            }
            /// Kolmogorov-Smirnov windowing: the last values against some of those before.
            ///
            /// Detects: any change of the distribution: mean, spread or shape.
            /// Assumes: independent values.
            /// Controls: each look alarms with probability ``alpha`` at most, and every
            /// value is a look: on normal values every 700 values with the defaults, every
            /// 13,000 with ``alpha=0.0001``; the average run length, by calibration.
            /// Not for: slow changes; changes of less than 0.1 in the distribution
            /// function, which never count.
            /// Cost: O(``stat_size`` log ``stat_size``) a value, whatever the window; 8 bytes
            /// a value of the window.
            /// Source: Raab, Heusinger & Schleif, Reactive soft prototype computing for
            /// concept drift streams, Neurocomputing 416, 2020. As river's KSWIN but for
            /// the draws, which are not those of Python's random.sample: those of look k
            /// come from xoshiro256++, started from ``seed`` and k, on every machine alike
            /// and without repeating after a change.
            ///
            /// :param alpha: significance of each look, above 0 and below 1.
            /// :param window_size: values in the window, up to 1,000,000.
            /// :param stat_size: how many of them, the last ones, are compared with as many
            ///     drawn from the others; half of the window at most.
            /// :param seed: of the draws; None is 0.
            /// :param window: values that come before the first; the last ``window_size``
            ///     count.
            ///
            /// >>> from driftline import stream
            /// >>> detector = stream.KSWIN(alpha=0.0001, seed=42)
            /// >>> detector.update_many([0, 1] * 500 + [4, 7] * 500)
            /// array([1016])
            KSWIN = "kswin", [
                /// The p-value of the last look; None before the first.
                p_value: Option<f64>,
            ] {
                alpha: "float", f64 = 0.005,
                window_size: "int", usize = 100,
                stat_size: "int", usize = 30,
                seed: "int | None", Option<usize> = None,
                window: "object", Option<Vec<f64>> = None,
            }
            /// OPTWIN: a window whose newer part is as short as it can be for a given change.
            ///
            /// Detects: a rise of the mean, or of the spread while the mean does not fall;
            /// with ``two_sided_test`` falls as well, and a spread whatever the mean.
            /// Assumes: independent values, and for the test of the spread normal ones.
            /// Controls: each look alarms with probability ``alpha_drift`` at most, on
            /// normal values, and every value is a look; the average run length, by
            /// calibration.
            /// Not for: rare errors and heavy tails, whose spread alarms soon; changes of
            /// less than ``rigor`` standard deviations.
            /// Cost: O(1); 8 bytes for each of up to ``max_window_length`` values. Cuts are
            /// computed when a window first has a width, 0.2 ms each, once for all detectors
            /// of equal parameters.
            /// Source: Tosi & Theobald, OPTWIN: Drift identification with optimal
            /// sub-windows, ICDEW 2024. Unlike CapyMOA's the t-test divides by variances
            /// and not by standard deviations, so that it does not depend on the scale; the
            /// F-test has its degrees of freedom the right way round and is left out where a
            /// part is constant; and a full window loses the values that leave it.
            ///
            /// ``statistic`` is that of the test which is nearer to its limit.
            ///
            /// :param rigor: the rise of the mean to be found, in standard deviations of the
            ///     older part, above 0: the smaller, the longer the newer part.
            /// :param alpha_drift: significance at which there is drift, up to 0.5; 1 less
            ///     CapyMOA's ``drift_confidence``.
            /// :param alpha_warning: significance of the t-test at which the warning zone
            ///     begins, up to 0.5.
            /// :param max_window_length: values in the window at most, 10 to 50,000.
            /// :param min_window_length: values before the first look, 10 or more.
            /// :param minimum_noise: added to each standard deviation, in the unit of the
            ///     values, 0 or more.
            /// :param two_sided_test: whether falls count as well.
            /// :param compat: "capymoa" has the tests of CapyMOA; None.
            ///
            /// >>> from driftline import stream
            /// >>> detector = stream.OPTWIN()
            /// >>> detector.update_many([0, 1] * 500 + [4, 7] * 500)
            /// array([1001])
            OPTWIN = "optwin", [
                /// Mean of the newer part; 0 for an empty window.
                estimation: f64,
                /// Values in the window.
                width: usize,
                /// Values in its newer part.
                newer_width: usize,
                /// Difference of the means by its standard error; None before the first look.
                t_statistic: Option<f64>,
                /// Variance of the newer part by that of the older; None before the first
                /// look, and where either is constant.
                f_statistic: Option<f64>,
            ] {
                rigor: "float", f64 = 0.5,
                alpha_drift: "float", f64 = 0.001,
                alpha_warning: "float", f64 = 0.1,
                max_window_length: "int", usize = 1_000,
                min_window_length: "int", usize = 30,
                minimum_noise: "float", f64 = 1e-6,
                two_sided_test: "bool", bool = false,
                compat: "str | None", Option<String> = None,
            }
            /// SEED: a window in blocks; neighbours that are alike become one.
            ///
            /// Detects: a change of the mean, abrupt or slow, either way.
            /// Assumes: independent values of bounded range, about 0 to 1: bound and
            /// merging hold for those.
            /// Controls: each border of a look differs with probability ``delta`` at most,
            /// loosely; the average run length, by calibration.
            /// Not for: changes of spread or shape; values far larger than 1 (see
            /// ``standardise``).
            /// Cost: O(blocks) every ``block_size`` values; 24 bytes a block, 1,000 blocks
            /// at most.
            /// Source: Huang, Koh, Dobbie & Pears, Detecting volatility shift in data
            /// streams, ICDM 2014. As in MOA but for the variance, which MOA overstates
            /// for values far from 0.
            ///
            /// :param delta: significance of each look, above 0 and below 1.
            /// :param block_size: values in a new block, and from look to look.
            /// :param epsilon_prime: neighbours whose means differ less become one, 0 or
            ///     more.
            /// :param alpha: by how much of ``epsilon_prime`` that difference grows from
            ///     block to block, into the past, 0 or more.
            /// :param compress_term: blocks from one round of merging to the next.
            ///
            /// >>> from driftline import stream
            /// >>> detector = stream.SEED()
            /// >>> detector.update_many([0, 1] * 500 + [4, 7] * 500)
            /// array([1023])
            SEED = "seed", [
                /// Mean of the window; 0 for an empty one.
                estimation: f64,
                /// Values in the window.
                width: usize,
                /// Blocks in the window.
                n_blocks: usize,
            ] {
                delta: "float", f64 = 0.05,
                block_size: "int", usize = 32,
                epsilon_prime: "float", f64 = 0.01,
                alpha: "float", f64 = 0.8,
                compress_term: "int", usize = 75,
            }
            /// Any two-sample test of ``driftline.drift`` over a sliding window.
            ///
            /// Detects: what the test detects.
            /// Assumes: what the test assumes, independent values above all; a baseline
            /// that stands for normal.
            /// Controls: each look alarms with probability ``alpha`` at most; a baseline
            /// that is estimated makes some streams alarm far more often than others; the
            /// average run length, by calibration.
            /// Not for: streams that wander without harm: they leave any baseline.
            /// Cost: one comparison by the test every ``stride`` values; 24 bytes a value
            /// of the window.
            /// Source: that of the test.
            ///
            /// ``statistic`` and ``limit`` are -log10 of the p-value and of ``alpha``, or
            /// the test's distance and ``threshold``.
            ///
            /// :param test: configuration name, one of ``drift.available()``.
            /// :param window_size: values in the window, 1 to 1,000,000.
            /// :param stride: values from look to look, 1 or more; the first look comes
            ///     when the window is full.
            /// :param baseline: what the window is compared with, shape (n,); it stays
            ///     after a change. None takes the first ``window_size`` values, after a
            ///     change the next ones: slow changes add up against a fixed baseline.
            /// :param alpha: significance of each look, above 0 and below 1; 0.0001 when
            ///     None and there is no ``threshold``.
            /// :param threshold: limit of the test's distance instead, for any test.
            ///
            /// >>> from driftline import stream
            /// >>> detector = stream.WindowedTest(test="mann_whitney")
            /// >>> detector.update_many([0, 1] * 500 + [4, 7] * 500)
            /// array([1029])
            WindowedTest = "windowed_test", [
                /// The p-value of the last look; None before the first, and for tests that
                /// have none.
                p_value: Option<f64>,
                /// The test's distance at the last look, or None.
                distance: Option<f64>,
                /// Looks that the test refused to judge since the last change.
                n_unjudged: usize,
            ] {
                test: "str", String = "ks",
                window_size: "int", usize = 100,
                stride: "int", usize = 10,
                baseline: "object", Option<Vec<f64>> = None,
                alpha: "float | None", Option<f64> = None,
                threshold: "float | None", Option<f64> = None,
            }
        }
    };
}

pub(crate) use for_each_window_detector;
