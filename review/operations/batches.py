"""Which batches a claim searches: those with an item that wants more looks."""

from django.db import connection

from ..models import Campaign


def close_spent() -> None:
    """Batches of any campaign whose looks are all counted. One whose places are lent stays open: they may come back."""
    with connection.cursor() as cursor:
        cursor.execute(
            # The first question is looked up batch by batch, and answers for nearly all of them; the second alone
            # would be answered by reading all verdicts.
            """UPDATE review_batch b SET open = FALSE WHERE b.open
                 AND (SELECT TRUE FROM review_verdict v WHERE v.batch_id = b.id AND v.wanted > v.lent + v.counted
                      LIMIT 1) IS NULL
                 AND (SELECT TRUE FROM review_verdict v WHERE v.batch_id = b.id AND v.wanted > v.counted
                      LIMIT 1) IS NULL"""
        )


def open_wanting(campaign: Campaign) -> None:
    """A batch that was spent is open again where more looks at its items are wanted."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE review_batch b SET open = TRUE WHERE b.campaign_id = %s AND NOT b.open AND EXISTS (
                 SELECT 1 FROM review_verdict v WHERE v.batch_id = b.id AND v.wanted > v.lent + v.counted)""",
            [campaign.pk],
        )
