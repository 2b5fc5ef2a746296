"""driftline with the packages of others, each an extra that is imported when it is
used: ``driftline.integrations.AppriseSink`` (``pip install 'driftline[apprise]'``).
"""

from driftline.integrations.apprise import AppriseSink

__all__ = ["AppriseSink"]
