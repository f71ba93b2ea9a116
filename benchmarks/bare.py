"""The least a Django view could do: what claims and hand-ins are held against."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.bare_settings")

from django.core.asgi import get_asgi_application  # noqa: E402

application = get_asgi_application()
