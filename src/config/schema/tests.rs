//! Which test compares: the sections under `test` of a drift detector.
//!
//! In the order of `drift.available()`. Tests of rows are not among them: a
//! detector has a window of values.

use super::*;

const ALTERNATIVE: Field = field(
    "alternative",
    Sort::Word(&["two-sided", "less", "greater"]),
    "\"two-sided\"",
    "the direction that counts",
);
const NAN_POLICY: Field = field(
    "nan_policy",
    Sort::Word(&["omit", "raise"]),
    "\"omit\"",
    "what becomes of NaN",
);

const fn method(words: &'static [&'static str]) -> Field {
    field(
        "method",
        Sort::Word(words),
        "\"auto\"",
        "how the p-value is computed",
    )
}

/// Of distances between distribution functions.
const EXACT_OR_LIMIT: Field = method(&["auto", "exact", "asymp"]);
/// Of ranks.
const EXACT: Field = method(&["auto", "exact", "asymptotic"]);
/// Of what has no exact law, and of counts.
const PERMUTATION: Field = method(&["auto", "permutation", "asymptotic"]);

const N_PERMUTATIONS: Field = field(
    "n_permutations",
    Sort::Whole(99, 10_000_000),
    "9999",
    "tables to draw for a p-value by permutation",
);
const SEED: Field = field(
    "seed",
    Sort::Whole(0, u64::MAX as i128),
    "0",
    "the seed of what is drawn",
);
const CORRECTION: Field = field(
    "correction",
    Sort::Flag,
    "true",
    "whether two categories are corrected for continuity",
);
const BASE: Field = field(
    "base",
    Sort::Number(Excluded(1.0), Unbounded),
    "null",
    "the base of the logarithm; natural by default",
);

const fn bins(default: &'static str) -> Field {
    field(
        "bins",
        Sort::Whole(2, 100_000),
        default,
        "bins of the baseline",
    )
}

const BINS: Field = bins("10");
const BINNING: Field = field(
    "binning",
    Sort::Word(&["quantile", "uniform", "doane", "sturges", "distinct"]),
    "\"quantile\"",
    "bins of equal shares or widths, as many as a rule says, or one for each value",
);
const EDGES: Field = field(
    "edges",
    Sort::List(&FINITE, 1, usize::MAX),
    "null",
    "the inner borders instead, rising",
);

/// The sections, and all of them and their names in the order in which they are here.
macro_rules! tests {
    ($($test:ident = $name:literal, $doc:literal [$($field:expr),*])*) => {
        $(static $test: Section = section($name, $doc, &[$($field,)* NAN_POLICY]);)*

        /// Every section under `test`.
        pub(super) const ALL: &[&Section] = &[$(&$test),*];
        /// Their names.
        pub(super) const NAMES: &[&str] = &[$($name),*];
    };
}

tests! {
    ANDERSON_DARLING = "anderson_darling", "two-sample Anderson-Darling test" []
    ANSARI_BRADLEY = "ansari_bradley", "Ansari-Bradley test of spreads" [ALTERNATIVE, EXACT]
    BAUMGARTNER_WEISS_SCHINDLER = "baumgartner_weiss_schindler",
        "Baumgartner-Weiss-Schindler test" [PERMUTATION]
    BHATTACHARYYA = "bhattacharyya",
        "Bhattacharyya distance between shares" [BINS, BINNING, EDGES]
    BRUNNER_MUNZEL = "brunner_munzel", "Brunner-Munzel test" [
        ALTERNATIVE,
        field(
            "distribution",
            Sort::Word(&["t", "normal"]),
            "\"t\"",
            "the law where it is asymptotic"
        ),
        PERMUTATION
    ]
    CHI_SQUARE = "chi_square", "Pearson's chi-square test of shares" [
        CORRECTION, PERMUTATION, N_PERMUTATIONS, SEED, BINS, BINNING, EDGES
    ]
    CRAMER_VON_MISES = "cramer_von_mises", "two-sample Cramer-von Mises test" [EXACT]
    CRAMERS_V = "cramers_v", "Cramer's V: association of sample and category" [
        field(
            "bias_correction",
            Sort::Flag,
            "false",
            "whether what chance alone makes is taken off"
        ),
        PERMUTATION, N_PERMUTATIONS, SEED, BINS, BINNING, EDGES
    ]
    ENERGY = "energy", "energy distance" []
    EPPS_SINGLETON = "epps_singleton", "Epps-Singleton test of characteristic functions" [
        field(
            "t",
            Sort::List(&ABOVE_0, 1, 16),
            "null",
            "where the functions are compared; at 0.4 and 0.8 by default"
        ),
        PERMUTATION
    ]
    FISHER_EXACT = "fisher_exact", "Fisher's exact test of shares" [
        ALTERNATIVE, N_PERMUTATIONS, SEED, BINS, BINNING, EDGES
    ]
    G_TEST = "g_test", "G-test (log-likelihood ratio) of shares" [
        CORRECTION, PERMUTATION, N_PERMUTATIONS, SEED, BINS, BINNING, EDGES
    ]
    HELLINGER = "hellinger", "Hellinger distance between shares" [BINS, BINNING, EDGES]
    JENSEN_SHANNON = "jensen_shannon", "Jensen-Shannon distance between shares" [
        BASE,
        field(
            "form",
            Sort::Word(&["distance", "divergence"]),
            "\"distance\"",
            "the distance, or its square"
        ),
        BINS, BINNING, EDGES
    ]
    KL_DIVERGENCE = "kl_divergence",
        "Kullback-Leibler divergence of shares" [BASE, BINS, BINNING, EDGES]
    KS = "ks", "two-sample Kolmogorov-Smirnov test" [ALTERNATIVE, EXACT_OR_LIMIT]
    KUIPER = "kuiper", "two-sample Kuiper test" [EXACT_OR_LIMIT]
    L_INFINITY = "l_infinity", "largest change of a share" [BINS, BINNING, EDGES]
    LEVENE = "levene", "Levene's test of spreads" [
        field(
            "center",
            Sort::Word(&["median", "mean", "trimmed"]),
            "\"median\"",
            "what the values are measured from"
        ),
        field(
            "proportiontocut",
            Sort::Number(Included(0.0), Excluded(0.5)),
            "0.05",
            "with trimmed, the share that is left out at either end"
        ),
        ALTERNATIVE
    ]
    MANN_WHITNEY = "mann_whitney", "Mann-Whitney U test" [
        ALTERNATIVE,
        EXACT,
        field(
            "use_continuity",
            Sort::Flag,
            "true",
            "whether the normal law is corrected for continuity"
        )
    ]
    MEAN_SHIFT = "mean_shift", "distance between the means" []
    MOOD = "mood", "Mood's test of spreads" [ALTERNATIVE, EXACT]
    PSI = "psi", "population stability index" [BINS, BINNING, EDGES]
    STUDENT = "student", "Student's t-test for equal variances" [ALTERNATIVE]
    TOTAL_VARIATION = "total_variation",
        "share of rows that would have to change category" [BINS, BINNING, EDGES]
    TWO_PROPORTION_Z = "two_proportion_z", "z-test of two proportions" [
        ALTERNATIVE, PERMUTATION, N_PERMUTATIONS, SEED, bins("2"), BINNING, EDGES
    ]
    WASSERSTEIN = "wasserstein", "Wasserstein distance" [
        field(
            "normed",
            Sort::Flag,
            "false",
            "whether it is in standard deviations of the baseline"
        )
    ]
    WELCH = "welch", "Welch's t-test for unequal variances" [ALTERNATIVE]
}
