"""The board's tables as rows for a spreadsheet."""

from collections.abc import Callable
from typing import Any

Body = dict[str, Any]
Sheet = tuple[tuple[str, ...], list[tuple[Any, ...]]]


def labels(body: Body) -> Sheet:
    header = ("label", "readable_name", "items", "settled", "fixes", "wrong_before", "wrong_now", "wrong_now_low",
              "wrong_now_high", "alpha")  # fmt: skip
    return header, [
        (row["label"], row["readable_name"], row["items"], row["settled"], row["fixes"], row["before"], row["now"],
         *(row["interval"] or (None, None)), row["alpha"])
        for row in body["by_label"]
    ]  # fmt: skip


def rounds(body: Body) -> Sheet:
    header = ("round", "items", "settled", "open", "disputed")
    return header, [tuple(row[name] for name in header) for row in body["by_round"]]


def reviewers(body: Body) -> Sheet:
    header = ("reviewer", "looks", "flags", "finds", "spares", "planted_seen", "planted_found", "planted_low",
              "planted_high", "real_seen", "real_found", "paused")  # fmt: skip
    return header, [
        (row["username"], row["looks"], row["flags"], row["sensitivity"], row["specificity"], row["honeypots"]["seen"],
         row["honeypots"]["found"], *(row["honeypots"]["interval"] or (None, None)), row["honeypots"]["hard_seen"],
         row["honeypots"]["hard_found"], "yes" if row["paused"] else "no")
        for row in body["reviewers"]
    ]  # fmt: skip


def confusion(body: Body) -> Sheet:
    return ("was", "is", "fixes"), [
        (row["from"], row["to"] or "(no object)", row["count"]) for row in body["confusion"]
    ]


def looks(body: Body) -> Sheet:
    """Hour by hour, all sums until then."""
    header = ("at", "looks", "fixes", "any_order")
    return header, [tuple(row[name] for name in header) for row in body["found"]]


def cost(body: Body) -> Sheet:
    header = ("plan", "looks", "hours", "money", "currency")
    return header, [
        (row["name"], row["looks"], None if row["seconds"] is None else round(row["seconds"] / 3600, 2),
         None if row["money"] is None else round(row["money"], 2), body["cost"]["currency"])
        for row in body["cost"]["plans"]
    ]  # fmt: skip


SHEETS: dict[str, Callable[[Body], Sheet]] = {
    "labels": labels, "rounds": rounds, "reviewers": reviewers, "confusion": confusion, "looks": looks, "cost": cost,
}  # fmt: skip
