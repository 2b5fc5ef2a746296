"""Estimates of performance without labels, ours beside NannyML's, on flights from New York:
a scikit-learn model is trained on half of January to March 2013, the other half is the
baseline, and each later month is estimated. Prints how far estimates are from what the
labels say, how often our intervals hold it, and the time of both in one run.

NannyML runs in an environment of its own (``--peer``, by default that of
``make bench-peers``); without it, it is left out. ``--data`` is a Parquet file of all
flights; by default it is the sample that comes with driftline.
"""

import argparse
import json
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from measure import table
from peers import python_of
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

import driftline as dl
from driftline.datasets import load_nyc_flights

NUMBERS = ["hour", "distance", "dep_delay", "temp", "humid", "wind_speed", "visib"]
LABELS = ["origin"]
METRICS = {
    "binary": ["accuracy", "f1", "roc_auc"],
    "multiclass": ["accuracy", "f1", "roc_auc"],
    "regression": ["mae", "rmse"],
}


def flights(path):
    frame = pd.read_parquet(path) if path else pd.DataFrame(dict(load_nyc_flights()))
    frame = frame[frame.arr_delay.notna() & frame.dep_delay.notna()].copy()
    frame["time"] = pd.to_datetime(frame.time_hour).dt.tz_localize(None)
    frame["hour"] = frame.time.dt.hour
    frame[NUMBERS] = frame[NUMBERS].astype(float)
    frame[LABELS] = frame[LABELS].astype(str)
    # Times are UTC: the last evening of the year is in the next.
    frame = frame[frame.time < "2014-01-01"]
    return frame.sort_values("time").reset_index(drop=True)


def features(frame):
    return frame[[*NUMBERS, *LABELS]].assign(**{n: frame[n].astype("category") for n in LABELS})


def scored(frame, task):
    """The baseline and what comes later, with predictions."""
    x = features(frame)
    delay = frame.arr_delay.to_numpy()
    early = (frame.time < "2013-04-01").to_numpy()
    train = early & (np.random.default_rng(0).random(len(frame)) < 0.5)
    out = frame[[*NUMBERS, *LABELS, "time"]].copy()
    if task == "regression":
        model = HistGradientBoostingRegressor(random_state=0, categorical_features=LABELS)
        out["y"], out["y_pred"] = delay, model.fit(x[train], delay[train]).predict(x)
    else:
        late = (delay > 15).astype(int)
        labels = (
            late
            if task == "binary"
            else np.where(late, "late", np.where(delay < 0, "early", "near"))
        )
        model = HistGradientBoostingClassifier(random_state=0, categorical_features=LABELS)
        shares = model.fit(x[train], labels[train]).predict_proba(x)
        out["y"], out["y_pred"] = labels, model.classes_[shares.argmax(1)]
        for label, share in zip(model.classes_, shares.T, strict=True):
            out[f"p_{label}"] = share
        out = out.drop(columns=[*NUMBERS, *LABELS])
    return out[early & ~train], out[~early]


def ours(task, baseline, current):
    """The months of each metric, what the baseline realised, and the times."""
    roles = {"target": "y", "prediction": "y_pred"}
    if task == "binary":
        roles["probability"] = "p_1"
    elif task == "multiclass":
        names = [name for name in baseline if name.startswith("p_")]
        roles["probability"] = {name.removeprefix("p_"): name for name in names}
    baseline, month = baseline.drop(columns="time"), current.time.dt.to_period("M")
    dl.fit(baseline)
    start = time.perf_counter()
    dl.fit(baseline)
    middle = time.perf_counter()
    plan = dl.fit(baseline, **roles)
    fit = time.perf_counter() - middle - (middle - start)
    chunks, taken = {metric: [] for metric in METRICS[task]}, 0.0
    for _, rows in current.drop(columns="time").groupby(month):
        start = time.perf_counter()
        report = plan.estimate(rows, metrics=METRICS[task])
        taken += time.perf_counter() - start
        for metric in METRICS[task]:
            chunks[metric] += report[metric]
    realised = report.to_dict()["baseline"]["metrics"]
    values = {metric: realised[metric]["value"] for metric in METRICS[task]}
    return chunks, values, [fit, taken]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", type=Path, default=python_of("NannyML"))
    parser.add_argument("--data", type=Path)
    options = parser.parse_args()
    frame = flights(options.data)
    rows, times, theirs = [], [], {}
    with tempfile.TemporaryDirectory() as folder:
        sides = {task: scored(frame, task) for task in METRICS}
        for task, (baseline, current) in sides.items():
            baseline.to_parquet(f"{folder}/{task}-b.parquet")
            current.to_parquet(f"{folder}/{task}-c.parquet")
        if options.peer.is_file():
            script = Path(__file__).with_name("peer_estimates.py")
            command = [options.peer, script, folder]
            found = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            theirs = json.loads(found.stdout.splitlines()[-1])
    for task, (baseline, current) in sides.items():
        chunks, own_baseline, taken = ours(task, baseline, current)
        peer = theirs.get(task)
        for metric, own in chunks.items():
            realised = np.array([chunk["realised"] for chunk in own])
            estimates = np.array([chunk["estimate"] for chunk in own])
            held = sum(c["low"] <= c["realised"] <= c["high"] for c in own)
            naive = own_baseline[metric]
            error = "" if peer is None else np.abs(peer["estimates"][metric] - realised).mean()
            distance = np.abs(estimates - realised).mean()
            theirs_is = f"{error:.4f}" if peer else ""
            naive_is = f"{np.abs(naive - realised).mean():.4f}"
            holds = f"{held} of {len(own)}"
            rows.append([task, metric, f"{distance:.4f}", theirs_is, naive_is, holds])
        for what, place in (("fit", 0), ("estimate", 1)):
            ratio = f"{peer['times'][place] / taken[place]:.0f}" if peer else ""
            times.append([task, what, f"{taken[place]:.3f}", ratio])
    counts = ", ".join(f"{len(side):,}" for side in sides["binary"])
    head = ["task", "metric", "our error", "NannyML's", "baseline's", "held by our intervals"]
    table(
        f"Mean distance from what is realised; rows of baseline and current: {counts}", head, rows
    )
    table("Time", ["task", "step", "ours, s", "NannyML's over ours"], times)


if __name__ == "__main__":
    main()
