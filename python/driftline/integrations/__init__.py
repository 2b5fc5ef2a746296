"""driftline in the packages of others. Each has a module of its own here, and is imported
when it is used; most are extras (``pip install 'driftline[keras]'``), the middlewares need
nothing:

========================================= ==================================================
``asgi.DriftlineMiddleware``              requests of FastAPI, Starlette, Litestar
``wsgi.DriftlineMiddleware``              requests of Flask, Django
``sklearn.monitored``                     fits and predictions of scikit-learn's estimators
``keras.DriftlineCallback``               trainings of Keras
``lightning.DriftlineCallback``           trainings of Lightning
``transformers.DriftlineCallback``        trainings of Hugging Face's ``Trainer``
``xgboost.DriftlineCallback``             trainings of XGBoost
``lightgbm.DriftlineCallback``            trainings of LightGBM
``catboost.DriftlineCallback``            trainings of CatBoost
``mlflow.log_report``, ``MLflowLogger``   reports and metrics in MLflow's runs
``MLflowScheduler``                       retraining by way of MLflow's registry
``AppriseSink``                           alerts by way of Apprise
========================================= ==================================================

What watches a host never disturbs it: a failure of a hub, an observer or a monitor is
counted (``failures``) and logged once until it is over (logger
``driftline.integrations``); the host's own exceptions pass unchanged.
"""

from driftline.integrations.apprise import AppriseSink
from driftline.integrations.mlflow import MLflowScheduler

__all__ = ["AppriseSink", "MLflowScheduler"]
