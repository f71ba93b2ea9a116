"""What planted checks lead to: a pause for whoever sees nothing, a hearing for whoever disagrees."""

import numpy as np
import pytest

from review.consensus.quality import surely_below
from review.models import Assignment, Contest, Look, Member, Verdict
from review.operations import claim, quality, submit, teams
from review.queries.quality import scores
from tests import make


@pytest.fixture
def checked(project, lead):
    """Many small batches with two wrong labels planted in each, and some people at work: an item is planted only where
    enough others are left for its own looks."""
    dataset, truth = make.dataset(project, lead, each=60)
    campaign = make.campaign(dataset, lead, batch_size=12, honeypots=2, policy="fixed", looks_min=2, looks_max=2)
    for name in ("cleo", "dan", "eve", "finn"):
        work(campaign, make.member(project, name), lambda lent: make.flags_of_truth(lent, truth), 1)
    return campaign, truth


def work(campaign, member, flags, batches: int) -> list[Assignment]:
    """Claim and hand in, flagging what `flags` says of an assignment."""
    done = []
    for _ in range(batches):
        lent = claim.claim(campaign=campaign, member=member)
        if not isinstance(lent, Assignment):
            break
        submit.submit(assignment=lent, revision=0, flags=flags(lent), seen=make.everything(lent))
        member.refresh_from_db()
        done.append(lent)
    return done


def nothing(lent: Assignment) -> list:
    return []


def test_whoever_flags_nothing_is_paused_within_eight_batches_and_told_why(project, checked, lead):
    campaign, _ = checked
    member = make.member(project, "idle")
    done = work(campaign, member, nothing, 20)
    assert member.paused and len(done) <= 8
    said = claim.claim(campaign=campaign, member=member)
    assert isinstance(said, claim.Nothing)
    assert "planted to check, you flagged 0" in said.reason and "is kept" in said.reason
    other = make.member(project, "other")
    why = {
        viewer.username: row["paused_why"]
        for viewer in (member.user, other.user, lead)
        for row in make.client(viewer).get(f"/api/projects/{project.pk}/members/").json()["results"]
        if row["username"] == "idle"
    }
    assert why["idle"] == why["lead"] != "" and why["other"] == ""
    assert Look.objects.filter(campaign=campaign, reviewer=member.user, counted=True).exists()


def test_whoever_is_paused_by_checks_keeps_nothing_that_was_lent_ahead(project, checked):
    campaign, _ = checked
    member = make.member(project, "idle")
    at = claim.claim(campaign=campaign, member=member)
    while not member.paused:
        ahead = claim.claim(campaign=campaign, member=member)
        submit.submit(assignment=at, revision=0, flags=[], seen=make.everything(at))
        member.refresh_from_db()
        at = ahead
    at.refresh_from_db()
    assert at.state == "released" and not campaign.assignments.filter(reviewer=member.user, state="lent").exists()


def test_whoever_finds_what_is_planted_goes_on(project, checked):
    campaign, truth = checked
    member = make.member(project, "ann")
    done = work(campaign, member, lambda lent: make.flags_of_truth(lent, truth), 12)
    assert len(done) == 12 and not member.paused
    score = scores(campaign).get(member.user_id)
    assert score.found == score.seen >= 16


def test_after_a_lead_lets_them_go_on_only_what_comes_then_counts(project, checked, lead):
    campaign, truth = checked
    member = make.member(project, "idle")
    work(campaign, member, nothing, 20)
    browser = make.client(lead)
    answer = browser.post(
        f"/api/projects/{project.pk}/members/", {"username": "idle", "paused": False}, format="json"
    ).json()
    assert (answer["paused"], answer["paused_why"], answer["role"]) == (False, "", "reviewer")
    member.refresh_from_db()
    assert len(work(campaign, member, lambda lent: make.flags_of_truth(lent, truth), 2)) == 2
    assert not member.paused


def test_no_bar_pauses_nobody(project, dataset, lead):
    campaign = make.campaign(dataset, lead, honeypots=2, quality_min=0)
    member = make.member(project, "idle")
    work(campaign, member, nothing, 20)
    assert not member.paused


@pytest.mark.parametrize("sensitivity", [0.5, 0.6, 0.88])
def test_hardly_anybody_who_is_as_good_as_the_bar_is_ever_paused(sensitivity):
    rng = np.random.default_rng(5)
    paused = 0
    for _ in range(400):
        found = np.cumsum(rng.random(200) < sensitivity)
        paused += any(surely_below(int(hits), tries, 0.5) for tries, hits in enumerate(found, 1))
    assert paused <= 8  # one in a hundred at most, and what 400 trials may stray


def first_missed(campaign, project, name="idle") -> tuple[Member, Assignment, int]:
    member = make.member(project, name)
    lent = work(campaign, member, nothing, 1)[0]
    lent.refresh_from_db()
    return member, lent, make.client(member.user).get(f"/api/assignments/{lent.pk}/checks/").json()["results"][0]


def test_missed_checks_are_shown_after_the_hand_in_and_not_before(project, checked):
    campaign, _ = checked
    member = make.member(project, "ann")
    lent = claim.claim(campaign=campaign, member=member)
    browser = make.client(member.user)
    assert browser.get(f"/api/assignments/{lent.pk}/checks/").json() == {"results": []}
    assert browser.post(f"/api/assignments/{lent.pk}/checks/", {"position": 0}, format="json").status_code == 400
    submit.submit(assignment=lent, revision=0, flags=[], seen=make.everything(lent))
    shown = browser.get(f"/api/assignments/{lent.pk}/checks/").json()["results"]
    planted = lent.tiles.filter(planted=True).order_by("position").values_list("position", flat=True)
    assert [check["position"] for check in shown] == list(planted)
    assert all(check["shown"] != check["label"] and check["contest"] is None for check in shown)


def test_a_contest_that_is_upheld_counts_for_nobody_any_more(project, checked):
    campaign, _ = checked
    member, lent, check = first_missed(campaign, project)
    supervisor = make.client(make.member(project, "sue", "supervisor").user)
    browser = make.client(member.user)
    for _ in range(2):  # Twice is once.
        answer = browser.post(
            f"/api/assignments/{lent.pk}/checks/",
            {"position": check["position"], "comment": "it is one"},
            format="json",
        ).json()
    assert answer["results"][0]["contest"] == "open"
    before = scores(campaign).get(member.user_id).seen
    [waiting] = supervisor.get(f"/api/campaigns/{campaign.pk}/contests/").json()["results"]
    assert (waiting["reviewer"], waiting["comment"], waiting["mine"]) == ("idle", "it is one", False)
    done = supervisor.post(f"/api/contests/{waiting['id']}/", {"upheld": True}, format="json").json()
    assert done["state"] == "upheld"
    assert scores(campaign).get(member.user_id).seen == before - 1
    assert not supervisor.get(f"/api/campaigns/{campaign.pk}/contests/").json()["results"]


def test_nobody_answers_a_contest_of_their_own(project, checked):
    campaign, _ = checked
    member, lent, check = first_missed(campaign, project)
    contest = quality.contest(assignment=lent, position=check["position"])
    Member.objects.filter(pk=member.pk).update(role="supervisor")
    answer = make.client(member.user).post(f"/api/contests/{contest.pk}/", {"upheld": True}, format="json")
    assert answer.status_code == 400 and "Another supervisor" in str(answer.json())
    assert Contest.objects.get().state == "open"


def test_whoever_was_paused_by_checks_that_no_longer_count_goes_on(project, checked, lead):
    campaign, _ = checked
    member = make.member(project, "idle")
    done = work(campaign, member, nothing, 20)
    assert member.paused
    for lent in done[:3]:
        lent.refresh_from_db()
        for look in quality.missed(lent):
            position = lent.tiles.get(item=look.item).position
            quality.answer(contest=quality.contest(assignment=lent, position=position), upheld=True, by=lead)
    member.refresh_from_db()
    assert not member.paused and member.paused_why == ""


def test_accepted_fixes_are_planted_too_so_that_checks_are_as_hard_as_real_errors(project, lead):
    wrong = dict.fromkeys(range(1, 60, 4), "square")
    dataset, truth = make.dataset(project, lead, each=40, wrong=wrong)
    campaign = make.campaign(dataset, lead, batch_size=40, honeypots=4, policy="fixed", looks_min=1, looks_max=1,
                             slice={"labels": ["square"]})  # fmt: skip
    first, second = make.member(project, "ann"), make.member(project, "ben")
    work(campaign, first, lambda lent: make.flags_of_truth(lent, truth), 1)
    fixed = set(campaign.verdicts.filter(state=Verdict.State.FIX).values_list("item_id", flat=True))
    assert fixed
    lent = claim.claim(campaign=campaign, member=second)
    planted = set(lent.tiles.filter(planted=True).values_list("item_id", flat=True))
    assert planted & fixed
    submit.submit(assignment=lent, revision=0, flags=[], seen=make.everything(lent))
    score = scores(campaign).get(second.user_id)
    assert (score.hard_seen, score.hard_found) == (len(planted & fixed), 0)
    assert score.seen == len(planted)


def test_whoever_reviews_alone_is_measured_too_and_still_looks_at_everything(project, lead, wrong):
    dataset, truth = make.dataset(project, lead, each=30, wrong=wrong)
    campaign = make.campaign(dataset, lead, policy="solo", batch_size=20, honeypots=2)
    make.review_alone(campaign, project, truth)
    score = scores(campaign).get(lead.pk)
    assert score.found == score.seen >= 6
    assert set(campaign.verdicts.values_list("counted", flat=True)) == {1}
    assert campaign.verdicts.filter(state="fix").count() == len(wrong)
    assert not project.members.get().paused


def test_a_person_is_lent_their_own_labels_alone(project, dataset, lead):
    campaign = make.campaign(dataset, lead, policy="fixed", looks_min=1, looks_max=1)
    member = make.member(project, "ann")
    teams.place(member=member, given={"labels": ["disc", "bar"]}, by=lead)
    lent = work(campaign, member, nothing, 20)
    shown = {label for one in lent for label in one.tiles.values_list("label__name", flat=True)}
    assert shown == {"disc", "bar"}
    said = claim.claim(campaign=campaign, member=member)
    assert isinstance(said, claim.Nothing) and said.reason.startswith("Your classes are done")


def test_a_claim_may_wish_for_a_short_one(project, dataset, lead):
    campaign = make.campaign(dataset, lead, policy="fixed", looks_min=1, looks_max=1)
    browser = make.client(make.member(project, "ann").user)
    lent = browser.post(f"/api/campaigns/{campaign.pk}/claim/", {"tiles": 5}, format="json").json()
    assert sum(len(section["tiles"]) for section in lent["sections"]) == 5


def test_no_more_looks_are_lent_than_the_budget_holds(project, dataset, lead):
    campaign = make.campaign(dataset, lead, policy="fixed", looks_min=2, looks_max=2, budget=30)
    members = [make.member(project, name) for name in ("ann", "ben", "cleo")]
    for member in members * 4:
        work(campaign, member, nothing, 1)
    assert Look.objects.filter(campaign=campaign, planted=False).count() == 30
    said = claim.claim(campaign=campaign, member=members[0])
    assert isinstance(said, claim.Nothing) and "The project lead can give it more" in said.reason
