#!/usr/bin/env python
"""The command line of the site. Starts the embedded engines for as long as a command needs them."""

import os
import sys

# Commands that never touch a database, a queue or a file of the site.
WITHOUT_ENGINES = {"help", "makemessages", "compilemessages", "spectacular", "collectstatic"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mlfix_site.settings")
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if command in WITHOUT_ENGINES:
        # The settings want addresses, and these commands go to none.
        os.environ.setdefault("DATABASE_URL", "postgres:///none")
        os.environ.setdefault("REDIS_URL", "redis:///0")
    else:
        from mlfix_site import embedded

        embedded.ensure()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
