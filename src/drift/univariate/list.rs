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
            /// Two-sample Kolmogorov-Smirnov test.
            ///
            /// The statistic is the largest distance between the empirical
            /// distributions, 0 to 1, exact; so is the effect size. As
            /// ``scipy.stats.ks_2samp(baseline, current)``: ``alternative`` is
            /// "two-sided", "greater" (baseline's distribution function above,
            /// so current values larger) or "less"; ``method`` is "exact",
            /// "asymp" or "auto" (exact up to 10,000 values). NaN is left out
            /// and counted (``nan_policy="raise"`` refuses it); infinities are
            /// values.
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
            /// Distance between the means, |mean(current) - mean(baseline)|.
            ///
            /// In the unit of the data; no p-value. The effect size is the shift
            /// in standard deviations of the baseline. NaN is left out and
            /// counted (``nan_policy="raise"`` refuses it); infinities are
            /// refused.
            ///
            /// >>> from driftline import drift
            /// >>> drift.MeanShift().compare([0.5, 0.5], [0.75, 1.0]).statistic
            /// 0.375
            MeanShift = "mean_shift" {
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
