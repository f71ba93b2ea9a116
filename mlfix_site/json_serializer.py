"""What the cache keeps, as JSON: bytes put there by somebody else are data and never a program."""

import json
from typing import Any


class JsonSerializer:
    """Django's cache asks for these two. A whole number stays as it is, so that Redis can count with it."""

    def dumps(self, value: Any) -> bytes | int:
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        return json.dumps(value).encode()

    def loads(self, data: bytes) -> Any:
        """Raises ValueError for what is not JSON."""
        return json.loads(data)
