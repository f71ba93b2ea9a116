"""Words that templates take out of the database, so that whoever gathers the texts to translate finds them."""

from django.utils.translation import gettext_noop

WORDS = [
    gettext_noop("reviewer"),
    gettext_noop("supervisor"),
    gettext_noop("lead"),
    gettext_noop("draft"),
    gettext_noop("planning"),
    gettext_noop("open"),
    gettext_noop("paused"),
    gettext_noop("closed"),
]
