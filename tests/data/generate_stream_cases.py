"""Writes streams_river.json, streams_frouros.json and streams_capymoa.json: what others find, to
the last sample.

Run three times: with an interpreter that has river 0.26.1 and NumPy, with one that has frouros
0.9.0, and with one that has capymoa 0.15.1; each writes its file. The streams are recipes that
Rust follows to the same bit: SplitMix64, uniforms of 53 bits, normals as the sum of 12 uniforms
less 6, and nothing but + - * / and comparisons (tests/core/stream_golden.rs).

A case: detector (our name), params (ours), stream, drifts (indices), warnings (runs
[first, last] of indices; without those at which drift is set as well: these are in both),
estimates at checkpoints, and without_compat: what must hold without compat="river":
"same", "same drifts", "same when flipped" (1 - x), or null.
"""

import json
from math import erfc, exp, log
from pathlib import Path

MASK = (1 << 64) - 1
HERE = Path(__file__).parent


def uniforms(seed):
    """SplitMix64 (Steele, Lea, Flood 2014), the upper 53 bits as a number below 1."""
    state = seed
    while True:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        yield ((z ^ (z >> 31)) >> 11) / 9007199254740992.0


def drawn(law, first, second, source):
    if law == "constant":
        return first
    if law == "bernoulli":
        return 1.0 if next(source) < first else 0.0
    if law == "uniform":
        return first + (second - first) * next(source)
    if law == "steps":
        return float(int(first * next(source))) + second
    total = 0.0
    for _ in range(12):
        total += next(source)
    return first + second * (total - 6.0)


def values(stream):
    """The values of a recipe; each part moves from its first parameters to its last."""
    source = uniforms(stream["seed"])
    out = []
    for part in stream["parts"]:
        (a, b), (c, d) = part["from"], part.get("to", part["from"])
        n = part["n"]
        for i in range(n):
            share = i / n
            first, second = a + (c - a) * share, b + (d - b) * share
            out.append(drawn(part["law"], first, second, source) * stream["scale"])
    return out


def part(law, n, start, end=None):
    made = {"law": law, "n": n, "from": start}
    return made if end is None else made | {"to": end}


def bernoulli(*parts):
    return [part("bernoulli", n, [p, 0.0], q and [q, 0.0]) for n, p, q in parts]


def normal(*parts):
    return [part("normal", n, list(start), end and list(end)) for n, start, end in parts]


RECIPES = {
    "errors stationary": (bernoulli((3000, 0.2, None)), 1.0),
    "errors stationary, half": (bernoulli((3000, 0.5, None)), 1.0),
    "errors abrupt": (bernoulli((1000, 0.2, None), (1000, 0.5, None)), 1.0),
    "errors abrupt, four times": (
        bernoulli(*[(700, p, None) for p in (0.1, 0.45, 0.05, 0.3, 0.7)]),
        1.0,
    ),
    "errors falling": (bernoulli((800, 0.8, None), (800, 0.2, None)), 1.0),
    "errors gradual": (bernoulli((800, 0.1, None), (1500, 0.1, 0.6), (500, 0.6, None)), 1.0),
    "errors rare": (bernoulli((2500, 0.004, None), (800, 0.1, None)), 1.0),
    "errors after none": (bernoulli((400, 0.0, None), (800, 0.3, None)), 1.0),
    "errors after only errors": (bernoulli((300, 1.0, None), (700, 0.4, None)), 1.0),
    "no errors": ([part("constant", 400, [0.0, 0.0])], 1.0),
    "only errors": ([part("constant", 400, [1.0, 0.0])], 1.0),
    "unit stationary": ([part("uniform", 2000, [0.0, 1.0])], 1.0),
    "unit abrupt": (
        [
            part("uniform", 600, [0.0, 0.7]),
            part("uniform", 600, [0.3, 1.0]),
            part("uniform", 600, [0.1, 0.5]),
        ],
        1.0,
    ),
    "normal stationary": (normal((3000, (0.0, 1.0), None)), 1.0),
    "normal abrupt": (normal((700, (0.0, 1.0), None), (700, (1.0, 1.0), None)), 1.0),
    "normal down and up": (
        normal((500, (0.0, 1.0), None), (500, (-2.0, 1.0), None), (500, (3.0, 0.5), None)),
        1.0,
    ),
    "normal gradual": (
        normal((600, (0.0, 1.0), None), (1200, (0.0, 1.0), (3.0, 1.0)), (400, (3.0, 1.0), None)),
        1.0,
    ),
    "normal narrow": (normal((500, (0.2, 0.01), None), (500, (0.8, 0.04), None)), 1.0),
    "tied": ([part("steps", 700, [5.0, 0.0]), part("steps", 700, [5.0, 2.0])], 1.0),
    "constant": ([part("constant", 400, [3.25, 0.0])], 1.0),
    "huge": (normal((600, (0.0, 1.0), None), (600, (3.0, 1.0), None)), 1e100),
    "tiny": (normal((600, (0.0, 1.0), None), (600, (3.0, 1.0), None)), 1e-100),
}
STREAMS = {
    name: {"seed": 1000 + seed, "scale": scale, "parts": parts}
    for seed, (name, (parts, scale)) in enumerate(RECIPES.items())
}
ERRORS = [name for name in STREAMS if "errors" in name]
UNIT = ["unit stationary", "unit abrupt"]
REAL = [name for name in STREAMS if name not in ERRORS + UNIT]


def runs(indices):
    made = []
    for index in indices:
        if made and made[-1][1] == index - 1:
            made[-1][1] = index
        else:
            made.append([index, index])
    return made


def case(name, params, stream, detector, estimates=(), flags=None, after=None):
    """What `detector` finds. `flags` reads (drift, warning); `after` is called after a drift."""
    flags = flags or (lambda d: (d.drift_detected, getattr(d, "warning_detected", False)))
    data = values(STREAMS[stream])
    drifts, warnings, both, checkpoints = [], [], [], []
    for index, x in enumerate(data):
        detector.update(int(x) if stream in ERRORS else x)
        drift, warning = flags(detector)
        if drift:
            drifts.append(index)
            if warning:
                both.append(index)
        elif warning:
            warnings.append(index)
        if estimates and (index + 1) % (len(data) // 5) == 0:
            checkpoints.append([index, *(float(read(detector)) for _, read in estimates)])
        if drift and after:
            after(detector)
    made = {"detector": name, "params": params, "stream": stream}
    made |= {"drifts": drifts, "warnings": runs(warnings), "both": both}
    if estimates:
        made |= {"readings": [reading for reading, _ in estimates], "checkpoints": checkpoints}
    return made


def several(name, make, settings, streams, **how):
    """Cases of each of `settings` (ours, theirs) on each of `streams`."""
    for ours, theirs in settings:
        for stream in streams:
            yield case(name, ours, stream, make(**theirs), **how)


def alike(*settings):
    """Parameters that both have under the same names."""
    return [(setting, setting) for setting in settings]


def in_compat(cases, without, library="river"):
    for made in cases:
        params = made["params"] | {"compat": library}
        yield made | {"params": params, "without_compat": without(made)}


def river_ddm():
    """DDM, and whether a lowest point of nothing but correct values ever counted."""
    from river import drift

    class Watched(drift.binary.DDM):
        free = True

        def update(self, x):
            super().update(x)
            if (self.drift_detected or self.warning_detected) and self._p_min == 0.0:
                self.free = False

    for setting in [{}, {"warm_start": 100, "warning_threshold": 1.5, "drift_threshold": 2.0}]:
        for stream in ERRORS:
            detector = Watched(**setting)
            made = case("ddm", setting, stream, detector, [("estimation", lambda d: d._p.get())])
            free = detector.free
            yield from in_compat([made], lambda _, free=free: "same" if free else None)


def river_published():
    """The streams of river's tests and docstrings, as the numbers they consist of."""
    import random

    import numpy as np

    np.random.seed(12345)
    first = np.concatenate((np.random.randint(2, size=1000), np.random.randint(8, size=1000)))
    np.random.seed(12345)
    second = [np.random.binomial(1, 0.2) for _ in range(1000)]
    second += [np.random.binomial(1, 0.8) for _ in range(1000)]
    np.random.seed(12345)
    means = (0.0, 0.25, 0.0, 0.25)
    third = np.concatenate([np.random.normal(mean, 0.1, 500) > 0 for mean in means])
    # The docstrings.
    rng = random.Random(12345)
    steps = rng.choices([0, 1], k=1000) + rng.choices(range(4, 8), k=1000)
    rng = random.Random(42)
    rising = rng.choices([0, 1], k=1000) + rng.choices([0, 1], k=1000, weights=[0.3, 0.7])
    rng = random.Random(42)
    falling = rng.choices([0, 1], k=250) + rng.choices([0, 1], k=250, weights=[0.9, 0.1])
    streams = {"1": first, "2": second, "3": third, "steps": steps}
    streams |= {"rising": rising, "falling": falling}
    digits = {name: "".join(str(int(x)) for x in data) for name, data in streams.items()}
    two_sided, river = {"two_sided_test": True}, {"compat": "river"}
    # Detector, parameters, stream, drifts, the first warnings where they are published.
    expected = [
        ("adwin", {}, "1", [1023], None),
        ("adwin", {}, "steps", [1023], None),
        ("ddm", river, "2", [1049], None),
        ("ddm", river, "rising", [1334], [1084, 1492]),
        ("eddm", {"alpha": 0.9, "beta": 0.8} | river, "2", [1059], None),
        ("eddm", {"alpha": 0.8, "beta": 0.75} | river, "rising", [1278], [1059]),
        ("fhddm", river, "falling", [315], None),
        ("fhddm", {"short_window_size": 20} | river, "falling", [279], None),
        ("hddm_a", {}, "2", [1047], None),
        ("hddm_a", two_sided, "3", [531, 1015, 1545], None),
        ("hddm_a", {}, "rising", [1206], [451]),
        ("hddm_w", {}, "2", [1018], None),
        ("hddm_w", two_sided, "3", [507, 1032, 1508], None),
        ("hddm_w", {}, "rising", [1077], [451]),
        ("page_hinkley", {"mode": "up"}, "3", [588, 1681], None),
        ("page_hinkley", {"mode": "down"}, "3", [1172], None),
        ("page_hinkley", {"mode": "both"}, "3", [588, 1097, 1585], None),
        ("page_hinkley", {}, "steps", [1006], None),
    ]
    keys = ("detector", "params", "digits", "drifts", "first_warnings")
    rows = [dict(zip(keys, row, strict=True)) for row in expected]
    for row in rows:
        assert_published(row, digits[row["digits"]])
    return digits, rows


def assert_published(row, digits):
    """That river finds what it says: drifts, and the first warning after each drift."""
    from river import drift

    names = {"adwin": "ADWIN", "page_hinkley": "PageHinkley"}
    name = row["detector"]
    home = drift if name in names else drift.binary
    own = {key: value for key, value in row["params"].items() if key != "compat"}
    detector = getattr(home, names.get(name, name.replace("_", "").upper()))(**own)
    drifts, warnings, first = [], [], True
    for index, digit in enumerate(digits):
        detector.update(int(digit))
        if first and getattr(detector, "warning_detected", False):
            warnings.append(index)
            first = False
        if detector.drift_detected:
            drifts.append(index)
            first = True
    assert drifts == row["drifts"], (row, drifts)
    assert row["first_warnings"] in (None, warnings), (row, warnings)


def river_cases():
    from river import drift

    estimates = [
        (name, lambda d, name=name: getattr(d, name))
        for name in ("estimation", "width", "variance", "total")
    ]
    wide = {"delta": 0.1, "clock": 8, "max_buckets": 3, "min_window_length": 10}
    settings = alike({}, wide | {"grace_period": 50}, {"delta": 1e-6, "clock": 1})
    yield from several(
        "adwin", drift.ADWIN, settings[:2], [*REAL, *ERRORS, *UNIT], estimates=estimates
    )
    some = ["normal down and up", "normal gradual", "errors abrupt", "tied"]
    yield from several("adwin", drift.ADWIN, settings[2:], some, estimates=estimates)
    mean = [("estimation", lambda d: d._x_mean.get())]
    settings = alike(
        {},
        {"mode": "up", "threshold": 10.0},
        {"mode": "down", "delta": 0.1, "alpha": 1.0, "threshold": 8.0, "min_instances": 5},
        {"threshold": 20.0, "alpha": 0.99},
    )
    some = [*REAL, "errors abrupt", "unit abrupt"]
    yield from several("page_hinkley", drift.PageHinkley, settings, some, estimates=mean)
    # The sample of the older values is all of them: nothing is left to the generator.
    settings = alike(
        {"window_size": 60, "stat_size": 30, "seed": 1},
        {"alpha": 0.0001, "window_size": 200, "stat_size": 100, "seed": 1},
    )
    some = ["normal stationary", "normal down and up", "tied", "huge", "tiny", "constant"]
    yield from several("kswin", drift.KSWIN, settings, some)
    yield from river_ddm()
    settings = alike({}, {"warm_start": 10, "alpha": 0.8, "beta": 0.6}, {"alpha": 0.99})
    cases = several("eddm", drift.binary.EDDM, settings, ERRORS)
    yield from in_compat(cases, lambda _: "same drifts")
    settings = alike(
        {},
        {"sliding_window_size": 40, "confidence_level": 0.001},
        {"sliding_window_size": 100, "confidence_level": 0.0001, "short_window_size": 25},
        {"sliding_window_size": 33, "confidence_level": 0.01, "short_window_size": 33},
    )
    cases = several("fhddm", drift.binary.FHDDM, settings, ERRORS)
    yield from in_compat(cases, lambda _: "same when flipped")
    mean = [("estimation", lambda d: d._z.get())]
    settings = alike(
        {},
        {"two_sided_test": True},
        {"drift_confidence": 0.05, "warning_confidence": 0.2, "two_sided_test": True},
    )
    yield from several("hddm_a", drift.binary.HDDMA, settings, ERRORS + UNIT, estimates=mean)
    mean = [("estimation", lambda d: d._total.ewma)]
    settings = alike(
        {},
        {"two_sided_test": True, "lambda_val": 0.2},
        {"drift_confidence": 0.02, "warning_confidence": 0.1, "two_sided_test": True},
    )
    yield from several("hddm_w", drift.binary.HDDMW, settings, ERRORS + UNIT, estimates=mean)


def write(name, source, cases, **more):
    used = {made["stream"] for made in cases}
    streams = {name: recipe for name, recipe in STREAMS.items() if name in used}
    lines = ["{", f'"source": {json.dumps(source)},']
    for key, value in {"streams": streams, **more}.items():
        lines += [f'"{key}": {json.dumps(value, separators=(",", ":"), sort_keys=True)},']
    rows = [json.dumps(made, separators=(",", ":")) for made in cases]
    text = "\n".join([*lines, '"cases": [', ",\n".join(rows), "]", "}"])
    (HERE / name).write_text(text + "\n")
    print(name, len(cases), "cases,", len(text), "bytes")


def write_river():
    import river

    digits, published = river_published()
    write(
        "streams_river.json",
        f"river {river.__version__}",
        list(river_cases()),
        digits=digits,
        published=published,
    )


class Restarted:
    """A detector of frouros with river's manners: `update` after drift begins anew."""

    def __init__(self, detector, restarts=True):
        self.detector, self.restarts, self.drift = detector, restarts, False

    def update(self, x):
        if self.drift and self.restarts:
            self.detector.reset()
        self.detector.update(value=x)
        self.drift = bool(self.detector.drift)

    def flags(self):
        return self.drift, bool(getattr(self.detector, "warning", False))


class PaperSTEPD:
    """STEPD as Nishida and Yamauchi 2007 describe it; more than one error must have come."""

    def __init__(self, window_size=30, alpha_drift=0.003, alpha_warning=0.05):
        self.size, self.alphas, self.seen = window_size, (alpha_drift, alpha_warning), []
        self.drift_detected = self.warning_detected = False

    def update(self, x):
        self.seen = [x] if self.drift_detected else [*self.seen, x]
        self.drift_detected = self.warning_detected = False
        before, now = self.seen[: -self.size], self.seen[-self.size :]
        n, p = len(before), sum(self.seen) / len(self.seen)
        if n < self.size or sum(self.seen) < 2 or p == 1:
            return
        rise = sum(now) / self.size - sum(before) / n
        inverse = 1 / n + 1 / self.size
        t = (rise - inverse / 2) / (p * (1 - p) * inverse) ** 0.5
        p_value = 0.5 * erfc(t / 2**0.5)
        self.drift_detected = p_value < self.alphas[0]
        self.warning_detected = not self.drift_detected and p_value < self.alphas[1]


class PaperRDDM:
    """RDDM as Barros and others 2017 describe it, with all values in a list."""

    def __init__(self, min_instances=129, warning_threshold=1.773, drift_threshold=2.258, **sizes):
        self.first, self.warning, self.drift = min_instances, warning_threshold, drift_threshold
        self.longest = sizes.get("max_concept_size", 40000)
        self.shortest = sizes.get("min_concept_size", 7000)
        self.patience = sizes.get("max_warning_size", 1400)
        self.kept, self.again, self.lowest = [], None, None
        self.n, self.p, self.zone = 0, 0.0, []
        self.drift_detected = self.warning_detected = False

    def count(self, x, look=True):
        self.n += 1
        self.p += (x - self.p) / self.n
        s = (self.p * (1 - self.p) / self.n) ** 0.5
        lower = self.lowest is None or self.p + s < sum(self.lowest)
        if look and self.n >= self.first and self.p > 0 and lower:
            self.lowest = (self.p, s)
        return self.p + s

    def update(self, x):
        self.drift_detected = self.warning_detected = False
        if self.again is not None:
            changed, self.again = self.again, None
            self.n, self.p, self.zone = 0, 0.0, []
            self.lowest = None if changed else self.lowest
            for old in self.kept:
                self.count(old, look=changed)
        self.kept = [*self.kept, x][-self.shortest :]
        level = self.count(x)
        if self.n < self.first or self.lowest is None:
            return
        p, s = self.lowest
        if level > p + self.drift * s:
            self.drift_detected, self.again = True, True
            self.kept = self.kept[-(len(self.zone) + 1) :]
        elif level > p + self.warning * s:
            if len(self.zone) == self.patience:
                self.drift_detected, self.again = True, True
                self.kept = [x]
            else:
                self.warning_detected = True
                self.zone.append(x)
        else:
            self.zone = []
            self.again = False if self.n >= self.longest else None


def frouros_several(name, make, config, settings, streams, estimates=(), **how):
    reads = [(reading, lambda d, read=read: read(d.detector)) for reading, read in estimates]
    for ours, theirs in settings:
        for stream in streams:
            detector = Restarted(make(config=config(**theirs)), **how)
            yield case(name, ours, stream, detector, reads, Restarted.flags)


def renamed(setting, names, **more):
    """Ours as theirs, some of them under other names."""
    return setting | more, {names.get(key, key): value for key, value in setting.items()}


def frouros_cases():
    from frouros.detectors import concept_drift as theirs

    charts = {"threshold": "lambda_", "min_instances": "min_num_instances"}
    settings = [
        renamed({}, charts, mode="up"),
        renamed({"threshold": 8.0, "delta": 0.2, "min_instances": 10}, charts, mode="up"),
    ]
    yield from frouros_several("cusum", theirs.CUSUM, theirs.CUSUMConfig, settings, REAL)
    settings = [
        renamed({}, charts, mode="up"),
        renamed({"threshold": 0.4, "alpha": 0.95, "min_instances": 10}, charts, mode="up"),
    ]
    make, config = theirs.GeometricMovingAverage, theirs.GeometricMovingAverageConfig
    yield from frouros_several("geometric_moving_average", make, config, settings, REAL)

    names = {"lambda_val": "lambda_", "min_instances": "min_num_instances"}
    slow = {"lambda_val": 0.05, "warning_level": 0.7, "min_instances": 100}
    settings = [
        renamed({}, names),
        renamed({"average_run_length": 100, "min_instances": 60}, names),
        renamed({"average_run_length": 1000}, names),
        renamed(slow, names),
    ]
    make, config = theirs.ECDDWT, theirs.ECDDWTConfig
    yield from in_compat(
        frouros_several("ecdd", make, config, settings, ERRORS), lambda _: None, "frouros"
    )
    names = {"window_size": "min_num_instances"}
    names |= {"alpha_drift": "alpha_d", "alpha_warning": "alpha_w"}
    settings = [
        renamed({}, names),
        renamed({"window_size": 75, "alpha_drift": 0.0001, "alpha_warning": 0.01}, names),
    ]
    cases = frouros_several("stepd", theirs.STEPD, theirs.STEPDConfig, settings, ERRORS)
    yield from in_compat(cases, lambda _: None, "frouros")
    # What the paper says: frouros alarms at falls as well.
    settings = alike({}, {"window_size": 75, "alpha_drift": 0.0001, "alpha_warning": 0.01})
    yield from several("stepd", PaperSTEPD, settings, ERRORS)
    names = {"warning_threshold": "warning_level", "drift_threshold": "drift_level"}
    names |= {"min_instances": "min_num_instances"}
    names |= {"max_warning_size": "max_num_instances_warning"}
    names |= {"max_concept_size": "max_concept_size", "min_concept_size": "min_concept_size"}
    tight = {"warning_threshold": 1.2, "drift_threshold": 3.0, "min_instances": 40}
    few = {"min_instances": 50, "max_concept_size": 900, "min_concept_size": 300}
    settings = [
        renamed({}, names),
        renamed(tight | {"max_warning_size": 90}, names),
        renamed(few | {"max_warning_size": 60}, names),
    ]
    make, config = theirs.RDDM, theirs.RDDMConfig
    cases = frouros_several("rddm", make, config, settings, ERRORS, restarts=False)
    yield from in_compat(cases, lambda _: None, "frouros")
    # What the paper says, where frouros goes another way.
    settings = alike({}, few | {"max_warning_size": 60}, {"warning_threshold": 1.0})
    yield from several("rddm", PaperRDDM, settings, ERRORS)


def write_frouros():
    from importlib.metadata import version

    write("streams_frouros.json", f"frouros {version('frouros')}", list(frouros_cases()))


class PaperMDDM:
    """MDDM as Pesaranghader and others 2018 describe it, weight by weight."""

    def __init__(
        self,
        sliding_window_size=100,
        confidence_level=0.000001,
        weighting="arithmetic",
        difference=0.01,
        ratio=1.01,
        lambda_val=0.01,
    ):
        weights = {
            "arithmetic": lambda i: 1 + i * difference,
            "geometric": lambda i: ratio**i,
            "euler": lambda i: exp(i * lambda_val),
        }
        self.weights = [weights[weighting](i) for i in range(sliding_window_size)]
        share = sum(w * w for w in self.weights) / sum(self.weights) ** 2
        self.bound = (0.5 * share * log(1 / confidence_level)) ** 0.5
        self.seen, self.greatest, self.drift_detected, self.errors = [], 0.0, False, 0.0

    def update(self, x):
        if self.drift_detected:
            self.seen, self.greatest = [], 0.0
        self.seen = [*self.seen, x][-len(self.weights) :]
        newest = self.weights[-len(self.seen) :]
        self.errors = sum(w * x for w, x in zip(newest, self.seen, strict=True)) / sum(newest)
        full = len(self.seen) == len(self.weights)
        self.greatest = max(self.greatest, 1 - self.errors) if full else 0.0
        self.drift_detected = full and self.greatest - (1 - self.errors) > self.bound


class PaperOPTWIN:
    """OPTWIN as Tosi and Theobald 2024 describe it, over all values of the window, each cut
    tried; without a test of the spread where a part is constant."""

    def __init__(
        self,
        rigor=0.5,
        alpha_drift=0.001,
        alpha_warning=0.1,
        max_window_length=1000,
        min_window_length=30,
        minimum_noise=1e-6,
        two_sided_test=False,
    ):
        self.rigor, self.warning, self.noise = rigor, alpha_warning, minimum_noise
        self.alpha = 1 - (1 - alpha_drift) ** 0.25
        self.most, self.least, self.two_sided = max_window_length, min_window_length, two_sided_test
        self.cuts, self.seen, self.cut = {}, [], 0
        self.drift_detected = self.warning_detected = False

    def limits(self, n):
        """The cut of n values and the limits there: t, of a warning, f, of a fall."""
        import numpy as np
        from scipy import stats

        if n not in self.cuts:
            m = np.arange(2.0, n - 1)
            f = stats.f.isf(self.alpha, n - m - 1, m - 1)
            a, b = 1 / m, f / (n - m)
            df = (a + b) ** 2 / (a * a / (m - 1) + b * b / (n - m - 1))
            t = stats.t.isf(self.alpha, df)
            found = np.flatnonzero(t * np.sqrt(a + b) <= self.rigor)
            at = found[-1] if len(found) else n // 2 - 1
            warning = stats.t.isf(self.warning, df[at])
            fall = stats.f.isf(self.alpha, m[at] - 1, n - m[at] - 1)
            self.cuts[n] = int(m[at]), t[at], warning, f[at], fall
        return self.cuts[n]

    def update(self, x):
        import numpy as np

        if self.drift_detected:
            self.seen = []
        self.drift_detected = self.warning_detected = False
        self.seen = [*self.seen, x][-self.most :]
        self.cut = 0
        if len(self.seen) < self.least:
            return
        self.cut, limit, warning, f_limit, f_fall = self.limits(len(self.seen))
        before, after = np.array(self.seen[: self.cut]), np.array(self.seen[self.cut :])
        one, other = (part.std(ddof=1) + self.noise for part in (before, after))
        apart = after.mean() - before.mean()
        t = apart / (other**2 / len(after) + one**2 / len(before)) ** 0.5 if apart else 0.0
        rise = abs(t) if self.two_sided else t
        varied = np.ptp(before) > 0 and np.ptp(after) > 0
        wider = varied and (other / one) ** 2 > f_limit
        narrower = self.two_sided and varied and (one / other) ** 2 > f_fall
        if rise > limit or narrower or (wider and (self.two_sided or apart > 0)):
            self.drift_detected = True
        elif wider:
            self.seen, self.cut = [], 0
        else:
            self.warning_detected = bool(rise > warning)

    def mean(self):
        newer = self.seen[self.cut :]
        return sum(newer) / len(newer) if newer else 0.0


def capymoa_optwin(setting):
    """Cases of CapyMOA's OPTWIN, up to where its window is full: from then on it takes the
    newest value from its sums in place of the oldest one."""
    from capymoa.drift.detectors import OPTWIN

    names = {"max_window_length": "w_length_max", "min_window_length": "w_length_min"}
    alphas = {"alpha_drift": "drift_confidence", "alpha_warning": "warning_confidence"}
    own = {names[key]: value for key, value in setting.items() if key in names}
    own |= {alphas[key]: 1 - value for key, value in setting.items() if key in alphas}
    rest = {key: value for key, value in setting.items() if key not in names | alphas}
    detector = OPTWIN(**own, **rest)
    for stream in [*REAL, *ERRORS, *UNIT]:
        if stream in ("huge", "tiny"):
            continue
        detector.reset(clean_history=True)
        drifts, warnings, data = [], [], values(STREAMS[stream])
        until = 0
        for until, x in enumerate(data):
            if detector.W.length == detector.w_length_max:
                break
            detector.add_element(x)
            if detector.detected_change():
                drifts.append(until)
            elif detector.detected_warning():
                warnings.append(until)
        else:
            until = len(data)
        made = {"detector": "optwin", "params": setting | {"compat": "capymoa"}}
        made |= {"stream": stream, "until": until, "without_compat": None}
        yield made | {"drifts": drifts, "warnings": runs(warnings), "both": []}


def capymoa_cases():
    yield from capymoa_optwin({})
    wide = {"alpha_drift": 0.01, "alpha_warning": 0.02, "max_window_length": 600}
    yield from capymoa_optwin(wide | {"rigor": 1.0, "min_window_length": 40})
    # What the papers say.
    short = {"max_window_length": 150, "min_window_length": 20}
    settings = [
        {},
        short | {"rigor": 1.0, "alpha_drift": 0.05},
        {"two_sided_test": True, "rigor": 0.8, "alpha_drift": 0.01, "max_window_length": 400},
        {"minimum_noise": 0.0, "alpha_drift": 1e-9, "max_window_length": 300},
    ]
    read = [("estimation", PaperOPTWIN.mean), ("width", lambda d: len(d.seen))]
    for setting in settings:
        cuts = {}
        for stream in [*REAL, *ERRORS, *UNIT]:
            detector = PaperOPTWIN(**setting)
            detector.cuts = cuts
            yield case("optwin", setting, stream, detector, read)
    settings = alike(
        {},
        {"weighting": "geometric"},
        {"weighting": "euler"},
        {"difference": 0.5, "sliding_window_size": 40, "confidence_level": 0.001},
        {"weighting": "geometric", "ratio": 1.2, "confidence_level": 0.05},
        {"weighting": "euler", "lambda_val": 0.1, "sliding_window_size": 33},
    )
    errors = [("estimation", lambda d: d.errors)]
    yield from several("mddm", PaperMDDM, settings, ERRORS, estimates=errors)


def write_capymoa():
    source = "capymoa 0.15.1; definitions in the papers, by NumPy 2.4 and SciPy 1.17"
    write("streams_capymoa.json", source, list(capymoa_cases()))


def has(library):
    from importlib.util import find_spec

    return find_spec(library) is not None


if __name__ == "__main__":
    if has("river"):
        write_river()
    elif has("capymoa"):
        write_capymoa()
    else:
        write_frouros()
