//! THE list of multivariate tests: everything that walks over them reads it.

/// Calls the macro `$with` with every multivariate test: the docstring of its
/// Python class, the type, the configuration name, and each parameter with its
/// Python annotation, its Rust type and its default; in brackets, an argument
/// that only code can give.
///
/// The factory, `available()`, the Python classes with their signatures and
/// docstrings, `__all__` and the conformance tests follow from it. A new test
/// is its file, its entry here (and `mod` line in `mod.rs`), and the
/// regenerated stub.
macro_rules! for_each_multivariate_test {
    ($with:ident) => {
        $with! {
            /// Classifier two-sample test: can the samples be told apart?
            ///
            /// Rows with NaN are left out and counted (``nan_policy="raise"``
            /// refuses them); infinities are refused.
            ///
            /// Formula: AUC of out-of-fold scores of a classifier that is to tell
            ///     current rows from baseline rows; effect size 2 AUC - 1. Built
            ///     in: ridge regression on mid-ranks, squares and products.
            /// Assumes: independent rows. Built in: p by relabelling, exact. With
            ///     ``classifier``: e times the geometric mean of the folds'
            ///     Mann-Whitney p-values, valid and conservative.
            /// Use it: mixed scales, heavy tails, changed correlations; with a
            ///     classifier of your own (``fit``, ``predict_proba`` or
            ///     ``predict``; it is cloned for each fold) whatever it sees.
            /// Not for: changes that need three columns at once (built in); more
            ///     than 2,048 columns.
            /// Cost: rows * features^2 * folds; 1,000 relabellings of 1,000 + 1,000
            ///     rows take a fraction of a second.
            /// Source: Lopez-Paz & Oquab, Revisiting classifier two-sample tests,
            ///     2017, section 3; Vovk & Wang, Combining p-values via averaging,
            ///     2020.
            ///
            /// >>> import numpy as np
            /// >>> from driftline import drift
            /// >>> rng = np.random.default_rng(0)
            /// >>> baseline, current = rng.normal(size=(2, 200, 3))
            /// >>> current[:, 1] = current[:, 0]
            /// >>> result = drift.ClassifierTwoSample().compare(baseline, current)
            /// >>> result.statistic > 0.8, result.p_value < 0.01
            /// (True, True)
            ClassifierTwoSample = "classifier_two_sample" {
                folds: "int", usize = 5,
                n_permutations: "int", usize = 1000,
                seed: "int", usize = 0,
                threads: "int", usize = 1,
                nan_policy: "str", String = "omit",
            } [classifier]
            /// Maximum mean discrepancy between samples of rows.
            ///
            /// ``kernel`` is "rbf", "laplacian", "polynomial" (of ``degree``) or
            /// "linear"; ``bandwidth=None`` takes the median distance of all pairs
            /// of pooled rows. ``method`` is "quadratic" (all pairs), "block",
            /// "linear" (blocks of two) or "auto": all pairs up to 10,000 rows in
            /// both samples together, blocks above. Blocks look at few of the
            /// pairs, so that small drift which all pairs show may be missed above
            /// 10,000 rows; fewer rows, or a larger ``block_size``, see more. Of a
            /// sample more than eight times the other, blocks use a random part.
            /// Rows with NaN are left out and counted (``nan_policy="raise"``
            /// refuses them); infinities are refused.
            ///
            /// Formula: MMD^2 = mean k(x, x') + mean k(y, y') - 2 mean k(x, y) over
            ///     pairs of different rows, unbiased: about 0, also below, without
            ///     drift. Effect size: its root, 0 to sqrt(2) for rbf.
            /// Assumes: independent rows; columns of comparable scale. p by
            ///     relabelling, exact; for blocks Student's t over the blocks.
            /// Use it: any change of a joint distribution, embeddings too.
            /// Not for: changes much finer or coarser than the bandwidth; columns
            ///     of unlike scale, unless standardised.
            /// Cost: "quadratic": (n + m)^2 (d + n_permutations) operations and
            ///     8 (n + m)^2 bytes: 800 MB and, on one of the ``threads``, tens of
            ///     seconds at 10,000 rows in all, the most that it takes; "block":
            ///     about (n + m)^1.5 d operations.
            /// Source: Gretton et al., A kernel two-sample test, 2012, equation 3
            ///     and section 6; Zaremba et al., B-tests, 2013, section 2.
            ///
            /// >>> import numpy as np
            /// >>> from driftline import drift
            /// >>> rng = np.random.default_rng(0)
            /// >>> baseline, current = rng.normal(size=(2, 200, 3))
            /// >>> result = drift.MMD().compare(baseline, current + 0.5)
            /// >>> round(result.statistic, 2), round(result.p_value, 4)
            /// (0.06, 0.001)
            MMD = "mmd" {
                kernel: "str", String = "rbf",
                bandwidth: "float | None", Option<f64> = None,
                degree: "int", usize = 3,
                method: "str", String = "auto",
                block_size: "int | None", Option<usize> = None,
                n_permutations: "int", usize = 1000,
                seed: "int", usize = 0,
                threads: "int", usize = 1,
                nan_policy: "str", String = "omit",
            }
            /// Energy distance between samples of rows.
            ///
            /// With one column it is ``scipy.stats.energy_distance``. Rows with NaN
            /// are left out and counted (``nan_policy="raise"`` refuses them);
            /// infinities are refused.
            ///
            /// Formula: sqrt(E), E = 2 mean |x - y| - mean |x - x'| - mean |y - y'|
            ///     with Euclidean distances; effect size E / (2 mean |x - y|), 0 to
            ///     1.
            /// Assumes: independent rows; columns of comparable scale. p by
            ///     relabelling, exact.
            /// Use it: any change of a joint distribution, shifts above all;
            ///     nothing to choose.
            /// Not for: columns of unlike scale, unless standardised; tails so
            ///     heavy that distances have no mean.
            /// Cost: (n + m)^2 (d + n_permutations) operations and 8 (n + m)^2
            ///     bytes, at most 10,000 rows in all.
            /// Source: Székely & Rizzo, Testing for equal distributions in high
            ///     dimension, 2004.
            ///
            /// >>> from driftline import drift
            /// >>> result = drift.MultivariateEnergy().compare([[0, 0]], [[3, 4]])
            /// >>> round(result.statistic, 6), result.effect_size
            /// (3.162278, 1.0)
            MultivariateEnergy = "multivariate_energy" {
                n_permutations: "int", usize = 1000,
                seed: "int", usize = 0,
                threads: "int", usize = 1,
                nan_policy: "str", String = "omit",
            }
        }
    };
}

pub(crate) use for_each_multivariate_test;
