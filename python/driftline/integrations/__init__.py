"""driftline with the packages of others, each an extra that is imported when it is
used: ``driftline.integrations.AppriseSink`` (``pip install 'driftline[apprise]'``) and
``MLflowScheduler`` (``pip install 'driftline[mlflow]'``).
"""

from driftline.integrations.apprise import AppriseSink
from driftline.integrations.mlflow import MLflowScheduler

__all__ = ["AppriseSink", "MLflowScheduler"]
