"""What a peer's own functions take, measured in the peer's own environment:
``peer_functions.py PEER FOLDER`` writes JSON; benches/peers.py calls it and says of what.

The folder holds samples as ``.npy`` files: ``normal-N-baseline``, ``normal-N-current``,
``levels-N-baseline`` and so on.
"""

import importlib
import json
import math
import os
import sys
import time
import warnings

os.environ |= {"NML_DISABLE_USAGE_LOGGING": "1", "DO_NOT_TRACK": "1"}

import numpy as np

# A call is repeated for about so long, and stopped in any case after twice.
ENOUGH_S = 0.3


def nanoseconds(call, *arguments):
    """The best of as many calls as fit into the time; two at least, unless one is too long."""
    least, spent, calls = math.inf, 0.0, 0
    while calls == 0 or (spent < ENOUGH_S and calls < 10_000) or (calls == 1 and spent < 5):
        start = time.perf_counter_ns()
        call(*arguments)
        took = time.perf_counter_ns() - start
        least, spent, calls = min(least, took), spent + took / 1e9, calls + 1
    return least


def evidently(normal, levels, mmd):
    import pandas as pd

    tests = importlib.import_module("evidently.legacy.calculations.stattests")
    registry = importlib.import_module("evidently.legacy.calculations.stattests.registry")
    kind = importlib.import_module("evidently.legacy.core").ColumnType

    def call(test, samples, column):
        function = registry._impls[test]
        (function,) = [function[engine] for engine in function if "Python" in engine.__name__]
        data = [pd.Series(sample) for sample in samples]
        made = function.data_type(reference_data=data[0], current_data=data[1])
        return lambda: function(made, column, 0.05)

    for name, test in {
        "ks": tests.ks_stat_test,
        "wasserstein": tests.wasserstein_stat_test,
        "energy": tests.energy_dist_test,
        "cramer_von_mises": tests.cramer_von_mises,
        "anderson_darling": tests.anderson_darling_test,
        "mann_whitney": tests.mann_whitney_u_stat_test,
        "psi": tests.psi_stat_test,
        "jensen_shannon": tests.jensenshannon_stat_test,
        "hellinger": tests.hellinger_stat_test,
    }.items():
        yield name, call(test, normal, kind.Numerical)
    yield "chi_square", call(tests.chi_stat_test, levels, kind.Categorical)
    if mmd:
        yield "mmd", call(tests.empirical_mmd, normal, kind.Numerical)


def nannyml(normal, levels, mmd):
    import pandas as pd

    methods = importlib.import_module("nannyml.drift.univariate.methods")
    thresholds = importlib.import_module("nannyml.thresholds")
    for name, method, samples in [
        ("ks", methods.KolmogorovSmirnovStatistic, normal),
        ("wasserstein", methods.WassersteinDistance, normal),
        ("jensen_shannon", methods.ContinuousJensenShannonDistance, normal),
        ("hellinger", methods.ContinuousHellingerDistance, normal),
        ("chi_square", methods.Chi2Statistic, levels),
    ]:
        made = method(chunker=None, threshold=thresholds.ConstantThreshold(upper=1.0))
        baseline, current = (pd.Series(sample, name="x") for sample in samples)
        made._fit(baseline)
        yield name, lambda made=made, current=current: made.calculate(current)


def frouros(normal, levels, mmd):
    detectors = importlib.import_module("frouros.detectors.data_drift")
    for name, make, samples in [
        ("ks", detectors.KSTest, normal),
        ("kuiper", detectors.KuiperTest, normal),
        ("wasserstein", detectors.EMD, normal),
        ("energy", detectors.EnergyDistance, normal),
        ("cramer_von_mises", detectors.CVMTest, normal),
        ("anderson_darling", detectors.AndersonDarlingTest, normal),
        ("mann_whitney", detectors.MannWhitneyUTest, normal),
        ("psi", detectors.PSI, normal),
        ("jensen_shannon", detectors.JS, normal),
        ("hellinger", detectors.HellingerDistance, normal),
        ("chi_square", detectors.ChiSquareTest, levels),
    ]:
        made = make()
        made.fit(X=samples[0])
        yield name, lambda made=made, current=samples[1]: made.compare(X=current)
    if mmd:
        from frouros.callbacks import PermutationTestDistanceBased

        test = PermutationTestDistanceBased(num_permutations=100, random_state=0, num_jobs=1)
        made = detectors.MMD(callbacks=[test])
        made.fit(X=normal[0].reshape(-1, 1))
        yield "mmd", lambda: made.compare(X=normal[1].reshape(-1, 1))


def alibi_detect(normal, levels, mmd):
    detectors = importlib.import_module("alibi_detect.cd")
    for name, make, samples in [
        ("ks", detectors.KSDrift, normal),
        ("cramer_von_mises", detectors.CVMDrift, normal),
        ("chi_square", detectors.ChiSquareDrift, levels),
    ]:
        made = make(samples[0].reshape(-1, 1))
        yield name, lambda made=made, current=samples[1]: made.predict(current.reshape(-1, 1))


PEERS = {
    "Evidently": evidently,
    "NannyML": nannyml,
    "Frouros": frouros,
    "alibi-detect": alibi_detect,
}


def measure(functions, folder, sizes, size_of_mmd):
    """By size: nanoseconds of each function, and of one ``np.sort``."""
    answer = {}
    for size in sizes:
        normal, levels = (
            [np.load(f"{folder}/{kind}-{size}-{role}.npy") for role in ("baseline", "current")]
            for kind in ("normal", "levels")
        )
        taken = {"np.sort": nanoseconds(np.sort, normal[1])}
        for name, call in functions(normal, levels, size == size_of_mmd):
            try:
                taken[name] = nanoseconds(call)
            except Exception as error:
                print(f"{name}, n = {size}: {type(error).__name__}: {error}", file=sys.stderr)
        answer[size] = taken
    return answer


def main():
    peer, folder, size_of_mmd, *sizes = sys.argv[1:]
    warnings.simplefilter("ignore")
    answer = measure(PEERS[peer], folder, [int(size) for size in sizes], int(size_of_mmd))
    with open(f"{folder}/{peer}.json", "w") as file:
        json.dump(answer, file)


if __name__ == "__main__":
    main()
