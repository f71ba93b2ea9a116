"""Two accounts that may be one person: counted as one until the lead has decided."""

import pytest

from review.models import Assignment, Pair
from review.operations import claim, refit, submit, sweep
from tests import make


def look(campaign, member, rows=()) -> None:
    """Look at all there is, and flag the items of these rows."""
    while isinstance(lent := claim.claim(campaign=campaign, member=member), Assignment):
        tiles = lent.tiles.filter(item__row__in=rows).values_list("position", flat=True)
        flags = [{"position": p, "reason": "wrong_label", "label": None, "comment": ""} for p in tiles]
        submit.submit(assignment=lent, revision=0, flags=flags, seen=make.everything(lent))


@pytest.fixture
def twice(project, dataset, lead):
    """A campaign of two looks each, given by two accounts."""
    campaign = make.campaign(dataset, lead, policy="fixed", looks_min=2, looks_max=2)
    people = [make.member(project, name) for name in ("ann", "anna")]
    for member in people:
        look(campaign, member)
    one, other = sorted(member.user_id for member in people)
    return campaign, Pair.objects.create(
        campaign=campaign, one_id=one, other_id=other, common=48, both=9, expected=0.5
    )  # fmt: skip


def states(campaign) -> set:
    return set(campaign.verdicts.values_list("state", "counted", "wanted"))


def test_two_who_count_as_one_have_looked_once(project, twice):
    campaign, _ = twice
    assert states(campaign) == {("clean", 2, 2)}
    refit.refit(campaign.pk)
    assert states(campaign) == {("open", 2, 3)}  # Somebody else is still wanted.
    look(campaign, make.member(project, "ben"))
    assert states(campaign) == {("clean", 3, 3)}


def test_what_the_lead_decides_holds_from_the_next_refit_which_is_due_at_once(lead, project, twice):
    campaign, pair = twice
    refit.refit(campaign.pk)
    browser = make.client(lead)
    [shown] = browser.get(f"/api/campaigns/{campaign.pk}/pairs/").json()["results"]
    assert (shown["reviewers"], shown["state"]) == (["ann", "anna"], "suspected")
    answer = browser.post(f"/api/pairs/{pair.pk}/", {"state": "two"}, format="json").json()
    assert (answer["state"], answer["decided_by"]) == ("two", "lead")
    assert sweep.due_for_refit() == [campaign.pk]
    refit.refit(campaign.pk)
    assert {state for state, _, _ in states(campaign)} == {"clean"}
    assert sweep.due_for_refit() == []


def test_an_account_that_repeats_anothers_mistakes_is_found_and_honest_people_are_not(project, lead):
    dataset, truth = make.dataset(project, lead, each=60, wrong={5: "square", 50: "disc", 99: "bar"})
    campaign = make.campaign(dataset, lead, batch_size=60, policy="fixed", looks_min=4, looks_max=4)
    copied = list(range(3, 240, 12))
    for name, rows in (("ann", copied), ("anna", copied), ("ben", [6, 51, 100]), ("cleo", [6, 51, 100, 7])):
        look(campaign, make.member(project, name), rows)
    refit.refit(campaign.pk)
    found = campaign.pairs.values_list("one__username", "other__username", "both")
    assert [tuple(sorted(row[:2])) for row in found] == [("ann", "anna")]
    assert campaign.fit is not None
    campaign.refresh_from_db()
    assert len(campaign.fit.aliases) == 1
    assert {wanted for _, _, wanted in states(campaign)} == {5}
