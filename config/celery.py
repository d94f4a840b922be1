"""Celery carries wake-ups. What is to be done, and what came of it, stands in the jobs tables."""

import os

from celery import Celery, signals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("isthmus")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@signals.setup_logging.connect
def keep_our_logs(**_kwargs: object) -> None:
    """Connecting to this signal keeps Celery from replacing the redacting log handlers."""
