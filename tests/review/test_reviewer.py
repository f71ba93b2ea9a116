"""One reviewer as their supervisor sees them, and a batch that is sent back."""

import pytest

from review.models import Assignment, AuditEvent, Fix, Look
from review.operations import claim, flag, resolve, submit
from tests import make


@pytest.fixture
def reviewed(project, lead, wrong):
    """After some others' first batches (planted is only what others may look at still), Ann flags nothing of all that
    is left, Ben what is wrong."""
    dataset, truth = make.dataset(project, lead, each=60, wrong=wrong)
    campaign = make.campaign(dataset, lead, policy="fixed", looks_min=2, looks_max=2, honeypots=2, quality_min=0)
    for name, most in (("cleo", 1), ("dan", 1), ("eve", 1), ("finn", 1), ("ann", 99), ("ben", 99)):
        member = make.member(project, name)
        for _ in range(most):
            if not isinstance(lent := claim.claim(campaign=campaign, member=member), Assignment):
                break
            flags = [] if name == "ann" else make.flags_of_truth(lent, truth)
            submit.submit(assignment=lent, revision=0, flags=flags, seen=make.everything(lent))
    campaign.refresh_from_db()
    return campaign


@pytest.fixture
def sue(project):
    return make.client(make.member(project, "sue", "supervisor").user)


def test_a_reviewers_quality_batches_and_disagreements_are_told(reviewed, sue):
    ann = sue.get(f"/api/campaigns/{reviewed.pk}/reviewers/ann/").json()
    ben = sue.get(f"/api/campaigns/{reviewed.pk}/reviewers/ben/").json()
    assert (ann["flags"], ann["honeypots"]["found"]) == (0, 0) and ann["honeypots"]["seen"] > 0
    assert ann["honeypots"]["seen"] == sum(batch["planted"] for batch in ann["batches"])
    assert ben["honeypots"]["found"] == sum(batch["found"] for batch in ben["batches"])
    assert sum(batch["tiles"] for batch in ann["batches"]) == Look.objects.filter(reviewer__username="ann").count()
    times = [batch["at"] for batch in ann["batches"]]
    assert times == sorted(times, reverse=True)


def test_items_that_were_settled_otherwise_are_shown_with_what_became_of_them(reviewed, sue, lead):
    """Where Ann left an item that Ben flagged, a supervisor has the last word."""
    said_by_ben = Look.objects.filter(campaign=reviewed, reviewer__username="ben", planted=False).exclude(reason="")
    one, other = reviewed.verdicts.filter(state="disputed", item__in=said_by_ben.values("item")).order_by("pk")[:2]
    right = said_by_ben.get(item=one.item_id).suggested
    resolve.resolve(verdict=one, by=lead, action="relabel", label=right)
    resolve.resolve(verdict=other, by=lead, action="clean")

    def otherwise(name: str) -> dict[int, dict]:
        person = sue.get(f"/api/campaigns/{reviewed.pk}/reviewers/{name}/").json()
        return {row["item"]: row for row in person["otherwise"]}

    missed, mistaken = otherwise("ann"), otherwise("ben")
    assert (missed[one.item_id]["reason"], missed[one.item_id]["became"]) == ("", right.name)
    assert one.item_id not in mistaken and other.item_id not in missed
    assert (mistaken[other.item_id]["reason"], mistaken[other.item_id]["state"]) == ("wrong_label", "clean")


def test_somebody_who_is_not_there_is_not_found(reviewed, sue, lead):
    for name in ("nobody", "zoe"):
        make.user("zoe") if name == "zoe" else None
        assert sue.get(f"/api/campaigns/{reviewed.pk}/reviewers/{name}/").status_code == 404
    fresh = make.campaign(reviewed.dataset, lead)
    empty = sue.get(f"/api/campaigns/{fresh.pk}/reviewers/ann/").json()
    assert empty["looks"] == 0 and empty["batches"] == [] and empty["sensitivity"] is None


def test_what_somebody_has_in_hand_is_taken_back_and_may_still_come_late(campaign, project, sue):
    member = make.member(project, "ann")
    at, ahead = (claim.claim(campaign=campaign, member=member) for _ in range(2))
    mark = {"position": 0, "reason": "wrong_label", "label": None, "comment": ""}
    flag.save(assignment=at, revision=0, flags=[mark], seen=[0, 1])
    path = f"/api/campaigns/{campaign.pk}/reviewers/ann/"
    in_hand = sue.get(path).json()["in_hand"]
    assert (in_hand["batches"], in_hand["tiles"]) == (2, at.tiles.count() + ahead.tiles.count()) and in_hand["until"]
    assert sue.post(f"{path}take-back/").json()["in_hand"] == {"batches": 0, "tiles": 0, "until": None}
    assert set(campaign.assignments.values_list("state", flat=True)) == {"lapsed"}
    assert not campaign.verdicts.filter(lent__gt=0).exists()
    assert AuditEvent.objects.filter(verb="batches taken back").exists()
    late = submit.submit(assignment=at)
    assert late.counted == 2 and late.flags[0]["reason"] == "wrong_label"
    assert sue.post(f"{path}take-back/").json()["in_hand"]["batches"] == 0  # twice does no harm


def test_a_batch_is_shown_as_its_reviewer_saw_and_marked_it(reviewed, sue):
    done = reviewed.assignments.filter(reviewer__username="ben", state="handed_in").order_by("pk").first()
    batch = sue.get(f"/api/assignments/{done.pk}/batch/").json()
    assert [tile["position"] for tile in batch["tiles"]] == sorted(make.everything(done))
    flagged = {mark["position"] for mark in done.flags}
    assert {tile["position"] for tile in batch["tiles"] if tile["reason"]} == flagged
    assert sum(tile["planted"] for tile in batch["tiles"]) == done.tiles.filter(planted=True).count()
    assert batch["sent_back"] is None


def test_what_is_sent_back_counts_no_more_and_others_are_asked(reviewed, project, sue):
    done = reviewed.assignments.filter(reviewer__username="ann").order_by("pk").first()
    ordinary = list(done.tiles.filter(planted=False).values_list("item", flat=True))
    before = dict(reviewed.verdicts.filter(item__in=ordinary).values_list("item", "counted"))
    path = f"/api/assignments/{done.pk}/send-back/"
    assert sue.post(path, {"why": " "}, format="json").status_code == 400
    batch = sue.post(path, {"why": "The whole batch was left alone."}, format="json").json()
    assert batch["sent_back"] == "The whole batch was left alone." and batch["counted"] == 0
    again = sue.post(path, {"why": "Again."}, format="json")
    assert again.status_code == 409 and "sent back already" in again.json()["detail"]
    now = reviewed.verdicts.filter(item__in=ordinary)
    assert {verdict.item_id: verdict.counted + 1 for verdict in now} == before
    assert {(verdict.state, verdict.wanted) for verdict in now} == {("open", 2)}
    assert not Fix.objects.filter(item__in=ordinary, state="applied").exists()
    ann = sue.get(f"/api/campaigns/{reviewed.pk}/reviewers/ann/").json()
    assert ann["batches"][-1]["sent_back"] and not ann["batches"][0]["sent_back"]
    assert AuditEvent.objects.get(verb="sent back").data["reviewer"] == "ann"
    # Whoever said it is not asked again; somebody else is.
    assert isinstance(claim.claim(campaign=reviewed, member=project.members.get(user__username="ann")), claim.Nothing)
    lent = claim.claim(campaign=reviewed, member=make.member(project, "gil"))
    assert set(lent.tiles.filter(planted=False).values_list("item", flat=True)) <= set(ordinary)
    assert sue.get(f"/api/assignments/{lent.pk}/batch/").status_code == 404  # in hand: nobody sees it
