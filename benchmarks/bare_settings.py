"""The site's settings with one view and no middleware."""

from mlfix_site.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.bare_urls"
MIDDLEWARE: list[str] = []
