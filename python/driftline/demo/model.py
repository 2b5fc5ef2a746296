"""The model: a ridge regression in closed form."""

from typing import NamedTuple

import numpy as np

from driftline.demo.flights import FEATURES, Vector

PENALTY = 10.0


class Ridge(NamedTuple):
    """A fitted ridge regression on standardised features."""

    mean: Vector
    scale: Vector
    weights: Vector
    intercept: float

    @classmethod
    def fit(cls, features: Vector, target: Vector) -> "Ridge":
        """In closed form: (X'X + penalty I) w = X'y."""
        mean, scale = features.mean(axis=0), features.std(axis=0)
        x, y = (features - mean) / scale, target - target.mean()
        weights = np.linalg.solve(x.T @ x + PENALTY * np.eye(x.shape[1]), x.T @ y)
        return cls(mean, scale, weights, float(target.mean()))

    def predict(self, row: Vector) -> float:
        """The prediction for one flight. Unknown weather is taken for average; a
        flight that never departed has no prediction."""
        standardised = (row - self.mean) / self.scale
        if np.isnan(standardised[0]):
            raise ValueError(f"{FEATURES[0]} is missing")
        standardised[np.isnan(standardised)] = 0.0
        return self.intercept + float(standardised @ self.weights)

    def predict_many(self, rows: Vector) -> Vector:
        """The same for many; NaN where there is none."""
        standardised = (rows - self.mean) / self.scale
        predictions: Vector = self.intercept + np.nan_to_num(standardised) @ self.weights
        predictions[np.isnan(standardised[:, 0])] = np.nan
        return predictions
