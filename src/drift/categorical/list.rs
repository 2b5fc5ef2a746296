//! THE list of categorical tests: everything that walks over them reads it.

/// Calls the macro `$with` with every categorical test, in the form of the list
/// of univariate ones, and with what is to stand before them.
macro_rules! for_each_categorical_test {
    ($with:ident $($before:tt)*) => {
        $with! {
            $($before)*
            /// Bhattacharyya distance between the shares of categories.
            ///
            /// Labels, or numbers in bins of the baseline (``bins``, ``binning``,
            /// ``edges`` as for ``PSI``). No p-value; the effect size is itself.
            ///
            /// Formula: -ln of the sum of sqrt(b * c) over the shares b and c.
            ///
            /// Assumes: nothing of the distribution; independent rows.
            ///
            /// Use it: where error bounds of a classifier of the two samples count.
            ///
            /// Not for: samples that may have no category in common: it is infinite
            /// then; ``Hellinger`` says the same between 0 and 1.
            ///
            /// Cost: one sort of the baseline; then one pass over current.
            ///
            /// Source: Bhattacharyya, 1946; Kailath, 1967, equation 3.
            ///
            /// >>> from driftline import drift
            /// >>> drift.Bhattacharyya().compare(["a", "b"], ["c"]).statistic
            /// inf
            Bhattacharyya = "bhattacharyya" {
                bins: "int", usize = 10,
                binning: "str", String = "quantile",
                edges: "object", Option<Vec<f64>> = None,
                nan_policy: "str", String = "omit",
            }
            /// Pearson's chi-square test of the shares of categories.
            ///
            /// As ``scipy.stats.chi2_contingency`` of both samples' counts, with
            /// Yates' ``correction`` for two categories. ``method="auto"``: the
            /// chi-square law, or, with an expected count below 5, the exact
            /// probability over all tables with the same totals; when they are too
            /// many, ``n_permutations`` of them drawn with ``seed`` (fewer where
            /// they would take longer than about 0.3 s). Drawn p-values below
            /// 1 / (draws + 1) are not counted but extrapolated, by the tail of a
            /// gamma law fitted to the draws: good for their order of magnitude,
            /// no guarantee. Numbers are binned by the baseline (as for ``PSI``).
            /// Has ``df``; the effect size is Cramer's V.
            ///
            /// Formula: the sum of (observed - expected)^2 / expected.
            ///
            /// Assumes: independent rows.
            ///
            /// Use it: for any change of the shares of categories.
            ///
            /// Not for: ordered values, where rank tests see a shift earlier; very
            /// rare categories, which ``GTest`` weighs more.
            ///
            /// Cost: one sort of the baseline; then one pass over current; draws
            /// about 1 ms for each category.
            ///
            /// Source: Pearson, 1900; Yates, 1934; Patefield, 1981.
            ///
            /// >>> from driftline import drift
            /// >>> before, after = ["a"] * 10 + ["b"] * 20, ["a"] * 20 + ["b"] * 10
            /// >>> result = drift.ChiSquare().compare(before, after)
            /// >>> result.statistic, round(result.p_value, 4)
            /// (5.4, 0.0201)
            ChiSquare = "chi_square" {
                correction: "bool", bool = true,
                method: "str", String = "auto",
                n_permutations: "int", usize = 9999,
                seed: "int", usize = 0,
                bins: "int", usize = 10,
                binning: "str", String = "quantile",
                edges: "object", Option<Vec<f64>> = None,
                nan_policy: "str", String = "omit",
            }
            /// Cramer's V: how strongly the category depends on the sample.
            ///
            /// As ``scipy.stats.contingency.association``; ``bias_correction`` takes
            /// off what chance adds on average (Bergsma). The p-value, ``method``,
            /// ``n_permutations`` and ``seed`` are those of ``ChiSquare``, and so are
            /// the bins; drawn p-values below 1 / (draws + 1) are extrapolated by a
            /// fitted tail, as there. Has ``df``; the effect size is itself.
            ///
            /// Formula: sqrt(chi-square / (n + m)), 0 to 1.
            ///
            /// Assumes: independent rows.
            ///
            /// Use it: to say how large a difference between categories is.
            ///
            /// Not for: small samples without ``bias_correction``: chance adds about
            /// (k - 1) / (n + m) to its square.
            ///
            /// Cost: that of ``ChiSquare``.
            ///
            /// Source: Cramer, 1946, section 21.9; Bergsma, 2013, equation 7.
            ///
            /// >>> from driftline import drift
            /// >>> drift.CramersV().compare(["a"] * 9, ["b"] * 9).statistic
            /// 1.0
            CramersV = "cramers_v" {
                bias_correction: "bool", bool = false,
                method: "str", String = "auto",
                n_permutations: "int", usize = 9999,
                seed: "int", usize = 0,
                bins: "int", usize = 10,
                binning: "str", String = "quantile",
                edges: "object", Option<Vec<f64>> = None,
                nan_policy: "str", String = "omit",
            }
            /// Fisher's exact test of the shares of categories.
            ///
            /// As ``scipy.stats.fisher_exact``: the probability of a table that is
            /// not more probable, over all tables with the same totals; when they
            /// are too many (never for two labels), ``n_permutations`` of them
            /// drawn with ``seed``. Drawn p-values are not exact, and below
            /// 1 / (draws + 1) not counted but extrapolated, by the tail of a gamma
            /// law fitted to the draws: an order of magnitude, no guarantee. The
            /// statistic of two categories is the odds ratio, above 1 when the
            /// baseline has more of the first in ascending order (``alternative``
            /// "greater" or "less"), and its logarithm the distance; of more it is
            /// the probability of the table, two-sided only. The effect size is
            /// Cramer's V. Numbers are binned as for ``PSI``.
            ///
            /// Formula: hypergeometric probabilities, summed (Freeman and Halton).
            ///
            /// Assumes: independent rows.
            ///
            /// Use it: for few rows, or, with two labels or few tables, a
            /// guarantee whatever the counts.
            ///
            /// Not for: many rows of many categories; ``ChiSquare`` agrees there.
            ///
            /// Cost: exact for two categories at any size; draws about 1 ms for each
            /// category.
            ///
            /// Source: Fisher, 1935; Freeman and Halton, 1951; Patefield, 1981.
            ///
            /// >>> from driftline import drift
            /// >>> tea, milk = ["first"] * 3 + ["last"], ["first"] + ["last"] * 3
            /// >>> round(drift.FisherExact().compare(tea, milk).p_value, 4)
            /// 0.4857
            FisherExact = "fisher_exact" {
                alternative: "str", String = "two-sided",
                n_permutations: "int", usize = 9999,
                seed: "int", usize = 0,
                bins: "int", usize = 10,
                binning: "str", String = "quantile",
                edges: "object", Option<Vec<f64>> = None,
                nan_policy: "str", String = "omit",
            }
            /// G-test (log-likelihood ratio) of the shares of categories.
            ///
            /// As ``scipy.stats.chi2_contingency(..., lambda_="log-likelihood")``,
            /// with Yates' ``correction`` for two categories. ``method="auto"``: the
            /// chi-square law after Williams' correction, or, with an expected count
            /// below 5, as ``ChiSquare`` (drawn p-values below 1 / (draws + 1) are
            /// extrapolated by a fitted tail, as there); "asymptotic": SciPy's
            /// p-value. Has ``df``; the effect size is Cramer's V.
            ///
            /// Formula: 2 times the sum of observed * ln(observed / expected).
            ///
            /// Assumes: independent rows.
            ///
            /// Use it: as ``ChiSquare``, where categories that vanish matter most.
            ///
            /// Not for: ordered values, where rank tests see a shift earlier.
            ///
            /// Cost: that of ``ChiSquare``.
            ///
            /// Source: Wilks, 1935; Williams, 1976, equation 3.
            ///
            /// >>> from driftline import drift
            /// >>> result = drift.GTest().compare(["a", "b"] * 10, ["a", "b"] * 5)
            /// >>> result.statistic, result.p_value
            /// (0.0, 1.0)
            GTest = "g_test" {
                correction: "bool", bool = true,
                method: "str", String = "auto",
                n_permutations: "int", usize = 9999,
                seed: "int", usize = 0,
                bins: "int", usize = 10,
                binning: "str", String = "quantile",
                edges: "object", Option<Vec<f64>> = None,
                nan_policy: "str", String = "omit",
            }
            /// Hellinger distance between the shares of categories.
            ///
            /// Labels, or numbers in bins of the baseline (``bins``, ``binning``,
            /// ``edges`` as for ``PSI``). No p-value; the effect size is itself.
            ///
            /// Formula: sqrt of half the sum of (sqrt(b) - sqrt(c))^2, 0 to 1.
            ///
            /// Assumes: nothing of the distribution; independent rows.
            ///
            /// Use it: as a bounded distance that sees rare categories.
            ///
            /// Not for: a yes or no: its square grows by chance by about
            /// (bins - 1) * (1/n + 1/m) / 8.
            ///
            /// Cost: one sort of the baseline; then one pass over current.
            ///
            /// Source: Le Cam and Yang, 2000, section 3.1.
            ///
            /// >>> from driftline import drift
            /// >>> drift.Hellinger().compare(["a", "b"], ["c"]).statistic
            /// 1.0
            Hellinger = "hellinger" {
                bins: "int", usize = 10,
                binning: "str", String = "quantile",
                edges: "object", Option<Vec<f64>> = None,
                nan_policy: "str", String = "omit",
            }
            /// Jensen-Shannon distance between the shares of categories.
            ///
            /// As ``scipy.spatial.distance.jensenshannon`` of the shares, in nats or
            /// units of ``base``; ``form="divergence"`` is its square. Labels, or
            /// numbers in bins of the baseline (``bins``, ``binning``, ``edges`` as
            /// for ``PSI``). No p-value; the effect size is itself.
            ///
            /// Formula: sqrt((D(b, a) + D(c, a)) / 2), a = (b + c) / 2, D the
            /// Kullback-Leibler divergence.
            ///
            /// Assumes: nothing of the distribution; independent rows.
            ///
            /// Use it: as a bounded, symmetric distance between any shares.
            ///
            /// Not for: a yes or no: its square grows by chance by about
            /// (bins - 1) * (1/n + 1/m) / 8.
            ///
            /// Cost: one sort of the baseline; then one pass over current.
            ///
            /// Source: Lin, 1991, equation 4.1; Endres and Schindelin, 2003.
            ///
            /// >>> from driftline import drift
            /// >>> drift.JensenShannon(base=2).compare(["a", "b"], ["c"]).statistic
            /// 1.0
            JensenShannon = "jensen_shannon" {
                base: "float | None", Option<f64> = None,
                form: "str", String = "distance",
                bins: "int", usize = 10,
                binning: "str", String = "quantile",
                edges: "object", Option<Vec<f64>> = None,
                nan_policy: "str", String = "omit",
            }
            /// Kullback-Leibler divergence of the current shares from the baseline's.
            ///
            /// As ``scipy.stats.entropy(b, c)`` of the shares, in nats or units of
            /// ``base``. A category that is empty in current counts as half a value
            /// there. Labels, or numbers in bins of the baseline (``bins``,
            /// ``binning``, ``edges`` as for ``PSI``). No p-value; the effect size
            /// is itself.
            ///
            /// Formula: D(baseline || current) = sum of b * ln(b / c).
            ///
            /// Assumes: nothing of the distribution; independent rows.
            ///
            /// Use it: for what is lost when current stands for the baseline.
            ///
            /// Not for: a symmetric answer (``JensenShannon``), or a yes or no.
            ///
            /// Cost: one sort of the baseline; then one pass over current.
            ///
            /// Source: Kullback and Leibler, 1951, equation 2.6.
            ///
            /// >>> from driftline import drift
            /// >>> kl = drift.KLDivergence(base=2)
            /// >>> round(kl.compare(["a", "b"], ["a", "b", "b", "b"]).statistic, 4)
            /// 0.2075
            KLDivergence = "kl_divergence" {
                base: "float | None", Option<f64> = None,
                bins: "int", usize = 10,
                binning: "str", String = "quantile",
                edges: "object", Option<Vec<f64>> = None,
                nan_policy: "str", String = "omit",
            }
            /// Largest change of the share of any one category.
            ///
            /// Labels, or numbers in bins of the baseline (``bins``, ``binning``,
            /// ``edges`` as for ``PSI``). No p-value; the effect size is itself.
            ///
            /// Formula: the largest abs(b - c) over the shares b and c, 0 to 1.
            ///
            /// Assumes: nothing of the distribution; independent rows.
            ///
            /// Use it: to find one category that went wrong.
            ///
            /// Not for: drift spread over many categories (``TotalVariation``).
            ///
            /// Cost: one sort of the baseline; then one pass over current.
            ///
            /// Source: Breck et al., Data validation for machine learning, 2019.
            ///
            /// >>> from driftline import drift
            /// >>> drift.LInfinity().compare(["a", "b"], ["a", "b", "b", "b"]).statistic
            /// 0.25
            LInfinity = "l_infinity" {
                bins: "int", usize = 10,
                binning: "str", String = "quantile",
                edges: "object", Option<Vec<f64>> = None,
                nan_policy: "str", String = "omit",
            }
            /// Population stability index over bins of the baseline, or labels.
            ///
            /// ``bins`` (2 to 100,000) of equal shares (``binning="quantile"``) or
            /// widths ("uniform"; "doane" and "sturges" choose how many), one for
            /// each value ("distinct"), or between the inner borders ``edges``; the
            /// outer bins are open. A value that several quantiles fall on gets a
            /// bin of its own, and so does each of at most ``bins`` values that come
            /// twice on average; a bin that is empty in one sample counts as half a
            /// value there. Labels that the baseline does not have are one category.
            /// NaN is left out and counted (``nan_policy="raise"`` refuses it);
            /// infinities are values. No p-value; the effect size is itself.
            ///
            /// Formula: the sum of (c - b) * ln(c / b) over the shares b and c.
            ///
            /// Assumes: nothing of the distribution; independent rows.
            ///
            /// Use it: where 0.1 and 0.25 are the agreed limits, with 1,000 rows.
            ///
            /// Not for: few rows: chance adds about (bins - 1) * (1/n + 1/m).
            ///
            /// Cost: one sort of the baseline; then one pass over current.
            ///
            /// Source: Lewis, An Introduction to Credit Scoring, 1994.
            ///
            /// >>> from driftline import drift
            /// >>> psi = drift.PSI(edges=[0.0])
            /// >>> round(psi.compare([-1, 1], [-1, 1, 1, 1]).statistic, 6)
            /// 0.274653
            PSI = "psi" {
                bins: "int", usize = 10,
                binning: "str", String = "quantile",
                edges: "object", Option<Vec<f64>> = None,
                nan_policy: "str", String = "omit",
            }
            /// Share of rows that would have to change category.
            ///
            /// Labels, or numbers in bins of the baseline (``bins``, ``binning``,
            /// ``edges`` as for ``PSI``). No p-value; the effect size is itself.
            ///
            /// Formula: half the sum of abs(b - c) over the shares b and c, 0 to 1.
            ///
            /// Assumes: nothing of the distribution; independent rows.
            ///
            /// Use it: for a distance that reads as a share of the data.
            ///
            /// Not for: a yes or no: chance adds about
            /// sqrt((bins - 1) * (1/n + 1/m) / 6).
            ///
            /// Cost: one sort of the baseline; then one pass over current.
            ///
            /// Source: Levin, Peres and Wilmer, 2009, proposition 4.2.
            ///
            /// >>> from driftline import drift
            /// >>> drift.TotalVariation().compare(["a", "b"], ["a", "c"]).statistic
            /// 0.5
            TotalVariation = "total_variation" {
                bins: "int", usize = 10,
                binning: "str", String = "quantile",
                edges: "object", Option<Vec<f64>> = None,
                nan_policy: "str", String = "omit",
            }
            /// z-test of two proportions, with the pooled variance.
            ///
            /// As statsmodels' ``proportions_ztest``: z is negative when the current
            /// share of successes is higher; ``alternative`` is "two-sided", "less"
            /// (baseline's share less) or "greater". A success is the last category
            /// of the baseline in ascending order: 1, True, "yes"; numbers of more
            /// than two values are halved at the baseline's median. ``method="auto"``
            /// is exact when an expected count is below 5. The effect size is the
            /// share of rows moved.
            ///
            /// Formula: (p - q) / sqrt(r * (1 - r) * (1/n + 1/m)).
            ///
            /// Assumes: independent rows.
            ///
            /// Use it: for rates: conversions, failures, positives.
            ///
            /// Not for: more than two categories (``ChiSquare``).
            ///
            /// Cost: one sort of the baseline; then one pass over current.
            ///
            /// Source: Fleiss, Levin and Paik, 2003, section 3.2.
            ///
            /// >>> from driftline import drift
            /// >>> z, p = drift.TwoProportionZ().compare([0, 1] * 50, [0, 1, 1, 1] * 25)
            /// >>> round(z, 4), round(p, 5)
            /// (-3.6515, 0.00026)
            TwoProportionZ = "two_proportion_z" {
                alternative: "str", String = "two-sided",
                method: "str", String = "auto",
                n_permutations: "int", usize = 9999,
                seed: "int", usize = 0,
                bins: "int", usize = 2,
                binning: "str", String = "quantile",
                edges: "object", Option<Vec<f64>> = None,
                nan_policy: "str", String = "omit",
            }
        }
    };
}

pub(crate) use for_each_categorical_test;
