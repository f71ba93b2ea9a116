"""The number that live pages watch."""

from django.db import connection

from ..models import Campaign

# Of two events that are written at once the later number may be seen first: the earlier one then changes how many there
# are near the end. Nothing is under way for as long as it takes to write so many.
NEAR = 1000
VERSION = """SELECT last.id * 1024 + (SELECT count(*) FROM review_auditevent e WHERE e.campaign_id = %(campaign)s
    AND e.id > last.id - %(near)s)
  FROM (SELECT id FROM review_auditevent WHERE campaign_id = %(campaign)s ORDER BY id DESC LIMIT 1) last"""


def version(campaign: Campaign | int) -> int:
    """Grows with each event of the campaign's audit log that can be seen."""
    key = campaign if isinstance(campaign, int) else campaign.pk
    with connection.cursor() as cursor:
        cursor.execute(VERSION, {"campaign": key, "near": NEAR})
        row = cursor.fetchone()
    return int(row[0]) if row else 0
