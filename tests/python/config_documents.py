"""A set-up that names every key, writers that know where they put each, and every way
to spoil one key."""

import copy
import json
from dataclasses import dataclass, field

#: A canary: found in no message, repr, log or dump.
CANARY = "hunter2-canary-0451"

#: Every key that a set-up may have, with a value that is not the default where there is
#: room for one.
FULL = {
    "version": 1,
    "hub": {"max_cascade_depth": 12, "max_models": 500},
    "monitors": [
        {
            "kind": "latency",
            "ema_alpha": 0.3,
            "slo_ms": 250.0,
            "quantile": 0.95,
            "window_s": 60.0,
            "relative_error": 0.02,
            "min_samples": 30,
            "failures_count": False,
            "recover_at": 0.4,
            "burn_rates": [[14.4, 3600.0, 300.0], [6.0, 21600.0, 1800.0]],
            "max_models": 7,
            "name": "lätency",
            "register": {
                "name": "watch",
                "kinds": ["inference_completed", "inference_failed"],
                "models": "fraud",
                "features": ["age"],
                "min_severity": "debug",
                "priority": 5,
                "once": False,
                "mode": "queued",
                "queue_size": 99,
                "overflow": "block",
                "block_timeout_s": 1.5,
                "tick_s": 3600.0,
                "max_consecutive_failures": 4,
            },
        },
        {
            "kind": "performance",
            "prediction": "output.class",
            "task": "classification",
            "positive": "fraud",
            "window": 500,
            "every": 50,
            "ttl_s": 86400.0,
            "max_pending": 1000,
            "min_labels": 20,
            "max_models": 6,
            "name": "truth",
            "register": {},
        },
        {"kind": "drift", "threshold": 0.1, "max_models": 9, "name": "board", "register": {}},
        {
            "kind": "drift_detector",
            "baseline": [0.1, 0.5, 0.4, 0.2, 0.3, 0.6],
            "window_size": 3,
            "test": {
                "name": "ks",
                "alternative": "less",
                "method": "exact",
                "nan_policy": "omit",
            },
            "alpha": 0.01,
            "check_every": 2,
            "kinds": ["observation"],
            "feature": "age",
            "field": "inputs.age",
            "model": "fraud",
            "cooldown_s": 10.0,
            "max_missing_rate": 0.25,
            "per_model": True,
            "max_models": 8,
            "no_data_after_s": 600.0,
            "name": "age",
            "register": {"tick_s": 3600.0},
        },
        {
            "kind": "drift_detector",
            "baselines": {"fraud": [0.5, 0.25], "churn:7": [1.0, 2.0, 3.0]},
            "window_size": 2,
            "test": {"name": "psi", "bins": 5, "binning": "uniform", "nan_policy": "omit"},
            "threshold": 0.2,
            "name": "by model",
        },
        {
            "kind": "drift_detector",
            "baseline": [1.0, 4.0, 2.0],
            "window_size": 2,
            "test": {"name": "welch", "alternative": "greater", "nan_policy": "omit"},
            "false_alarm_every": "30d",
            "name": "welch",
        },
        {
            "kind": "drift_detector",
            "baseline": [1.0, 4.0, 2.0],
            "window_size": 2,
            "test": {"name": "mean_shift", "nan_policy": "omit"},
            "threshold": 1.0,
            "name": "mean",
        },
        # Of the other tests, one for each shape of parameter.
        {
            "kind": "drift_detector",
            "baseline": [1.0, 4.0, 2.0],
            "window_size": 2,
            "test": {
                "name": "chi_square",
                "correction": False,
                "method": "asymptotic",
                "n_permutations": 999,
                "seed": 7,
                "bins": 4,
                "binning": "doane",
                "edges": [0.5, 2.5],
                "nan_policy": "raise",
            },
            "threshold": 0.5,
            "name": "counts",
        },
        {
            "kind": "drift_detector",
            "baseline": [1.0, 4.0, 2.0],
            "window_size": 3,
            "test": {
                "name": "levene",
                "center": "trimmed",
                "proportiontocut": 0.1,
                "alternative": "less",
                "nan_policy": "omit",
            },
            "threshold": 1.0,
            "name": "spread",
        },
        {
            "kind": "drift_detector",
            "baseline": [1.0, 4.0, 2.0, 3.0, 5.0],
            "window_size": 5,
            "test": {
                "name": "epps_singleton",
                "t": [0.5, 1.0],
                "method": "permutation",
                "nan_policy": "omit",
            },
            "threshold": 9.0,
            "name": "shape",
        },
        {
            "kind": "drift_detector",
            "baseline": [1.0, 4.0, 2.0],
            "window_size": 2,
            "test": {
                "name": "jensen_shannon",
                "base": 2.0,
                "form": "divergence",
                "bins": 3,
                "binning": "uniform",
                "nan_policy": "omit",
            },
            "threshold": 0.1,
            "name": "shares",
        },
        {"kind": "console", "register": {"min_severity": 40}},
    ],
    "triggers": [
        {
            "schedule": {"kind": "callable", "name": "retrain"},
            "min_f1": 0.7,
            "max_p": 0.01,
            "strategy": {"kind": "ewma", "smoothing": 0.5, "threshold": 0.3},
            "kinds": ["drift_score"],
            "min_effect": 0.1,
            "confirm": [3, 5],
            "cooldown_s": 60.0,
            "rate_limit": [2, 3600.0],
            "run_timeout_s": 100.0,
            "retries": 2,
            "rebase_on": "training_completed",
            "detectors": ["age"],
            "baseline": {"kind": "callable", "name": "new_baseline"},
            "default_model": "fraud",
            "name": "retrain",
            "register": {"priority": 2},
        },
        {
            "schedule": {
                "kind": "command",
                "args": ["true", "{model}"],
                "timeout_s": 5.0,
                "env": {"TOKEN": {"env": "HOOK_TOKEN"}},
                "cwd": "/",
            },
            "strategy": {"kind": "fixed_threshold", "threshold": 0.05},
            "name": "by command",
        },
        {
            "schedule": {
                "kind": "webhook",
                "url": {"env": "RETRAIN_URL"},
                "secret": {"env": "RETRAIN_SECRET"},
                "headers": {"X-Token": {"env": "HOOK_TOKEN"}},
                "timeout_s": 4.0,
                "connect_timeout_s": 1.0,
            },
            "strategy": {"kind": "p_value", "alpha": 0.05},
            "name": "by webhook",
        },
    ],
    "alerts": [
        {
            "sinks": [
                {
                    "kind": "slack",
                    "url": {"env": "SLACK_URL"},
                    "timeout_s": 4.0,
                    "connect_timeout_s": 1.0,
                    "name": "slack",
                },
                {
                    "kind": "webhook",
                    "url": "https://example.invalid/hook",
                    "secret": {"env": "HOOK_SECRET"},
                    "headers": {"X-Token": {"env": "HOOK_TOKEN"}},
                    "timeout_s": 4.0,
                    "connect_timeout_s": 1.0,
                    "name": "hook",
                },
                {
                    "kind": "pagerduty",
                    "routing_key": {"env": "PAGERDUTY_KEY"},
                    "url": "https://example.invalid/v2/enqueue",
                    "timeout_s": 4.0,
                    "connect_timeout_s": 1.0,
                    "name": "pager",
                },
                {
                    "kind": "alertmanager",
                    "url": "http://127.0.0.1:9093",
                    "labels": {"team": "risk"},
                    "resend_s": 30.0,
                    "headers": {"Authorization": {"env": "HOOK_TOKEN"}},
                    "timeout_s": 4.0,
                    "connect_timeout_s": 1.0,
                    "name": "manager",
                },
                {"kind": "log", "name": "log"},
                {"kind": "callable", "name": "pager"},
            ],
            "min_severity": "critical",
            "kinds": ["drift_detected"],
            "models": ["fraud"],
            "features": "age",
            "queue_size": 10,
            "cooldown_s": 60.0,
            "group_wait_s": 0.5,
            "retries": 2,
            "resolve_after_s": 600.0,
            "max_incidents": 11,
            "name": "alerts",
            "register": {"priority": -2},
        }
    ],
    "metrics": {
        "buckets_ms": [1.0, 10.0, 100.0],
        "max_models": 6,
        "native_histogram": False,
        "name": "metrics",
        "serve": {"port": 0, "host": "127.0.0.1"},
        "register": {"priority": 1},
    },
    "observers": [{"kind": "callable", "name": "listen", "register": {"kinds": "accuracy"}}],
}

ENVIRON = {
    "RETRAIN_URL": f"http://127.0.0.1:9/{CANARY}",
    "RETRAIN_SECRET": CANARY,
    "SLACK_URL": f"https://example.invalid/services/{CANARY}",
    "HOOK_SECRET": CANARY,
    "HOOK_TOKEN": CANARY,
    "PAGERDUTY_KEY": "0451" * 8,
}

CALLABLES = {
    "retrain": lambda model, event: None,
    "new_baseline": lambda *_: [0.0, 1.0],
    "pager": lambda alert: None,
    "listen": lambda event: None,
}

#: Mappings whose keys are the user's.
FREE = {"labels", "headers", "baselines"}
#: A command's environment has the name of a reference's key.
COMMAND_ENV = ("schedule", "env")
#: Keys that must be there wherever they are: ``kind`` chooses the others.
REQUIRED = {"kind", "baselines", "window_size", "schedule", "sinks", "routing_key", "args"}
REQUIRED |= {"env", "smoothing", "alpha", "false_alarm_every"}


def is_required(path, around):
    """Whether a key must be there."""
    name, around = path[-1], dict(around)
    if name == "name":
        return path[-2] == "test" or around.get("kind") == "callable"
    if name in ("baseline", "threshold"):
        return ("strategy" in path and name == "threshold") or around.get(
            "kind"
        ) == "drift_detector"
    if name == "env" and path[-2] == "schedule":
        return False  # that of a command
    return name in REQUIRED or (name == "url" and around.get("kind") != "pagerduty")


#: Values out of range where -7.5 is in range, or another one says more.
OUT_OF_RANGE = {
    "version": 2,
    "priority": 2**40,
    "min_severity": "loud",
    "mode": "sideways",
    "overflow": "sideways",
    "alternative": "sideways",
    "method": "sideways",
    "binning": "sideways",
    "center": "sideways",
    "form": "sideways",
    "edges": [],
    "t": [0.5, 0.0],
    "nan_policy": "sideways",
    "kind": "sideways",
    "host": " ",
    "port": 65536,
    "max_models": 1_000_001,
    "confirm": [0, 5],
    "rate_limit": [2, -1.0],
    "burn_rates": [[1.0, 2.0]],
    "buckets_ms": [0.0],
    "baselines": {},
    "labels": {},
    "headers": {},
    "sinks": [],
    "args": [],
    "detectors": [],
}


class Pairs(list):
    """A mapping as pairs, which may hold a key twice."""


def pairs(value):
    if isinstance(value, dict):
        return Pairs([key, pairs(one)] for key, one in value.items())
    if isinstance(value, list):
        return [pairs(one) for one in value]
    return value


@dataclass
class Writer:
    """Text, and where in it each key and value begins."""

    text: str = ""
    keys: dict = field(default_factory=dict)
    values: dict = field(default_factory=dict)

    def place(self):
        line = self.text.count("\n") + 1
        return line, len(self.text) - (self.text.rfind("\n") + 1) + 1

    def put(self, text):
        self.text += text

    def key(self, path, text):
        # Of a key that is there twice, the place of the second.
        self.keys[path] = self.place()
        self.put(text)

    def scalar(self, path, value):
        self.values[path] = self.place()
        self.put(json.dumps(value, ensure_ascii=False))


def flow(writer, path, value, colon):
    """As JSON, on one line; ``colon`` is what stands behind a key."""
    if isinstance(value, Pairs):
        writer.values[path] = writer.place()
        writer.put("{")
        for place, (key, one) in enumerate(value):
            writer.put(", " if place else "")
            writer.key((*path, key), json.dumps(key))
            writer.put(colon)
            flow(writer, (*path, key), one, colon)
        writer.put("}")
    elif isinstance(value, list):
        writer.values[path] = writer.place()
        writer.put("[")
        for place, one in enumerate(value):
            writer.put(", " if place else "")
            flow(writer, (*path, place), one, colon)
        writer.put("]")
    else:
        writer.scalar(path, value)


def to_json(document):
    writer = Writer()
    writer.put("\n")
    flow(writer, (), document, ":\t")
    return writer


def to_yaml(document):
    writer = Writer()
    writer.put("# ä comment\n")
    _block(writer, (), document, "")
    return writer


def _block(writer, path, value, indent):
    """Mappings and lists of mappings in block style, the rest in flow style."""
    if isinstance(value, Pairs) and value:
        for place, (key, one) in enumerate(value):
            writer.put(indent if place else "")
            if not place:
                writer.values[path] = writer.place()
            writer.key((*path, key), key if key.isidentifier() else json.dumps(key))
            writer.put(":")
            _behind_key(writer, (*path, key), one, indent)
    else:
        flow(writer, path, value, ": ")
        writer.put("\n")


def _behind_key(writer, path, value, indent):
    if isinstance(value, Pairs) and value:
        writer.put(f"\n{indent}  ")
        _block(writer, path, value, indent + "  ")
    elif isinstance(value, list) and value and isinstance(value[0], Pairs):
        writer.put("\n")
        for place, one in enumerate(value):
            writer.put(f"{indent}  ")
            if not place:
                writer.values[path] = writer.place()
            writer.put("- ")
            _block(writer, (*path, place), one, indent + "    ")
    else:
        writer.put(" ")
        _block(writer, path, value, indent)


def to_toml(document):
    writer = Writer()
    writer.put("# ä comment\n")
    writer.values[()] = (1, 1)
    # What is no table stands before the first one.
    for key, value in sorted(document, key=lambda pair: _is_table(pair[1])):
        path = (key,)
        if isinstance(value, Pairs):
            writer.values[path] = writer.place()
            writer.put("[")
            writer.key(path, json.dumps(key))
            writer.put("]\n")
            _table(writer, path, value)
        elif _is_table(value):
            for place, one in enumerate(value):
                writer.values[(*path, place)] = writer.place()
                writer.put("[[")
                if not place:
                    writer.key(path, json.dumps(key))
                else:
                    writer.put(json.dumps(key))
                writer.put("]]\n")
                _table(writer, (*path, place), one)
        else:
            _table(writer, (), [[key, value]])
    return writer


def _is_table(value):
    return isinstance(value, Pairs) or (
        isinstance(value, list) and bool(value) and isinstance(value[0], Pairs)
    )


def _table(writer, path, value):
    for key, one in value:
        writer.key((*path, key), json.dumps(key))
        writer.put(" = ")
        flow(writer, (*path, key), one, " = ")
        writer.put("\n")


WRITERS = {".yaml": to_yaml, ".json": to_json, ".toml": to_toml}


def paths(document, path=()):
    """The path of every key."""
    if isinstance(document, dict):
        for key, value in document.items():
            if not path or (path[-1] not in FREE and path[-2:] != COMMAND_ENV):
                yield (*path, key)
            yield from paths(value, (*path, key))
    elif isinstance(document, list):
        for place, value in enumerate(document):
            yield from paths(value, (*path, place))


def at(document, path):
    """The pairs of a mapping."""
    for step in path:
        document = (
            next(one for key, one in document if key == step)
            if isinstance(document, Pairs)
            else document[step]
        )
    return document


@dataclass
class Corruption:
    """A document with one key spoilt."""

    what: str
    document: Pairs
    #: The path that an error must tell.
    path: tuple
    #: Where it is: at the key, the value, or the mapping around it.
    where: str

    def place(self, writer):
        if self.where == "key":
            return writer.keys[self.path]
        return writer.values[self.path if self.where == "value" else self.path[:-1]]


def corruptions(what):
    """The full document, spoilt in one way at each key where that is possible."""
    for path in paths(FULL):
        name = path[-1]
        document = pairs(copy.deepcopy(FULL))
        around = at(document, path[:-1])
        pair = next(pair for pair in around if pair[0] == name)
        if what == "misspelt":
            pair[0] = name + "x"
            yield Corruption(what, document, (*path[:-1], name + "x"), "key")
        elif what == "wrong type":
            pair[1] = [[True]]
            yield Corruption(what, document, path, "value")
        elif what == "missing":
            if is_required(path, around):
                around.remove(pair)
                yield Corruption(what, document, path, "around")
        elif what == "duplicate":
            around.append([name, copy.deepcopy(pair[1])])
            yield Corruption(what, document, path, "key")
        elif what == "out of range":
            if name in OUT_OF_RANGE:
                pair[1] = pairs(copy.deepcopy(OUT_OF_RANGE[name]))
            elif isinstance(pair[1], (bool, list)):
                continue
            elif path[-2:] == ("strategy", "threshold"):
                continue  # any number that is finite
            elif isinstance(pair[1], (int, float)):
                pair[1] = -7.5 if isinstance(pair[1], float) else -7
            elif isinstance(pair[1], str):
                pair[1] = " "
            elif path[-2:] == COMMAND_ENV:
                pair[1] = Pairs()
            elif pair[1] and pair[1][0][0] == "env":
                pair[1] = CANARY  # a secret in its place is none
            else:
                continue
            yield Corruption(what, document, path, "value")
