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
            /// (3.6866, 0.0286)
            AndersonDarling = "anderson_darling" {
                nan_policy: "str", String = "omit",
            }
            /// Ansari-Bradley test for equal scales, by ranks.
            ///
            /// As ``scipy.stats.ansari(baseline, current)``: the statistic is large
            /// when the current spread is larger; ``alternative`` is "two-sided",
            /// "less" (baseline scale less than current) or "greater". ``method`` is
            /// "exact" (given the ties), "asymptotic" or "auto" (exact up to about 25
            /// values each and in the tails, a saddle point up to 200). The effect size
            /// is the difference of mean scores over their range, -1 to 1, positive when the current spread is larger. NaN
            /// is left out and counted (``nan_policy="raise"`` refuses it);
            /// infinities are values.
            ///
            /// Formula: sum of the baseline's ranks, counted from the nearer end of
            /// the pooled sample.
            ///
            /// Assumes: equal medians, independent values.
            ///
            /// Use it: for changes of spread in heavy-tailed data.
            ///
            /// Not for: data whose location moves too; there "levene".
            ///
            /// Cost: O(m log m + n + m); seconds at most with "exact".
            ///
            /// Source: Ansari, Bradley, Rank-sum tests for dispersions, 1960.
            ///
            /// >>> from driftline import drift
            /// >>> ab, p = drift.AnsariBradley().compare([2, 3, 4], [0, 1, 5, 6])
            /// >>> ab, round(p, 6)
            /// (10.0, 0.057143)
            AnsariBradley = "ansari_bradley" {
                alternative: "str", String = "two-sided",
                method: "str", String = "auto",
                nan_policy: "str", String = "omit",
            }
            /// Baumgartner-Weiss-Schindler test of two distributions.
            ///
            /// As ``scipy.stats.bws_test(baseline, current)``, two-sided. ``method``
            /// is "permutation" (all arrangements if there are few, else up to 9,999,
            /// always the same), "asymptotic" (wrong with many ties) or "auto"
            /// (permutation with many ties or fewer than 100 values in a sample). The effect size is Cliff's delta, positive when
            /// current values are larger. NaN is left out and counted
            /// (``nan_policy="raise"`` refuses it); infinities are values.
            ///
            /// Formula: mean over both samples of the squared distance of each rank
            /// from its expectation, over its variance.
            ///
            /// Assumes: independent values; large samples without many ties for the
            /// asymptotic p-value.
            ///
            /// Use it: for small samples whose tails matter.
            ///
            /// Not for: very large samples: "anderson_darling" is the same there.
            ///
            /// Cost: O(m log m + n + m); up to 10,000 (n + m) steps with permutation.
            ///
            /// Source: Baumgartner, Weiss, Schindler, A nonparametric test for the
            /// general two-sample problem, 1998, equations 2.3 to 2.5.
            ///
            /// >>> from driftline import drift
            /// >>> test = drift.BaumgartnerWeissSchindler()
            /// >>> round(test.compare([1, 2, 3], [4, 5, 6]).p_value, 6)
            /// 0.1
            BaumgartnerWeissSchindler = "baumgartner_weiss_schindler" {
                method: "str", String = "auto",
                nan_policy: "str", String = "omit",
            }
            /// Brunner-Munzel test: is one sample larger more often.
            ///
            /// As ``scipy.stats.brunnermunzel(baseline, current)``: the statistic is
            /// positive when current values are larger; ``alternative`` is
            /// "two-sided", "less" (baseline less than current) or "greater".
            /// ``distribution`` is "t" (with ``df``) or "normal"; ``method`` is
            /// "permutation", "asymptotic" or "auto" (permutation up to 60 values in
            /// both samples, or with fewer than 20 in either). Samples that do not overlap get the statistic of
            /// samples that just touch. The effect size is Cliff's delta, positive
            /// when current values are larger. NaN is left out and counted
            /// (``nan_policy="raise"`` refuses it); infinities are values.
            ///
            /// Formula: difference of mean ranks, studentised by the variances of the
            /// placements.
            ///
            /// Assumes: independent values; neither equal spreads nor equal shapes.
            ///
            /// Use it: for shifts where spreads or shapes may differ.
            ///
            /// Not for: changes of spread alone, which it does not see.
            ///
            /// Cost: O(m log m + n + m); 10,000 min(n, m) steps with permutation.
            ///
            /// Source: Brunner, Munzel, The nonparametric Behrens-Fisher problem,
            /// 2000; Neubert, Brunner, 2007 (permutation).
            ///
            /// >>> from driftline import drift
            /// >>> result = drift.BrunnerMunzel().compare([1, 2, 3], [4, 5, 6])
            /// >>> result.effect_size, round(result.p_value, 6)
            /// (1.0, 0.1)
            BrunnerMunzel = "brunner_munzel" {
                alternative: "str", String = "two-sided",
                distribution: "str", String = "t",
                method: "str", String = "auto",
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
            /// Energy distance.
            ///
            /// The root of twice the integral of the squared difference of the
            /// empirical distributions, as ``scipy.stats.energy_distance``; no
            /// p-value. In the root of the data's unit; so is the effect size. NaN
            /// is left out and counted (``nan_policy="raise"`` refuses it);
            /// infinities are refused.
            ///
            /// Formula: sqrt(2 * integral of (F(x) - G(x))^2 dx), F the baseline's
            ///     and G the current sample's empirical distribution.
            /// Assumes: nothing but a unit that makes differences comparable.
            /// Use it: as a distance that sees any change and keeps growing.
            /// Not for: a verdict by itself; there "cramer_von_mises" has a p-value.
            /// Cost: O(m log m + n + m).
            /// Source: Szekely, E-statistics: the energy of statistical samples,
            ///     2002.
            ///
            /// >>> from driftline import drift
            /// >>> drift.Energy().compare([0], [8]).statistic
            /// 4.0
            Energy = "energy" {
                nan_policy: "str", String = "omit",
            }
            /// Epps-Singleton test of two characteristic functions.
            ///
            /// As ``scipy.stats.epps_singleton_2samp(baseline, current)``: ``t`` are
            /// the points, in units of half the pooled interquartile range (None:
            /// 0.4 and 0.8); ``method`` is "asymptotic", "permutation" or "auto"
            /// (permutation up to 100 values in the smaller sample, where the
            /// asymptotic law is wrong). Has ``df``. The effect size is the root mean square
            /// distance of the characteristic functions, 0 to 2. Needs five values in
            /// each sample. Samples without a common value or variance get an
            /// infinite statistic. NaN is left out and counted
            /// (``nan_policy="raise"`` refuses it); infinities are refused.
            ///
            /// Formula: n d' C^-1 d, with d the difference of the characteristic
            /// functions at ``t`` and C its covariance.
            ///
            /// Assumes: independent values, discrete or continuous.
            ///
            /// Use it: for changes of any kind, of discrete data too.
            ///
            /// Not for: changes in the far tails.
            ///
            /// Cost: O((n + m) (log m + len(t))); 10,000 min(n, m) steps with
            /// permutation.
            ///
            /// Source: Epps, Singleton, An omnibus test for the two-sample problem
            /// using the empirical characteristic function, 1986.
            ///
            /// >>> from driftline import drift
            /// >>> result = drift.EppsSingleton().compare(range(8), range(4, 14))
            /// >>> result.df, result.p_value < 0.05
            /// (4.0, True)
            EppsSingleton = "epps_singleton" {
                t: "object", Option<Vec<f64>> = None,
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
            /// Cost: one sort and one merge; the exact p-value a few ms, otherwise
            /// below 10 us.
            /// Source: Smirnov 1948, Hodges 1958. As ``scipy.stats.ks_2samp(baseline,
            /// current)``: ``alternative`` is "two-sided", "greater" (baseline's
            /// distribution function above, so current values larger) or "less";
            /// ``method`` is "exact", "asymp" or "auto" (exact up to 4e6 lattice points and
            /// for equal sizes). NaN is left out and counted (``nan_policy="raise"`` refuses
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
            /// "auto" (exact for equal sizes and n m up to 2e6). The effect size is the KS
            /// distance. NaN is left out and counted (``nan_policy="raise"`` refuses it);
            /// infinities are values.
            ///
            /// >>> from driftline import drift
            /// >>> result = drift.Kuiper().compare([1, 2, 3, 4], [3, 4, 5, 6])
            /// >>> result.statistic, round(result.p_value, 4)
            /// (0.5, 0.9714)
            Kuiper = "kuiper" {
                method: "str", String = "auto",
                nan_policy: "str", String = "omit",
            }
            /// Levene's test for equal spreads.
            ///
            /// As ``scipy.stats.levene(baseline, current)``: ``center`` is "median"
            /// (Brown and Forsythe), "mean" or "trimmed" (the mean without
            /// ``proportiontocut`` of the values at either end); ``alternative`` is
            /// "two-sided", "less" (baseline spread less than current) or "greater".
            /// The effect size is the log ratio of standard deviations, positive when
            /// the current one is larger. Needs three values in each sample. NaN is
            /// left out and counted (``nan_policy="raise"`` refuses it); infinities
            /// are refused.
            ///
            /// Formula: the F statistic of abs(x - center), 1 and n + m - 2 degrees
            /// of freedom.
            ///
            /// Assumes: independent values; with "mean" also light, symmetric tails.
            ///
            /// Use it: for changes of spread, whatever the location does.
            ///
            /// Not for: shifts, which it does not see.
            ///
            /// Cost: O(m log m).
            ///
            /// Source: Levene, Robust tests for equality of variances, 1960; Brown,
            /// Forsythe, Robust tests for the equality of variances, 1974.
            ///
            /// >>> from driftline import drift
            /// >>> w, p = drift.Levene().compare([1, 2, 3, 4], [0, 2, 4, 8])
            /// >>> round(w, 6), round(p, 6)
            /// (2.25, 0.184281)
            Levene = "levene" {
                center: "str", String = "median",
                proportiontocut: "float", f64 = 0.05,
                alternative: "str", String = "two-sided",
                nan_policy: "str", String = "omit",
            }
            /// Mann-Whitney U test: is one sample larger more often.
            ///
            /// As ``scipy.stats.mannwhitneyu(baseline, current)``: U counts the pairs
            /// with baseline above current, ties half; ``alternative`` is
            /// "two-sided", "less" (baseline less than current) or "greater".
            /// ``method`` is "exact" (given the ties), "asymptotic" (corrected for
            /// ties and, with ``use_continuity``, for continuity) or "auto" (exact up
            /// to about 25 values each and in the tails, a saddle point up to 200). The effect size is Cliff's delta, positive
            /// when current values are larger. NaN is left out and counted
            /// (``nan_policy="raise"`` refuses it); infinities are values.
            ///
            /// Formula: U = pairs with baseline > current + pairs that are equal / 2.
            ///
            /// Assumes: independent values; equal distributions where there is no
            /// drift.
            ///
            /// Use it: for shifts, heavy tails and ranked categories included.
            ///
            /// Not for: changes of spread; "brunner_munzel" where spreads differ.
            ///
            /// Cost: O(m log m + n + m); seconds at most with "exact".
            ///
            /// Source: Mann, Whitney, On a test of whether one of two random
            /// variables is stochastically larger than the other, 1947.
            ///
            /// >>> from driftline import drift
            /// >>> u, p = drift.MannWhitney().compare([1, 2, 3], [4, 5, 6])
            /// >>> u, round(p, 6)
            /// (0.0, 0.1)
            MannWhitney = "mann_whitney" {
                alternative: "str", String = "two-sided",
                method: "str", String = "auto",
                use_continuity: "bool", bool = true,
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
            /// Mood's test for equal scales, by ranks.
            ///
            /// As ``scipy.stats.mood(baseline, current)``: z is negative when the
            /// current spread is larger; ``alternative`` is "two-sided", "less"
            /// (baseline scale less than current) or "greater". ``method`` is "exact"
            /// (given the ties), "asymptotic" or "auto" (exact for about 7 values
            /// each). The effect size is the difference of mean scores over the
            /// largest, -1 to 1, positive when the current spread is larger. NaN is
            /// left out and counted (``nan_policy="raise"`` refuses it); infinities
            /// are values.
            ///
            /// Formula: sum of (rank - (n + m + 1) / 2)^2 of the baseline,
            /// standardised.
            ///
            /// Assumes: equal medians, independent values.
            ///
            /// Use it: for changes of spread, with more weight on the extremes than
            /// "ansari_bradley".
            ///
            /// Not for: data whose location moves too; there "levene".
            ///
            /// Cost: O(m log m + n + m).
            ///
            /// Source: Mood, On the asymptotic efficiency of certain nonparametric
            /// two-sample tests, 1954; Mielke, 1967 (ties).
            ///
            /// >>> from driftline import drift
            /// >>> z, p = drift.Mood().compare([2, 3, 4], [0, 1, 5, 6])
            /// >>> round(z, 6), round(p, 6)
            /// (-2.041241, 0.057143)
            Mood = "mood" {
                alternative: "str", String = "two-sided",
                method: "str", String = "auto",
                nan_policy: "str", String = "omit",
            }
            /// Student's t-test, with one variance for both samples.
            ///
            /// As ``scipy.stats.ttest_ind(baseline, current)``: t is negative when
            /// the current mean is higher; ``alternative`` is "two-sided", "less"
            /// (baseline mean less than current) or "greater". Has ``df``; the effect
            /// size is Hedges' g, with the sign of t. Needs three values in all; two
            /// constant samples give t = 0 or infinite. NaN is left out and counted
            /// (``nan_policy="raise"`` refuses it); infinities are refused.
            ///
            /// Formula: (mean(baseline) - mean(current)) / sqrt(v (1/n + 1/m)), v the
            /// pooled variance.
            ///
            /// Assumes: independent values, equal variances, light tails or many
            /// values.
            ///
            /// Use it: for shifts of the mean where variances are known to be equal.
            ///
            /// Not for: unequal variances: "welch" costs no more.
            ///
            /// Cost: O(m).
            ///
            /// Source: Student, The probable error of a mean, 1908.
            ///
            /// >>> from driftline import drift
            /// >>> t, p = drift.Student().compare([1, 2, 3], [2, 3, 4])
            /// >>> round(t, 6), round(p, 6)
            /// (-1.224745, 0.287864)
            Student = "student" {
                alternative: "str", String = "two-sided",
                nan_policy: "str", String = "omit",
            }
            /// Wasserstein distance of order 1 (earth mover's distance).
            ///
            /// The mean distance that values have to move to make one sample the
            /// other, as ``scipy.stats.wasserstein_distance``; no p-value. In the
            /// unit of the data, with ``normed=True`` in sample standard deviations
            /// of the baseline (of a constant one: 0 or infinite); so is the effect
            /// size. NaN is left out and counted (``nan_policy="raise"`` refuses
            /// it); infinities are refused.
            ///
            /// Formula: integral of |F(x) - G(x)| dx, F the baseline's and G the
            ///     current sample's empirical distribution.
            /// Assumes: nothing but a unit that makes differences comparable.
            /// Use it: when the size of a shift matters, in units people know.
            /// Not for: data with extreme outliers, which dominate it; there "ks".
            /// Cost: O(m log m + n + m).
            /// Source: Vallender, Calculation of the Wasserstein distance between
            ///     probability distributions on the line, 1974.
            ///
            /// >>> from driftline import drift
            /// >>> drift.Wasserstein().compare([0, 1, 3], [5, 6, 8]).statistic
            /// 5.0
            Wasserstein = "wasserstein" {
                normed: "bool", bool = false,
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
