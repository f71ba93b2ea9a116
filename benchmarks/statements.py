"""The statements of real claims and hand-ins, as text, so that a bare view can execute them again.

They are recorded from the site's own views in a transaction that is rolled back, one pair after another, each by
another person; so each finds on its second run the rows that it found on its first, and its bytes are the real answer.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.load import Headers, marks

ASSIGNMENT = 'INSERT INTO "review_assignment" ('


def record(campaign: int, who: list[Headers], count: int, path: Path) -> float:
    """Write `count` pairs to a file; returns how many statements a pair has, on average."""
    from django.db import transaction

    pairs = []
    with transaction.atomic():
        for number in range(count):
            pairs.append(one(campaign, who[number % len(who)]))
        transaction.set_rollback(True)
    path.write_text(json.dumps(pairs))
    return sum(len(half["statements"]) for pair in pairs for half in pair) / count


def one(campaign: int, who: Headers) -> list[dict[str, Any]]:
    """The statements and the answers of a claim and of its hand-in."""
    from django.test import Client

    browser = Client(headers=who | {"Host": "localhost"})
    with recorded() as of_claim:
        claimed = browser.post(f"/api/campaigns/{campaign}/claim/", {}, content_type="application/json")
    lent = claimed.json()
    assert "id" in lent, lent
    with recorded() as of_hand_in:
        done = browser.post(f"/api/assignments/{lent['id']}/submit/", marks(lent), content_type="application/json")
    assert done.status_code == 200, done.content
    # Other rows name the assignment by the number that it has.
    numbered = [with_number(statement, lent["id"]) for statement in of_claim]
    return [
        {"statements": numbered, "answer": claimed.content.decode()},
        {"statements": of_hand_in, "answer": done.content.decode()},
    ]


def with_number(statement: str, number: int) -> str:
    if not statement.startswith(ASSIGNMENT):
        return statement
    return statement.replace(ASSIGNMENT, ASSIGNMENT + '"id", ', 1).replace("VALUES (", f"VALUES ({number}, ", 1)


@contextmanager
def recorded() -> Iterator[list[str]]:
    """What is sent to the database meanwhile, with its values in it."""
    from django.db import connection

    sent: list[str] = []

    def note(execute: Any, sql: Any, parameters: Any, many: bool, context: Any) -> Any:
        if not str(sql).startswith(("SAVEPOINT", "RELEASE")):
            sent.append(connection.ops.compose_sql(sql, parameters))
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(note):
        yield sent
