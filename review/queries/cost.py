"""What a campaign costs, in looks, hours and money, beside other ways to the same end."""

from typing import Any

from ..models import Campaign

THREE = 3


def of(campaign: Campaign, body: dict[str, Any], handed_in: dict[str, float], to_go: float) -> dict[str, Any]:
    """{batches, looks, seconds, seconds_per_look, seconds_per_item, price, price_per, currency, plans}. Looks are all
    that people made: planted ones and those that came too late are work too. plans: what is spent, what it will be at
    the end, what three looks at each item would take at this campaign's pace, and what one look at each would where
    people open one item at a time, if the lead has said how long that takes."""
    looks, seconds, items = handed_in["looks"], handed_in["seconds"], body["items"]
    a_look = seconds / looks if looks and seconds else None
    counted = body["looks"]["counted"]
    extra = looks / counted if counted else 1.0
    end = looks + to_go * extra

    def plan(name: str, looks: float | None, seconds: float | None) -> dict[str, Any]:
        return {"name": name, "looks": None if looks is None else round(looks), "seconds": seconds,
                "money": money(campaign, looks, seconds)}  # fmt: skip

    def at_pace(looks: float) -> float | None:
        return None if a_look is None else looks * a_look

    alone = campaign.one_by_one_seconds
    reached = items - body["states"]["open"]
    return {
        "batches": int(handed_in["batches"]),
        "looks": int(looks),
        "seconds": seconds,
        "seconds_per_look": a_look,
        "seconds_per_item": seconds / reached if reached and seconds else None,
        "price": campaign.price,
        "price_per": campaign.price_per,
        "currency": campaign.currency,
        "plans": [
            plan("so_far", looks, seconds if looks else 0.0),
            plan("to_the_end", end, None if a_look is None else seconds + (end - looks) * a_look),
            plan("three_looks", THREE * items * extra, at_pace(THREE * items * extra)),
            plan("one_by_one", items, None if alone is None else items * alone),
        ],
    }


def money(campaign: Campaign, looks: float | None, seconds: float | None) -> float | None:
    """By the campaign's price; None where that, or what it is of, is unknown."""
    much = looks if campaign.price_per == Campaign.PricePer.LOOK else None if seconds is None else seconds / 3600
    return None if campaign.price is None or much is None else campaign.price * much
