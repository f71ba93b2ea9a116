"""HTTP through Django, sockets through Channels; a socket from a foreign origin is refused before it is accepted."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mlfix_site.settings")
django_application = get_asgi_application()

from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402
from django.conf import settings  # noqa: E402

from mlfix_site import celery  # noqa: E402,F401  (tasks sent from web need the configured app)
from mlfix_site.upload_limit import upload_limit  # noqa: E402
from review.consumers import routes  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": upload_limit(django_application, settings.MAX_UPLOAD_BYTES),
        "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(routes))),
    }
)
