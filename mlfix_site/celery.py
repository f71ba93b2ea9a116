"""The Celery application: two queues, `general` and `ranking`; state lives in PostgreSQL, never in a result."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mlfix_site.settings")
app = Celery("mlfix")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["review"])
