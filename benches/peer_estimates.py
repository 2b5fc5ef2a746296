"""NannyML's estimates of performance, made in its own environment:
``peer_estimates.py FOLDER`` reads what benches/estimate.py wrote there, and prints JSON.
"""

import json
import os
import sys
import time
import warnings

os.environ |= {"NML_DISABLE_USAGE_LOGGING": "1", "DO_NOT_TRACK": "1"}

import nannyml
import pandas as pd

COMMON = {"y_true": "y", "y_pred": "y_pred", "timestamp_column_name": "time", "chunk_period": "M"}


def estimator(task, names):
    if task == "regression":
        features = [name for name in names if name not in ("y", "y_pred", "time")]
        metrics = ["mae", "rmse"]
        return nannyml.DLE(feature_column_names=features, metrics=metrics, **COMMON), metrics
    probability = {n.removeprefix("p_"): n for n in names if n.startswith("p_")}
    metrics = ["accuracy", "f1", "roc_auc"]
    if task == "binary":
        kind, probability = "classification_binary", probability["1"]
    else:
        kind = "classification_multiclass"
    arguments = {"problem_type": kind, "y_pred_proba": probability, "metrics": metrics}
    return nannyml.CBPE(**arguments, **COMMON), metrics


def main():
    warnings.simplefilter("ignore")
    # Its DLE does not take the strings of pandas 3.
    pd.set_option("future.infer_string", False)
    answer = {}
    for task in ("binary", "multiclass", "regression"):
        sides = [pd.read_parquet(f"{sys.argv[1]}/{task}-{side}.parquet") for side in ("b", "c")]
        own, metrics = estimator(task, list(sides[0]))
        start = time.perf_counter()
        own.fit(sides[0])
        middle = time.perf_counter()
        frame = own.estimate(sides[1]).filter(period="analysis").to_df()
        times = [middle - start, time.perf_counter() - middle]
        estimates = {metric: frame[(metric, "value")].tolist() for metric in metrics}
        answer[task] = {"estimates": estimates, "times": times}
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
