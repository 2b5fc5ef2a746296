"""Writes classical_laws.json: references for `driftline::math`, to 50 digits.

Run with mpmath installed:
python tests/data/generate_classical_laws_cases.py
"""

import json
from pathlib import Path

import mpmath as mp

mp.mp.dps = 50


def number(x):
    return float(mp.mpf(x))


def tail_integral(log_density, x, step):
    """ln of the integral of exp(log_density) from x on, in panels of `step`."""
    top = log_density(x)
    total, at = mp.mpf(0), mp.mpf(x)
    while True:
        part = mp.quad(lambda t: mp.exp(log_density(t) - top), [at, at + step / 2, at + step])
        total += part
        at += step
        if part < total * mp.mpf(10) ** -22:
            return top + mp.log(total)


def normal_log_tail(x):
    x = mp.mpf(x)
    if x > 1e4:
        series = mp.nsum(
            lambda k: (-1) ** int(k) * mp.fac2(2 * k - 1) / x ** (2 * k), [0, 12], method="d"
        )
        return -x * x / 2 - mp.log(x) - mp.log(2 * mp.pi) / 2 + mp.log(series)
    return mp.log(mp.erfc(x / mp.sqrt(2)) / 2)


NORMAL = [-40, -9, -5.5, -2, -1, -0.3, -1e-9, 0, 1e-9, 0.2, 0.7, 0.71, 1, 1.5, 1.96, 3, 5, 6.1]
NORMAL += [8.3, 12.7, 20.1, 29.9, 30.1, 36.9]


def normal_sf():
    for x in NORMAL:
        yield {"x": float(x), "expected": number(mp.exp(normal_log_tail(x)))}


def normal_log_sf():
    for x in [*NORMAL[3:], 38.6, 100, 1234.5, 1e6, 1e100]:
        yield {"x": float(x), "expected": number(normal_log_tail(x))}


PROBABILITIES = ["1e-300", "1e-100", "1e-20", "1e-9", "0.001", "0.025", "0.0749", "0.0751"]
PROBABILITIES += ["0.2", "0.4", "0.499", "0.6", "0.9", "0.975", "0.99999"]


def normal_quantile():
    for text in PROBABILITIES:
        p = mp.mpf(float(text))
        tail = min(p, 1 - p)
        goal = mp.log(tail)
        start = mp.sqrt(-2 * mp.log(tail)) if tail < 0.1 else mp.mpf("0.5") - tail
        x = mp.findroot(lambda t, goal=goal: normal_log_tail(t) - goal, start)
        yield {"p": float(text), "expected": number(x if p > tail else -x)}


def chi_square_log_tail(x, df):
    a, y = mp.mpf(df) / 2, mp.mpf(x) / 2
    if a < 1000 and y < 5000:
        return mp.log(mp.gammainc(a, y, mp.inf, regularized=True))
    log = lambda t: (a - 1) * mp.log(t) - t  # noqa: E731
    if y >= a:
        step = 5 * mp.sqrt(y) if y < a + 10 * mp.sqrt(a) else 5 / (1 - a / y)
        return tail_integral(log, y, step) - mp.loggamma(a)
    # From x down, reflected.
    reflected = lambda t: (a - 1) * mp.log(2 * y - t) + t - 2 * y  # noqa: E731
    lower = tail_integral(reflected, y, mp.sqrt(a)) - mp.loggamma(a)
    return mp.log1p(-mp.exp(lower))


def chi_square(log):
    for df in [0.01, 0.5, 1, 2, 2.7, 4, 9, 60, 511, 1999, 2001, 31234.5, 1e7]:
        spread = (2 * df) ** 0.5
        points = [df + z * spread for z in (-6, -2, -0.5, -1e-3, 0, 1e-3, 0.5, 1, 2, 5, 9, 20)]
        points += [1e-8, 0.003, 0.4, 37.0, 700.0, 1300.0, 3.0 * df]
        for x in sorted(points):
            if x <= 0 or (df > 1e3 and x < df - 10 * spread):
                continue
            tail = chi_square_log_tail(x, df)
            if tail > -690 and not log:
                yield {"x": x, "df": df, "expected": number(mp.exp(tail))}
            if tail < -0.5 and log:
                yield {"x": x, "df": df, "expected": number(tail)}
    if log:
        for x, df in [(5000.0, 3.0), (1e6, 1.0), (1e6, 1000.0), (1e9, 7.5), (3e7, 1e7)]:
            yield {"x": x, "df": df, "expected": number(chi_square_log_tail(x, df))}


def beta_log_cdf(x, a, b):
    """ln I_x(a, b) by quadrature in the logit, from x down."""
    x, a, b = mp.mpf(x), mp.mpf(a), mp.mpf(b)
    if x > a / (a + b):
        return mp.log1p(-mp.exp(beta_log_cdf(1 - x, b, a)))
    if max(a, b) < 6000:
        return mp.log(mp.betainc(a, b, 0, x, regularized=True))
    logit = mp.log(x / (1 - x))
    log = lambda s: a * (logit - s) - (a + b) * mp.log1p(mp.exp(logit - s))  # noqa: E731
    slope = a - (a + b) * x
    step = 10 / (slope + mp.sqrt((a + b) * x * (1 - x)))
    front = mp.loggamma(a + b) - mp.loggamma(a) - mp.loggamma(b)
    return front + tail_integral(log, mp.mpf(0), step)


def f_cases(log):
    for df1, df2 in [
        (1, 1), (1, 18), (1, 1998), (2, 3), (3, 1e4), (4, 4), (7.5, 2.5), (19, 2000),
        (1, 1e7), (1e7, 1), (500, 700), (1e7, 1e7), (1e4, 3e6),
    ]:  # fmt: skip
        spread = (2 / df1 + 2 / df2) ** 0.5
        points = [1 + z * spread for z in (-5, -1, -0.01, 0, 0.01, 1, 3, 8)]
        points += [1e-6, 0.1, 4.0, 50.0, 1200.0, 1e8]
        for f in sorted(points):
            if f <= 0 or (f < 0.5 and max(df1, df2) > 400 and min(df1, df2) > 20):
                continue
            ratio = mp.mpf(df1) * mp.mpf(f) / df2
            tail = beta_log_cdf(1 / (1 + ratio), mp.mpf(df2) / 2, mp.mpf(df1) / 2)
            case = {"f": f, "df1": df1, "df2": df2}
            if tail > -690 and not log:
                yield case | {"expected": number(mp.exp(tail))}
            if tail < -0.5 and log:
                yield case | {"expected": number(tail)}


def beta_cases():
    for a, b in [(0.5, 0.5), (0.5, 30), (7.9, 1.5), (8.1, 1.5), (40, 25), (3000.5, 2)]:
        for x in [0.001, 0.1, 0.4375, 0.5, 0.9, 0.984375]:
            log = beta_log_cdf(x, a, b)
            if log > -690:
                yield {"x": x, "a": a, "b": b, "expected": number(mp.exp(log))}


def student_log_tail(t, df):
    t, df = mp.mpf(t), mp.mpf(df)
    if df < 1e4:
        return beta_log_cdf(df / (df + t * t), df / 2, 0.5) - mp.log(2)
    front = mp.loggamma((df + 1) / 2) - mp.loggamma(df / 2) - mp.log(df * mp.pi) / 2
    # u = ln t
    log = lambda u: u - (df + 1) / 2 * mp.log1p(mp.exp(2 * u) / df)  # noqa: E731
    start = mp.log(t)
    slope = (df + 1) * t * t / (df + t * t) - 1
    return front + tail_integral(log, start, 4 / (abs(slope) + 2))


def student_t_log_sf():
    for df in [1.0, 1.5, 4.0, 29.25, 1234.5, 1e5, 1e7]:
        for t in [0.01, 0.5, 1.0, 3.0, 12.0, 80.0, 2000.0, 1e60]:
            expected = number(student_log_tail(t, df))
            yield {"t": t, "df": df, "expected": expected}


def student_t_quantile():
    """The probability is the one that is rounded: t is exact to 1e-14."""
    for df in [1.0, 2.5, 10.0, 200.0, 1e6]:
        for t in [0.125, 0.5, 1.0, 2.0, 5.0, 30.0, 1e6]:
            log = student_log_tail(t, df)
            if log > -690:
                yield {"p": number(mp.exp(log)), "df": df, "expected": -t}


def ln_gamma():
    for x in [1e-9, 0.1, 0.5, 0.999, 1.001, 1.5, 1.9999, 2.0001, 3, 10.5, 171, 1e7, 1e15]:
        yield {"x": float(x), "expected": number(mp.loggamma(mp.mpf(x)))}


def ln_binomial():
    for n, k in [(1, 1), (2, 1), (7, 3), (40, 20), (1000, 3), (10**7, 4567), (2 * 10**7, 10**7)]:
        exact = mp.loggamma(n + 1) - mp.loggamma(k + 1) - mp.loggamma(n - k + 1)
        yield {"n": n, "k": k, "expected": number(exact)}


def log_choose(n, k):
    return mp.loggamma(n + 1) - mp.loggamma(k + 1) - mp.loggamma(n - k + 1)


def hypergeometric():
    for k, size, marked, draws in [
        (0, 2, 1, 1), (1, 4, 2, 2), (3, 40, 7, 15), (7, 40, 7, 15), (0, 40, 7, 15),
        (500, 2000, 1000, 1000), (480, 2000, 1000, 1000), (700, 2000, 1000, 1000),
        (2, 10**7, 3000, 4000), (2_502_000, 10**7, 5 * 10**6, 5 * 10**6),
        (2_550_000, 10**7, 5 * 10**6, 5 * 10**6),
    ]:  # fmt: skip
        log = log_choose(marked, k) + log_choose(size - marked, draws - k)
        case = {"k": k, "size": size, "marked": marked, "draws": draws}
        yield case | {"expected": number(log - log_choose(size, draws))}


def noncentral_chi_square():
    for x, df, noncentrality in [
        (0.5, 1, 0.3), (4, 1, 9), (30, 3, 9), (5, 3, 100), (90, 3, 100), (150, 3, 100),
        (9, 9.5, 2), (11000, 9, 1e4), (9500, 9, 1e4), (20, 9, 1200), (40, 400, 5),
    ]:  # fmt: skip
        a, y, mean = mp.mpf(df) / 2, mp.mpf(x) / 2, mp.mpf(noncentrality) / 2
        last = int(mean + 25 * mp.sqrt(mean) + 120)
        lower = mp.gammainc(a + last, 0, y, regularized=True)
        term = mp.exp((a + last) * mp.log(y) - y - mp.loggamma(a + last + 1))
        weight = mp.exp(last * mp.log(mean) - mean - mp.loggamma(last + 1))
        total = mp.mpf(0)
        for j in range(last, -1, -1):
            total += weight * lower
            weight *= j / mean
            term *= (a + j) / y
            lower += term
        case = {"x": x, "df": df, "noncentrality": noncentrality}
        yield case | {"expected": number(total)}


def noncentral_t():
    for t, df, noncentrality in [
        (1, 1, 0.5), (-1, 1, 0.5), (2.5, 2, 1), (3, 5, 8), (12, 5, 8), (2, 18, 0),
        (2, 18, 4), (1.9, 998, 3.7), (40, 38, 60), (-3, 60, -1), (300, 60, 310),
    ]:  # fmt: skip
        v, x, d = mp.mpf(df), mp.mpf(t), mp.mpf(noncentrality)
        front = mp.log(2) + v / 2 * mp.log(v / 2) - mp.loggamma(v / 2)

        def integrand(s, v=v, x=x, d=d, front=front):
            log = front + (v - 1) * mp.log(s) - v * s * s / 2
            return mp.exp(log) * mp.erfc((d - x * s) / mp.sqrt(2)) / 2

        spread = 1 / mp.sqrt(2 * v)
        edges = {1 + k * spread / 2 for k in range(-40, 41)}
        edges |= {d / x + k / (2 * abs(x)) for k in range(-30, 31)} | {mp.mpf("1e-30")}
        low, high = max(mp.mpf(0), 1 - 20 * spread), 1 + 20 * spread
        edges = sorted({low, high} | {e for e in edges if low < e < high})
        with mp.workdps(30):
            value = mp.quad(integrand, edges)
        case = {"t": t, "df": df, "noncentrality": noncentrality}
        yield case | {"expected": number(value)}


CASES = {
    "normal_sf": normal_sf(),
    "normal_log_sf": normal_log_sf(),
    "normal_quantile": normal_quantile(),
    "chi_square_sf": chi_square(log=False),
    "chi_square_log_sf": chi_square(log=True),
    "f_sf": f_cases(log=False),
    "f_log_sf": f_cases(log=True),
    "beta_cdf": beta_cases(),
    "student_t_log_sf": student_t_log_sf(),
    "student_t_quantile": student_t_quantile(),
    "ln_gamma": ln_gamma(),
    "ln_binomial": ln_binomial(),
    "hypergeometric_log_pmf": hypergeometric(),
    "noncentral_chi_square_cdf": noncentral_chi_square(),
    "noncentral_t_cdf": noncentral_t(),
}
if __name__ == "__main__":
    text = json.dumps({name: list(cases) for name, cases in CASES.items()})
    path = Path(__file__).with_name("classical_laws.json")
    path.write_text(text.replace("}, {", "},\n{") + "\n")
