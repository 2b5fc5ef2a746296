"""Expected values of Bayesian online changepoint detection, exact and unpruned.

Run in an environment with NumPy and SciPy:
    python tests/data/generate_bocpd_cases.py > tests/data/bocpd.json
The recursion of Adams & MacKay (2007), algorithm 1, in logarithms with the predictive
distributions of SciPy, over all run lengths.
"""

import json

import numpy as np
from scipy import stats
from scipy.special import logsumexp


def gaussian(prior):
    """Log predictive density of the next value after each run, and its mean."""
    mean0, kappa0, alpha0, beta0 = prior

    def predict(run, x):
        n = len(run)
        average = np.mean(run) if n else 0.0
        kappa, alpha = kappa0 + n, alpha0 + n / 2
        mean = (kappa0 * mean0 + n * average) / kappa
        beta = beta0 + np.sum((run - average) ** 2) / 2
        beta += kappa0 * n * (average - mean0) ** 2 / (2 * kappa)
        scale = np.sqrt(beta * (kappa + 1) / (alpha * kappa))
        return stats.t.logpdf(x, 2 * alpha, mean, scale), mean

    return predict


def bernoulli(prior):
    _, _, a, b = prior

    def predict(run, x):
        p = (a + np.sum(run)) / (a + b + len(run))
        return stats.bernoulli.logpmf(x, p), p

    return predict


def poisson(prior):
    _, _, a, b = prior

    def predict(run, x):
        shape, rate = a + np.sum(run), b + len(run)
        return stats.nbinom.logpmf(x, shape, rate / (rate + 1)), shape / rate

    return predict


def reference(model, values, prior, hazard, window):
    values = np.asarray(values, dtype=float)
    predict = model(prior)
    log = np.array([0.0])  # by run length, 0 first
    probabilities, lengths, means = [], [], []
    for t, x in enumerate(values):
        density = np.array([predict(values[t - r : t], x)[0] for r in range(t + 1)])
        joint = log + density
        log = np.concatenate([[np.log(hazard)], joint - logsumexp(joint) + np.log1p(-hazard)])
        weights = np.exp(log)
        recent = weights[1 : min(window, t) + 1].sum() / (1 - hazard)
        probabilities.append(float(recent))
        lengths.append(int(np.argmax(weights)))
        after = [predict(values[t + 1 - r : t + 1], 0)[1] for r in range(t + 2)]
        means.append(float(weights @ np.array(after)))
    return probabilities, lengths, means


def main():
    rng = np.random.default_rng(7)
    n, half = 120, 70
    normal = np.concatenate([rng.normal(1, 2, half), rng.normal(4, 1, n - half)])
    outlier = normal.copy()
    outlier[30] = 1e6
    coins = np.concatenate([rng.random(half) < 0.2, rng.random(n - half) < 0.7])
    counts = np.concatenate([rng.poisson(3, half), rng.poisson(40, n - half)])
    streams = [
        ("gaussian", gaussian, np.round(normal, 3), (0, 1, 1, 1), 0.004, 30),
        ("gaussian", gaussian, np.round(outlier, 3), (1, 0.5, 2, 3), 0.02, 200),
        ("bernoulli", bernoulli, coins.astype(int), (0, 1, 0.5, 2), 0.01, 25),
        ("poisson", poisson, counts, (0, 1, 1, 0.5), 0.01, 25),
    ]
    cases = []
    for name, model, values, prior, hazard, window in streams:
        probabilities, lengths, means = reference(model, values, prior, hazard, window)
        cases.append(
            {
                "parameters": {
                    "model": name,
                    "hazard": hazard,
                    "window": window,
                    **dict(
                        zip(
                            ("prior_mean", "prior_kappa", "prior_alpha", "prior_beta"),
                            prior,
                            strict=True,
                        )
                    ),
                    "prune": 0,
                    "max_run_lengths": 1000,
                },
                "values": values.tolist(),
                "probability": probabilities,
                "run_length": lengths,
                "estimation": means,
            }
        )
    rows = ",\n".join(json.dumps(case) for case in cases)
    print(
        '{"source": "scipy, exact recursion of Adams & MacKay 2007 (generate_bocpd_cases.py)",\n'
        f'"cases": [\n{rows}\n]}}'
    )


if __name__ == "__main__":
    main()
