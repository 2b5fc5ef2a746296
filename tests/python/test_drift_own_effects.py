"""Effects of shares, and intervals of effects that are a test's own."""

import copy
import math
import pickle

import numpy as np
import pytest

from driftline import drift

VALUE_RTOL = 1e-12
OF_COUNTS = ["psi", "kl_divergence", "jensen_shannon", "hellinger", "l_infinity", "bhattacharyya"]
OF_NUMBERS = ["mean_shift", "wasserstein", "energy", "epps_singleton", "mood", "ansari_bradley"]
COMMON_OF_COUNTS = ["total_variation", "chi_square", "g_test", "fisher_exact", "cramers_v"]


def letters(rng, n, shares):
    return np.array(list("abcde"))[rng.choice(len(shares), size=n, p=shares)]


def two_samples_of_letters():
    rng = np.random.default_rng(1)
    # The last one is new.
    return letters(rng, 300, [0.3, 0.3, 0.2, 0.2]), letters(rng, 200, [0.2, 0.3, 0.2, 0.2, 0.1])


def counted(baseline, current):
    values = sorted({*baseline, *current})
    return [[int(np.count_nonzero(sample == v)) for v in values] for sample in (baseline, current)]


def check(result, rows):
    association = pytest.importorskip("scipy.stats.contingency").association
    own = {result.test} & {*OF_COUNTS}
    assert set(result.effects) == {"cramers_v", "share_moved", *own}
    shares = [np.array(row) / sum(row) for row in rows]
    moved = np.abs(shares[0] - shares[1]).sum() / 2
    assert result.effects["share_moved"].value == pytest.approx(moved, rel=VALUE_RTOL)
    v = association(np.array(rows), method="cramer")
    assert result.effects["cramers_v"].value == pytest.approx(v, rel=VALUE_RTOL)
    for name in own:
        effect = result.effects[name]
        assert effect.value == result.effect_size
        assert 0 <= effect.low <= effect.value <= effect.high < math.inf


@pytest.mark.parametrize("name", [*OF_COUNTS, *COMMON_OF_COUNTS])
def test_labels_have_the_effects_of_their_counts(name):
    baseline, current = two_samples_of_letters()
    rows = counted(baseline, current)
    result = drift.get(name).fit(baseline).compare(current)
    current[:] = "a"  # what the caller does later changes nothing
    check(result, rows)
    assert result.effects == drift.get(name).compare_counts(*rows).effects


@pytest.mark.parametrize("name", [*OF_COUNTS, *COMMON_OF_COUNTS])
def test_numbers_in_bins_have_the_effects_of_their_counts(name):
    rng = np.random.default_rng(2)
    baseline, current = rng.normal(size=500), rng.normal(0.3, 1.2, size=400)
    edges = [-1.0, 0.0, 1.0]
    rows = [np.bincount(np.digitize(x, edges), minlength=4).tolist() for x in (baseline, current)]
    test = drift.get(name, edges=edges)
    current[7] = math.nan
    rows[1] = np.bincount(np.digitize(np.delete(current, 7), edges), minlength=4).tolist()
    results = [
        test.fit(baseline).compare(current),
        test.fit(baseline).compare(current.tolist()),
        drift.Suite([test, "ks"]).compare(baseline, current)[name],
        test.compare(baseline, current, ordered=True),
    ]
    current[:] = 0
    for result in results:
        check(result, rows)
        assert result.effects == results[0].effects


def test_a_success_is_one_category_and_all_else_another():
    result = drift.TwoProportionZ().compare(list("aaabbbccc"), list("abbbbbccc"))
    assert result.effect_size == 0
    assert result.effects["share_moved"].value == 0
    assert not result.drifted(min_effect=0.1)


def test_a_single_category_moves_nothing():
    result = drift.PSI().compare(["a"] * 50, ["a"] * 40)
    assert set(result.effects) == {"share_moved", "psi"}
    effect = result.effects["psi"]
    assert (effect.value, effect.low, effect.high) == (0, 0, 0)


@pytest.mark.parametrize("name", OF_NUMBERS)
def test_numbers_have_the_own_effect_too(name):
    rng = np.random.default_rng(3)
    baseline, current = rng.normal(size=200), rng.normal(0.5, 2, size=150)
    result = drift.get(name).compare(baseline, current)
    own = result.effects[name]
    assert own.name == name
    assert own.value == result.effect_size
    assert own.low < own.value < own.high
    assert set(result.effects) == {*drift.effects(baseline, current), name}
    again = drift.get(name).compare(rng.permutation(baseline), rng.permutation(current))
    assert again.effects == result.effects
    in_suite = drift.Suite(["ks", name]).compare(baseline, current)
    assert in_suite[name].effects == result.effects
    assert set(in_suite["ks"].effects) == {*drift.effects(baseline, current)}


@pytest.mark.parametrize("name", OF_NUMBERS)
def test_the_unit_and_constants_have_documented_answers(name):
    rng = np.random.default_rng(4)
    baseline, current = rng.normal(size=60), rng.normal(1, 1, size=50)
    test = drift.get(name)
    plain = test.compare(baseline, current).effects[name]
    unit = {"wasserstein": 1.0, "energy": 0.5}.get(name, 0.0)
    for scale in (2.0**-200, 2.0**400):
        scaled = test.compare(baseline * scale, current * scale).effects[name]
        for end in ("low", "value", "high"):
            size = getattr(plain, end) * scale**unit
            assert getattr(scaled, end) == pytest.approx(size, rel=1e-9, abs=1e-12 * scale**unit)
    same = test.compare([0.1] * 9, [0.1] * 8).effects[name]
    assert (same.value, same.low, same.high) == (0, 0, 0)
    if name == "mean_shift":
        apart = test.compare([0.1] * 9, [0.3] * 8).effects[name]
        assert apart.value == apart.low == apart.high == math.inf


def test_one_value_proves_nothing():
    result = drift.Wasserstein().compare([1, 2, 3, 4], [1000])
    own = result.effects["wasserstein"]
    assert (own.low, own.high) == (0, math.inf)
    assert not result.drifted(min_effect=0.1)


@pytest.mark.parametrize("method", ["exact", "auto"])
def test_the_p_values_of_draws_cost_nothing(method):
    rng = np.random.default_rng(5)
    samples = rng.normal(size=30), rng.normal(size=30)
    plain, slow = (drift.Mood(method=m).compare(*samples) for m in ("asymptotic", method))
    assert plain.effects == slow.effects


def test_the_interval_decides():
    rng = np.random.default_rng(6)
    normal = rng.normal(size=4000), rng.normal(0.5, 1, size=4000)
    few = tuple(sample[:40] for sample in normal)
    for name in ("psi", "wasserstein", "energy", "mean_shift"):
        test = drift.get(name)
        known, guessed = test.compare(*normal), test.compare(*few)
        assert known.drifted(min_effect=0.75 * abs(known.effect_size))
        assert not known.drifted(min_effect=abs(known.effect_size))
        assert not guessed.drifted(min_effect=0.75 * abs(guessed.effect_size))
    shares = [0.5, 0.5], [0.3, 0.7]
    many = [letters(rng, 4000, p) for p in shares]
    assert drift.ChiSquare().compare(*many).drifted(alpha=0.01, min_effect=0.1)
    result = drift.ChiSquare().compare(list("ab" * 10), list("abbbb" * 4))
    assert result.effect_size > 0.3
    assert not result.drifted(min_effect=0.1)


def test_results_survive_pickling_and_fields():
    baseline, current = two_samples_of_letters()
    for result in (
        drift.PSI().compare(baseline, current),
        drift.ChiSquare().compare(baseline, current),
        drift.Energy().compare(range(50), range(10, 60)),
    ):
        for again in (pickle.loads(pickle.dumps(result)), copy.copy(result), copy.deepcopy(result)):
            assert again == result
            assert again.effects == result.effects
            own = min(e.at_least for e in again.effects.values())
            assert again.drifted(min_effect=own) == result.drifted(min_effect=own)
        rebuilt = drift.TestResult(**result.to_dict())
        assert rebuilt == result
        assert rebuilt.effects == {}


class Range:
    """A test of the user's, whose name is that of another."""

    name = "wasserstein"

    def compare(self, baseline, current):
        return float(np.ptp(current) - np.ptp(baseline))


def test_a_test_of_the_users_is_judged_by_its_estimate():
    results = drift.Suite([Range(), "ks", "psi"]).compare(range(40), range(0, 80, 2))
    result = results["wasserstein"]
    assert set(result.effects) == {*drift.effects(range(4), range(4))}
    assert result.drifted(min_effect=39)
    assert not result.drifted(min_effect=39.5)
    assert set(results["psi"].effects) == {"psi", "share_moved", "cramers_v"}


def test_large_samples_are_known_better():
    rng = np.random.default_rng(7)
    widths = []
    for n in (1_000, 10_000, 100_000):
        own = drift.Wasserstein().compare(rng.normal(size=n), rng.normal(0.5, 1, size=n)).effects
        widths.append(own["wasserstein"].high - own["wasserstein"].low)
    # 100 times the values: a tenth of the width.
    assert widths[0] / widths[2] == pytest.approx(10, rel=0.3)
    # As wide as that of a mean's shift, which this distance is here.
    assert widths[2] == pytest.approx(2 * 1.96 * math.sqrt(2 / 100_000), rel=0.2)


REPETITIONS = 100


def acceptable(repetitions):
    """Misses of intervals of 95 %: four standard errors more than 5 %."""
    return 0.05 * repetitions + 4 * math.sqrt(0.05 * 0.95 * repetitions)


@pytest.mark.parametrize("name", OF_COUNTS)
@pytest.mark.parametrize("moved", [0.0, 0.05, 0.2])
def test_intervals_of_shares_hold_the_truth(name, moved):
    rng = np.random.default_rng([8, int(100 * moved)])
    shares = np.array([0.1, 0.2, 0.3, 0.4]), np.array([0.1 + moved, 0.2, 0.3, 0.4 - moved])
    test = drift.get(name)
    truth = test.compare_counts(*(np.round(p * 10**9) for p in shares)).effect_size
    missed = 0
    for _ in range(REPETITIONS):
        rows = rng.multinomial(500, shares[0]), rng.multinomial(300, shares[1])
        own = test.compare_counts(*rows).effects[name]
        missed += not own.low <= truth <= own.high
    assert missed < acceptable(REPETITIONS)


@pytest.mark.parametrize("name", OF_NUMBERS)
@pytest.mark.parametrize(("shift", "scale"), [(0, 1), (0.5, 1), (0.2, 2)])
@pytest.mark.thread_unsafe(reason="takes long, and tells the same on one thread")
def test_intervals_of_numbers_hold_the_truth(name, shift, scale):
    rng = np.random.default_rng([9, int(10 * shift), scale])
    test = drift.get(name)
    truth = 0.0
    if (shift, scale) != (0, 1):
        population = rng.normal(size=400_000), rng.normal(shift, scale, size=300_000)
        truth = test.compare(*population).effect_size
    missed = 0
    repetitions = 20 if name == "epps_singleton" else REPETITIONS  # it takes its time
    for _ in range(repetitions):
        own = test.compare(rng.normal(size=80), rng.normal(shift, scale, size=60)).effects[name]
        missed += not own.low <= truth <= own.high
    assert missed < acceptable(repetitions)
