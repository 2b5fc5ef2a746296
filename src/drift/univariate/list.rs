//! THE list of univariate tests: everything that walks over them reads it.

/// Calls the macro `$with` with every univariate test: the docstring of its
/// Python class, the type, the configuration name, and each parameter with its
/// Python annotation, its Rust type and its default.
///
/// The factory, `available()`, the Python classes with their signatures and
/// docstrings, `__all__` and the conformance tests follow from it. A new test
/// is its file, its entry here (and `mod` line in `mod.rs`), and the
/// regenerated stub.
macro_rules! for_each_drift_test {
    ($with:ident) => {
        $with! {
            /// Two-sample Anderson-Darling test.
            ///
            /// Formula: (A2 - 1) / sigma, with A2 = (N - 1) / (n m) times the sum over
            /// distinct values of l (N M - n B)^2 / (B (N - B) - N l / 4) / N: M and B count
            /// baseline and both up to the value by mid-ranks, l values are equal to it.
            /// Assumes: independent values; the p-value minds how they are tied.
            /// Use it: as the strongest of its kind for changes in the tails.
            /// Not for: serially dependent data; a p-value alone on very large samples.
            /// Cost: one sort and one merge; then some 20 us, up to 10 ms with ties or
            /// few values.
            /// Source: Scholz & Stephens 1987, equation 7. The statistic is that of
            /// ``scipy.stats.anderson_ksamp([baseline, current])``, the p-value exact for
            /// few values and not clipped. The effect size is the KS distance. NaN is left
            /// out and counted (``nan_policy="raise"`` refuses it); infinities are values.
            ///
            /// >>> from driftline import drift
            /// >>> test = drift.AndersonDarling()
            /// >>> result = test.compare([1, 2, 3, 4], [5, 6, 7, 8])
            /// >>> round(result.statistic, 4), round(result.p_value, 4)
            /// (3.1846, 0.0286)
            AndersonDarling = "anderson_darling" {
                nan_policy: "str", String = "omit",
            }
            /// Two-sample Cramer-von Mises test.
            ///
            /// Formula: T = n m / N^2 times the sum over all values of (F - G)^2, with the
            /// empirical distributions F, G of baseline and current.
            /// Assumes: independent values; the p-value minds how they are tied.
            /// Use it: as often stronger than KS for changes of location or spread.
            /// Not for: changes in the tails (Anderson-Darling); serially dependent data.
            /// Cost: one sort and one merge; then some 10 us, up to 10 ms with ties or
            /// few values.
            /// Source: Anderson 1962. As ``scipy.stats.cramervonmises_2samp``, but right
            /// with ties: ``method`` is "exact", "asymptotic" or "auto" (exact for about 20
            /// values each). The effect size is the KS distance. NaN is left out and
            /// counted (``nan_policy="raise"`` refuses it); infinities are values.
            ///
            /// >>> from driftline import drift
            /// >>> result = drift.CramerVonMises().compare([1, 2, 3, 4], [5, 6, 7, 8])
            /// >>> result.statistic, round(result.p_value, 4)
            /// (0.6875, 0.0286)
            CramerVonMises = "cramer_von_mises" {
                method: "str", String = "auto",
                nan_policy: "str", String = "omit",
            }
            /// Two-sample Kolmogorov-Smirnov test.
            ///
            /// Formula: D = max |F - G|, with the empirical distributions F, G of baseline
            /// and current; 0 to 1, exact; also the effect size.
            /// Assumes: independent values; with many ties the p-value is cautious.
            /// Use it: as the default for numbers: any change, in one sentence: "at most
            /// this share of the rows has moved across any one border".
            /// Not for: changes in the tails (Anderson-Darling); serially dependent data.
            /// Cost: one sort and one merge; the exact p-value up to 0.1 s in 10,000
            /// values, otherwise below 10 us.
            /// Source: Smirnov 1948, Hodges 1958. As ``scipy.stats.ks_2samp(baseline,
            /// current)``: ``alternative`` is "two-sided", "greater" (baseline's
            /// distribution function above, so current values larger) or "less";
            /// ``method`` is "exact", "asymp" or "auto" (exact up to 10,000 values or for
            /// equal sizes). NaN is left out and counted (``nan_policy="raise"`` refuses
            /// it); infinities are values.
            ///
            /// >>> from driftline import drift
            /// >>> result = drift.KS().compare([1, 2, 3, 4], [3, 4, 5, 6])
            /// >>> result.statistic, round(result.p_value, 4)
            /// (0.5, 0.7714)
            KS = "ks" {
                alternative: "str", String = "two-sided",
                method: "str", String = "auto",
                nan_policy: "str", String = "omit",
            }
            /// Two-sample Kuiper test.
            ///
            /// Formula: V = max(F - G) + max(G - F), with the empirical distributions F, G
            /// of baseline and current; 0 to 1, exact.
            /// Assumes: independent values; with many ties the p-value is cautious.
            /// Use it: for circular data (hours, directions), where it does not matter
            /// where the circle is cut, and for changes of spread.
            /// Not for: a mere change of location (KS is stronger); dependent data.
            /// Cost: one sort and one merge; the exact p-value up to 10 ms.
            /// Source: Kuiper 1960, Maag & Stephens 1968. ``method`` is "exact", "asymp" or
            /// "auto" (exact for equal sizes and n m up to 4e6). The effect size is the KS
            /// distance. NaN is left out and counted (``nan_policy="raise"`` refuses it);
            /// infinities are values.
            ///
            /// >>> from driftline import drift
            /// >>> result = drift.Kuiper().compare([1, 2, 3, 4], [3, 4, 5, 6])
            /// >>> result.statistic, round(result.p_value, 4)
            /// (0.5, 1.0)
            Kuiper = "kuiper" {
                method: "str", String = "auto",
                nan_policy: "str", String = "omit",
            }
            /// Distance between the means, |mean(current) - mean(baseline)|.
            ///
            /// In the unit of the data; no p-value. The effect size is the shift
            /// in standard deviations of the baseline. NaN is left out and
            /// counted (``nan_policy="raise"`` refuses it); infinities are
            /// refused.
            ///
            /// Formula: |mean(current) - mean(baseline)|.
            ///
            /// Assumes: nothing; the threshold is in the unit of the data.
            ///
            /// Use it: where a shift of the average is what matters and its
            /// tolerable size is known, such as a price or a latency.
            ///
            /// Not for: changes of spread or shape, which it does not see, and
            /// heavy tails, where one value moves a mean (``ks``,
            /// ``mann_whitney``).
            ///
            /// Cost: O(n) to fit, O(m) to compare; O(1) for each value of a
            /// rolling window.
            ///
            /// Source: elementary; sums compensated as by A. Neumaier, ZAMM 54
            /// (1974) 39-51.
            ///
            /// >>> from driftline import drift
            /// >>> drift.MeanShift().compare([0.5, 0.5], [0.75, 1.0]).statistic
            /// 0.375
            MeanShift = "mean_shift" {
                nan_policy: "str", String = "omit",
            }
            /// Welch's t-test for unequal variances.
            ///
            /// As ``scipy.stats.ttest_ind(baseline, current, equal_var=False)``:
            /// t is negative when the current mean is higher; ``alternative`` is
            /// "two-sided", "less" (baseline mean less than current) or
            /// "greater". Has ``df``; the effect size is Hedges' g. Needs two
            /// values in each sample; two constant samples give t = 0 or
            /// infinite. NaN is left out and counted (``nan_policy="raise"``
            /// refuses it); infinities are refused.
            ///
            /// Formula: t = (mean(b) - mean(c)) / sqrt(var(b) / n + var(c) / m),
            /// with the Welch-Satterthwaite degrees of freedom.
            ///
            /// Assumes: independent values, and means that are about normal:
            /// from some 30 values on unless tails are heavy.
            ///
            /// Use it: for a shift of the mean, whatever the two spreads.
            ///
            /// Not for: changes that leave the mean as it is, heavy tails
            /// (``mann_whitney``), values that depend on those before them.
            ///
            /// Cost: O(n) to fit, O(m) to compare; O(1) for each value of a
            /// rolling window.
            ///
            /// Source: B. L. Welch, Biometrika 34 (1947) 28-35; effect size:
            /// L. V. Hedges, Journal of Educational Statistics 6 (1981) 107-128.
            ///
            /// >>> from driftline import drift
            /// >>> t, p = drift.Welch().compare([1, 2, 3], [2, 3, 4])
            /// >>> round(t, 6), round(p, 6)
            /// (-1.224745, 0.287864)
            Welch = "welch" {
                alternative: "str", String = "two-sided",
                nan_policy: "str", String = "omit",
            }
        }
    };
}

pub(crate) use for_each_drift_test;
