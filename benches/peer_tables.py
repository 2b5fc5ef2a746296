"""What a peer's comparison of two whole tables takes, measured in the peer's own
environment: ``peer_tables.py PEER FOLDER`` writes JSON; benches/peers.py calls it.

The folder holds ``table-baseline.npy`` and ``table-current.npy``: rows and columns of
numbers. Each is called once, imports and all.
"""

import importlib
import json
import os
import sys
import time
import warnings

os.environ |= {"NML_DISABLE_USAGE_LOGGING": "1", "DO_NOT_TRACK": "1"}

import numpy as np


def frames(sides):
    import pandas as pd

    names = [f"column_{i}" for i in range(sides[0].shape[1])]
    return [pd.DataFrame(side, columns=names) for side in sides]


def evidently(sides):
    made = importlib.import_module("evidently")
    preset = importlib.import_module("evidently.presets").DataDriftPreset
    baseline, current = frames(sides)
    found = []

    def compare(report):
        found.append(report.run(current_data=current, reference_data=baseline))

    # Left alone it takes a distance from 1,000 rows on; a test is what others do.
    yield "its choice of tests", lambda: compare(made.Report([preset()]))
    yield "KS", lambda: compare(made.Report([preset(num_method="ks", cat_method="chisquare")]))
    yield "the page of that", lambda: found[-1].get_html_str(as_iframe=False)


def nannyml(sides):
    made = importlib.import_module("nannyml")
    baseline, current = frames(sides)

    def calculator(methods):
        return made.UnivariateDriftCalculator(
            column_names=list(baseline), continuous_methods=methods, chunk_size=len(baseline)
        )

    def compare(methods):
        calculator(methods).fit(baseline).calculate(current)

    fitted = []
    yield "KS", lambda: compare(["kolmogorov_smirnov"])
    yield "fit", lambda: fitted.append(calculator(["kolmogorov_smirnov"]).fit(baseline))
    yield "KS, fitted", lambda: fitted[-1].calculate(current)


def alibi_detect(sides):
    made = importlib.import_module("alibi_detect.cd")
    yield "KS", lambda: made.KSDrift(sides[0], correction="fdr").predict(sides[1])


PEERS = {"Evidently": evidently, "NannyML": nannyml, "alibi-detect": alibi_detect}


def main():
    peer, folder = sys.argv[1:]
    warnings.simplefilter("ignore")
    sides = [np.load(f"{folder}/table-{role}.npy") for role in ("baseline", "current")]
    answer = {}
    for what, call in PEERS[peer](sides):
        start = time.process_time(), time.perf_counter()
        try:
            call()
        except Exception as error:
            print(f"{what}: {type(error).__name__}: {error}", file=sys.stderr)
            continue
        taken = [time.process_time() - start[0], time.perf_counter() - start[1]]
        answer[f"{peer}: {what}"] = taken
    with open(f"{folder}/{peer}-table.json", "w") as file:
        json.dump(answer, file)


if __name__ == "__main__":
    main()
