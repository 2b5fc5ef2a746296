"""Documents of reports, made with NumPy alone: the shape is that of ``report/schema.json``,
the figures are plain estimates that need not be those of :func:`driftline.compare`.
"""

import math

import numpy as np

from driftline import datasets

PROBABILITIES = [0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99]
BINS = 32
#: What names, categories and reasons may hold that a page or a terminal must not believe.
NASTY = [
    "<script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    "\"quoted\" & 'single' `back`",
    "שלום עולם",
    "\u202eabc\u2066def",
    "🙂👩‍👩‍👧‍👦",
    "new\nline\ttab\x00\x1b[31mred",
    "\ud800",
    "{{braces}} {0} %s",
    "n" * 1000,
    "",
]


def share(value, n, level=0.995):
    """A value and an interval around it: ``{"value", "low", "high", "level"}``."""
    half = 2.8 * math.sqrt(max(value * (1 - value), 0.002) / max(n, 1))
    low, high = max(value - half, 0.0), min(value + half, 1.0)
    return {"value": value, "low": low, "high": high, "level": level}


def judged(effect, min_effect=0.05):
    if effect["low"] > min_effect:
        return "drifted"
    return "stable" if effect["high"] < min_effect else "inconclusive"


def column(name, baseline, current, role="feature"):
    """One entry of ``columns`` for two arrays."""
    baseline, current = np.asarray(baseline), np.asarray(current)
    if baseline.dtype.kind == "M":
        return _numbers(name, "datetime", baseline, current, role)
    if baseline.dtype.kind in "OUT":
        return _labels(name, baseline, current, role)
    return _numbers(name, "numeric", baseline, current, role)


def _common(name, kind, role, effect, missing):
    verdict = judged(effect)
    reasons = ["values"] if verdict == "drifted" else []
    if missing["low"] > 0.05 or missing["high"] < -0.05:
        verdict = "drifted"
        reasons.append("missing")
    moved = f"{effect['value']:.1%} of the rows moved"
    return {
        "name": name, "kind": kind, "role": role, "verdict": verdict, "reasons": reasons,
        "explanation": f"{moved} ({effect['low']:.1%} to {effect['high']:.1%}).",
        "flags": [], "test": "ks" if kind != "categorical" else "chi2",
        "statistic": effect["value"], "p_value": 0.0 if effect["low"] > 0 else 0.3,
        "log_p_value": -1234.5 if effect["low"] > 0 else math.log(0.3),
        "p_adjusted": 0.0 if effect["low"] > 0 else 0.4, "effect_size": effect["value"],
        "effect": {"name": "share_moved", **effect},
        "rows_needed": 40_000 if verdict == "inconclusive" else None,
        "missing": missing, "unseen": None, "vanished": None, "range": None,
        "histogram": None, "quantiles": None, "categories": None, "profiles": None,
    }  # fmt: skip


def _missing(baseline, current):
    difference = current - baseline
    return {
        "baseline": baseline, "current": current, "difference": difference,
        "low": max(difference - 0.004, -1.0), "high": min(difference + 0.004, 1.0),
        "p_value": 0.5,
    }  # fmt: skip


def _numbers(name, kind, baseline, current, role):
    is_time = kind == "datetime"
    if is_time:
        baseline, current = (
            side.astype("datetime64[s]").astype(float) for side in (baseline, current)
        )
    kept_b, kept_c = (np.sort(side[~np.isnan(side)]) for side in (baseline, current))
    pooled = np.concatenate([kept_b, kept_c])
    distance = np.abs(
        np.searchsorted(kept_b, pooled, "right") / len(kept_b)
        - np.searchsorted(kept_c, pooled, "right") / len(kept_c)
    ).max()
    effect = share(float(distance), min(len(kept_b), len(kept_c)))
    rates = 1 - len(kept_b) / len(baseline), 1 - len(kept_c) / len(current)
    entry = _common(name, kind, role, effect, _missing(*rates))
    edges = np.histogram_bin_edges(np.quantile(pooled, [0.002, 0.998]), BINS)
    entry["histogram"] = {
        "edges": edges.tolist(),
        "baseline": np.histogram(np.clip(kept_b, edges[0], edges[-1]), edges)[0].tolist(),
        "current": np.histogram(np.clip(kept_c, edges[0], edges[-1]), edges)[0].tolist(),
    }
    quantiles = [np.quantile(side, PROBABILITIES).tolist() for side in (kept_b, kept_c)]
    entry["quantiles"] = {
        "probabilities": PROBABILITIES, "baseline": quantiles[0], "current": quantiles[1]
    }  # fmt: skip
    below, above = int((kept_c < kept_b[0]).sum()), int((kept_c > kept_b[-1]).sum())
    if not is_time:
        entry["range"] = {
            "low": float(kept_b[0]), "high": float(kept_b[-1]),
            "below": below, "above": above, "share": (below + above) / len(kept_c),
        }  # fmt: skip
    for side, rows, kept in (("baseline", baseline, kept_b), ("current", current, kept_c)):
        entry[side] = {
            "rows": len(kept), "missing": len(rows) - len(kept), "infinite": 0,
            "distinct": len(np.unique(kept)),
            "min": _shown(kept[0], is_time), "max": _shown(kept[-1], is_time),
            "mean": None if is_time else float(kept.mean()),
            "std": None if is_time else float(kept.std(ddof=1)),
            "median": _shown(np.median(kept), is_time), "most_frequent": None,
        }  # fmt: skip
    if is_time:
        hours = [f"{hour:02}" for hour in range(24)]
        entry["profiles"] = {
            "hour": _profile(hours, kept_b // 3600 % 24, kept_c // 3600 % 24),
            "weekday": _profile(
                ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
                (kept_b // 86400 + 3) % 7, (kept_c // 86400 + 3) % 7,
            ),
        }  # fmt: skip
    return entry


def _shown(value, is_time):
    return str(np.datetime64(int(value), "s")) if is_time else float(value)


def _profile(labels, baseline, current):
    counts = [np.bincount(side.astype(int), minlength=len(labels)) for side in (baseline, current)]
    moved = np.abs(counts[0] / counts[0].sum() - counts[1] / counts[1].sum()).sum() / 2
    return {
        "labels": labels, "baseline": counts[0].tolist(), "current": counts[1].tolist(),
        "effect": {"name": "share_moved", **share(float(moved), counts[1].sum())},
    }  # fmt: skip


def _labels(name, baseline, current, role):
    names = sorted({*baseline.tolist(), *current.tolist()})
    counts = [{one: int((side == one).sum()) for one in names} for side in (baseline, current)]
    moved = (
        sum(abs(counts[0][one] / len(baseline) - counts[1][one] / len(current)) for one in names)
        / 2
    )
    entry = _common(name, "categorical", role, share(moved, len(current)), _missing(0.0, 0.0))
    names.sort(key=lambda one: (-counts[0][one] - counts[1][one], one))
    entry["categories"] = [
        {"category": one, "baseline": counts[0][one], "current": counts[1][one]}
        for one in names[:20]
    ]
    if len(names) > 20:
        rest = [sum(side[one] for one in names[20:]) for side in counts]
        entry["categories"].append({"category": None, "baseline": rest[0], "current": rest[1]})
    unseen = [one for one in names if not counts[0][one]]
    rows = sum(counts[1][one] for one in unseen)
    found = share(rows / len(current), len(current))
    entry["unseen"] = {
        "rows": rows, "share": found["value"], "low": found["low"], "high": found["high"],
        "n_categories": len(unseen),
        "categories": [{"category": one, "count": counts[1][one]} for one in unseen[:10]],
    }  # fmt: skip
    vanished = [one for one in names if not counts[1][one]]
    entry["vanished"] = {
        "n_categories": len(vanished),
        "categories": [{"category": one, "count": counts[0][one]} for one in vanished[:10]],
    }
    for place, (side, rows) in enumerate((("baseline", baseline), ("current", current))):
        most = max(names, key=counts[place].get)
        entry[side] = {
            "rows": len(rows), "missing": 0, "infinite": 0,
            "distinct": sum(map(bool, counts[place].values())),
            "min": None, "max": None, "mean": None, "std": None, "median": None,
            "most_frequent": {"category": most, "count": counts[place][most]},
        }  # fmt: skip
    return entry


def document(columns, *, rows=(1000, 1000), **sections):
    """A whole document around entries of ``columns``."""
    verdicts = [entry["verdict"] for entry in columns]
    drifted = verdicts.count("drifted")
    of = max(len(columns), 1)
    return {
        "format": 1,
        "verdict": next(
            (one for one in ("drifted", "inconclusive") if one in verdicts), "stable"
        ),
        "baseline": {"rows": rows[0], "duplicate_rows": 0},
        "current": {"rows": rows[1], "duplicate_rows": None},
        "options": {"alpha": 0.05, "min_effect": 0.05, "correction": "bh", "seed": 0},
        "table": {
            "columns": len(columns), "drifted": drifted, "stable": verdicts.count("stable"),
            "inconclusive": verdicts.count("inconclusive"), "share_drifted": drifted / of,
            "share_drifted_low": drifted / of * 0.8,
            "share_drifted_high": 1 - verdicts.count("stable") / of,
        },
        "schema": {"missing": [], "new": [], "changed": [], "skipped": []},
        "columns": columns,
        "multivariate": None, "performance": None, "segments": None, "periods": None,
        **sections,
    }  # fmt: skip


def local_months(flights):
    """The month of departure in New York, from 1."""
    local = flights["time_hour"] - np.timedelta64(5, "h")
    return local.astype("datetime64[M]").astype(int) % 12 + 1


def flights(before=1, after=7):
    """Flights of one month against those of another, with every section."""
    table = datasets.load_nyc_flights()
    months = local_months(table)
    sides = [
        {name: values[months == month] for name, values in table.items()}
        for month in (before, after)
    ]
    roles = {"arr_delay": "target", "dep_delay": "prediction"}
    columns = [
        column(name, sides[0][name], sides[1][name], roles.get(name, "feature")) for name in table
    ]
    rows = [len(side["origin"]) for side in sides]
    carried = sorted(columns, key=lambda entry: -entry["effect_size"])[:6]
    total = sum(entry["effect_size"] for entry in carried)
    return document(
        columns,
        rows=rows,
        schema={
            "missing": ["gate"],
            "new": ["tail_number"],
            "changed": [{"name": "carrier_code", "baseline": "categorical", "current": "numeric"}],
            "skipped": [{"name": "crew", "reason": "cells of type list"}],
        },
        multivariate={
            "test": "classifier_two_sample", "verdict": "drifted", "statistic": 0.981,
            "low": 0.974, "high": 0.987, "p_value": 1e-99, "n_baseline": 1000, "n_current": 1000,
            "columns": [
                {"name": entry["name"], "importance": entry["effect_size"] / total}
                for entry in carried
            ],
        },
        performance={
            "task": "regression",
            "metrics": [
                {"name": "mae", "baseline": 11.2, "current": 14.9,
                 "difference": 3.7, "low": 3.1, "high": 4.3},
                {"name": "r2", "baseline": 0.86, "current": 0.81,
                 "difference": -0.05, "low": None, "high": None},
            ],
        },
        segments=_segments(sides),
        periods=_periods(table, months),
    )  # fmt: skip


def _segments(sides):
    groups = []
    for origin in ("EWR", "JFK", "LGA"):
        parts = [{name: v[side["origin"] == origin] for name, v in side.items()} for side in sides]
        entries = [column(name, parts[0][name], parts[1][name]) for name in ("temp", "arr_delay")]
        groups.append({
            "name": origin,
            "rows_baseline": len(parts[0]["origin"]), "rows_current": len(parts[1]["origin"]),
            "share_baseline": len(parts[0]["origin"]) / len(sides[0]["origin"]),
            "share_current": len(parts[1]["origin"]) / len(sides[1]["origin"]),
            "verdict": "drifted", "share_drifted": 0.5, "contribution": 0.0,
            "columns": [
                {"name": entry["name"], "verdict": entry["verdict"],
                 "effect_size": entry["effect_size"], "low": entry["effect"]["low"],
                 "high": entry["effect"]["high"], "p_adjusted": entry["p_adjusted"]}
                for entry in entries
            ],
        })  # fmt: skip
    for group, contribution in zip(groups, (0.5, 0.3, 0.2), strict=True):
        group["contribution"] = contribution
    return {"column": "origin", "groups": groups, "n_omitted": 0}


def _periods(table, months):
    names = [f"2013-{month:02}" for month in range(1, 13)]
    columns = []
    for name, values in table.items():
        entries = [
            column(name, values[months == 1], values[months == month]) for month in range(1, 13)
        ]
        columns.append({
            "name": name, "kind": entries[0]["kind"],
            "effect": [entry["effect"]["value"] for entry in entries],
            "low": [entry["effect"]["low"] for entry in entries],
            "high": [entry["effect"]["high"] for entry in entries],
            "verdicts": [entry["verdict"] for entry in entries],
        })  # fmt: skip
    return {
        "column": "time_hour", "every": "month", "names": names,
        "rows": [int((months == month).sum()) for month in range(1, 13)],
        "verdicts": ["drifted" if month > 1 else "stable" for month in range(1, 13)],
        "columns": columns,
    }  # fmt: skip


def mixed(n_columns, *, rows=2000, seed=0, drifting=0.3):
    """Columns of every kind; the first ``drifting`` of them have moved."""
    rng = np.random.default_rng(seed)
    columns = []
    for place in range(n_columns):
        moved = 0.6 * (place < drifting * n_columns)
        if place % 4 == 3:
            names = np.array([f"category {letter}" for letter in "abcdefgh"])
            p = np.linspace(1, 2, 8)
            q = p + moved * 3 * (np.arange(8) == 2)
            sides = [rng.choice(names, rows, p=w / w.sum()).astype(object) for w in (p, q)]
        else:
            sides = [rng.normal(0, 1, rows), rng.normal(moved, 1, rows)]
        columns.append(column(f"feature_{place:03}", *sides))
    return document(columns, rows=(rows, rows))


def nasty():
    """Every text of :data:`NASTY` wherever a text of the user's may stand."""
    rng = np.random.default_rng(1)
    columns = []
    for place, name in enumerate(NASTY):
        if place % 2:
            labels = np.array(NASTY, dtype=object)
            sides = [rng.choice(labels[:-2], 500), rng.choice(labels[2:], 500)]
        else:
            sides = [rng.normal(0, 1, 500), rng.normal(place / 10, 1, 500)]
        columns.append(column(name, *sides))
        columns[-1]["explanation"] = f"{name} moved."
    groups = [
        {
            "name": name, "rows_baseline": 10, "rows_current": 12, "share_baseline": 0.1,
            "share_current": 0.1, "verdict": "stable", "share_drifted": 0.0,
            "contribution": 1 / len(NASTY),
            "columns": [{"name": name, "verdict": "stable", "effect_size": 0.01, "low": 0.0,
                         "high": 0.03, "p_adjusted": 0.9}],
        }
        for name in NASTY
    ]  # fmt: skip
    return document(
        columns,
        schema={
            "missing": NASTY, "new": NASTY,
            "changed": [{"name": n, "baseline": "numeric", "current": "missing"} for n in NASTY],
            "skipped": [{"name": n, "reason": n} for n in NASTY],
        },
        multivariate={
            "test": "classifier_two_sample", "verdict": "inconclusive", "statistic": None,
            "low": None, "high": None, "p_value": None, "n_baseline": 0, "n_current": 0,
            "columns": [{"name": n, "importance": 1 / len(NASTY)} for n in NASTY],
        },
        performance={
            "task": "classification",
            "metrics": [{"name": n, "baseline": None, "current": None, "difference": None,
                         "low": None, "high": None} for n in NASTY],
        },
        segments={"column": NASTY[0], "groups": groups, "n_omitted": 3},
        periods={
            "column": NASTY[0], "every": NASTY[1], "names": NASTY[:3], "rows": [1, 2, 3],
            "verdicts": ["stable", "drifted", "inconclusive"],
            "columns": [{"name": n, "kind": "numeric", "effect": [None, 0.5, 0.05],
                         "low": [None, 0.4, 0.0], "high": [None, 0.6, 0.2],
                         "verdicts": ["stable", "drifted", "inconclusive"]} for n in NASTY],
        },
    )  # fmt: skip


def bare():
    """One column with nothing known of it, in a report without sections."""
    summary = {
        "rows": 0, "missing": 3, "infinite": 0, "distinct": 0, "min": None, "max": None,
        "mean": None, "std": None, "median": None, "most_frequent": None,
    }  # fmt: skip
    missing = {
        "baseline": 1.0, "current": 1.0, "difference": 0.0, "low": -0.6, "high": 0.6,
        "p_value": 1.0,
    }  # fmt: skip
    entry = {
        "name": "empty", "kind": "missing", "role": "feature", "verdict": "inconclusive",
        "reasons": [], "explanation": "Nothing but missing values.",
        "flags": ["constant_baseline", "constant_current"], "test": None, "statistic": None,
        "p_value": None, "log_p_value": None, "p_adjusted": None, "effect_size": None,
        "effect": None, "rows_needed": None, "missing": missing, "unseen": None,
        "vanished": None, "range": None, "baseline": summary, "current": summary,
        "histogram": None, "quantiles": None, "categories": None, "profiles": None,
    }  # fmt: skip
    return document([entry], rows=(3, 3))


#: Each kind of document that whatever shows reports must bear.
KINDS = {
    "flights": flights,
    "mixed": lambda: mixed(20),
    "nasty": nasty,
    "bare": bare,
    "none": lambda: document([]),
}
