"""The supervisor's acts on many cases: settle, take back, accept the consensus, ask again, make the rule."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from review.models import AuditEvent, DeskPlace, Fix, Item, Resolution, Ruling, SecondOpinion
from review.operations import claim, desk, refit, resolve, second, submit
from review.queries import clusters
from tests import make


@pytest.fixture
def disputed(project, dataset, lead):
    """A campaign of two looks each whose first six items of every batch one of two people flags as a disc or a bar."""
    campaign = make.campaign(dataset, lead, policy="fixed", looks_min=2, looks_max=2, clean_below=0.0001)
    for name, some in (("ann", True), ("ben", False)):
        member = make.member(project, name)
        while not isinstance(lent := claim.claim(campaign=campaign, member=member), claim.Nothing):
            submit.submit(assignment=lent, revision=0, flags=flags(lent) if some else [], seen=make.everything(lent))
    return campaign


def flags(lent) -> list[dict]:
    return [
        {"position": tile.position, "reason": "wrong_label", "label": "bar" if tile.label.name == "disc" else "disc",
         "comment": ""}
        for tile in lent.tiles.select_related("label").order_by("position")[:6]
    ]  # fmt: skip


@pytest.fixture
def sue(project):
    return make.member(project, "sue", "supervisor").user


@pytest.fixture
def tom(project):
    return make.member(project, "tom", "supervisor").user


def desk_of(campaign, who) -> dict:
    return make.client(who).get(f"/api/campaigns/{campaign.pk}/desk/").json()


def post(campaign, who, act: str, body: dict):
    return make.client(who).post(f"/api/campaigns/{campaign.pk}/{act}/", body, format="json")


def settle(campaign, who, verdicts, **decision):
    return post(campaign, who, "resolutions", {"cases": [{"verdict": pk} for pk in verdicts], **decision})


def states(campaign, verdicts) -> set[str]:
    return set(campaign.verdicts.filter(pk__in=verdicts).values_list("state", flat=True))


def test_one_decision_settles_a_question_but_for_what_is_left_out(disputed, sue):
    found = desk_of(disputed, sue)
    assert found["cases"] == disputed.verdicts.filter(state="disputed").count() > 12
    assert sum(len(one["cases"]) for one in found["clusters"]) == found["cases"]
    asked = {(one["label"], one["to"]) for one in found["clusters"]}
    assert all(label != to for label, to in asked)
    question = max((one for one in found["clusters"] if one["label"] == "square"), key=lambda one: len(one["cases"]))
    *some, left = question["cases"]
    done = settle(disputed, sue, some, action="relabel", label="disc").json()
    assert {one["state"] for one in done["settled"]} == {"fix"} and done["overtaken"] == []
    assert Item.objects.filter(verdicts__in=some, label__name="disc").count() == len(some)
    assert Fix.objects.filter(verdict__in=some, by=sue, state="applied").count() == len(some)
    again = desk_of(disputed, sue)
    assert again["cases"] == found["cases"] - len(some)
    assert [left] in [one["cases"] for one in again["clusters"]]
    event = AuditEvent.objects.get(campaign=disputed, verb="resolved")  # one act, one line
    assert event.data == {"verdicts": sorted(some), "action": "relabel", "label": "disc", "looked": True}


def test_cases_are_fetched_by_their_ids_in_whole_numbers(disputed, sue):
    ids = desk_of(disputed, sue)["clusters"][0]["cases"][:3]
    browser, path = make.client(sue), f"/api/campaigns/{disputed.pk}/disputes/"
    rows = browser.get(path, {"verdicts": ",".join(map(str, ids))}).json()["results"]
    assert {row["id"] for row in rows} == set(ids)
    assert rows[0]["proposal"]["action"] == "relabel" and rows[0]["proposal"]["label"] in ("disc", "bar")
    assert browser.get(path, {"verdicts": ""}).json()["results"] == []
    for wrong in ("1,x", "-1", "1,,2", "9" * 30, ",".join(["1"] * 501)):
        assert browser.get(path, {"verdicts": wrong}).status_code == 400


def test_of_two_supervisors_the_second_is_told_who_was_first_and_the_rest_is_settled(disputed, sue, tom):
    first, other, third = disputed.verdicts.filter(state="disputed").order_by("pk")[:3]
    settle(disputed, sue, [first.pk], action="clean")
    done = settle(disputed, tom, [first.pk, other.pk, third.pk], action="clean").json()
    assert [one["verdict"] for one in done["settled"]] == [other.pk, third.pk]
    assert done["overtaken"][0]["verdict"] == first.pk
    assert done["overtaken"][0]["detail"] == "sue has settled this meanwhile: clean."
    assert Resolution.objects.get(verdict=first, current=True).by == sue


def test_what_does_not_fit_is_refused_as_a_whole(disputed, sue, project, lead):
    one, other = disputed.verdicts.filter(state="disputed").order_by("pk")[:2]
    elsewhere, _ = make.dataset(project, lead)
    foreign = make.campaign(elsewhere, lead).verdicts.first()
    cases = [one.pk, other.pk]
    refused = [
        settle(disputed, sue, [*cases, foreign.pk], action="clean"),
        settle(disputed, sue, cases, action="relabel"),
        settle(disputed, sue, cases, action="relabel", label="no such label"),
        settle(disputed, sue, cases, action="relabel", label=one.label.name),
        settle(disputed, sue, cases, action="clean", label="disc"),
        settle(disputed, sue, cases, action="redraw"),
        settle(disputed, sue, [one.pk, one.pk], action="clean"),
        settle(disputed, sue, [], action="clean"),
        settle(disputed, sue, [2**63], action="clean"),
        post(disputed, sue, "reopen", {"cases": [{"verdict": foreign.pk}]}),
        post(disputed, sue, "more-looks", {"verdicts": [foreign.pk]}),
        post(disputed, sue, "more-looks", {"verdicts": cases, "looks": 9}),
    ]
    assert [answer.status_code for answer in refused] == [400] * len(refused)
    assert not Resolution.objects.exists() and states(disputed, cases) == {"disputed"}
    settle(disputed, sue, cases, action="clean")
    stale = {"cases": [{"verdict": one.pk, "if_resolution": 10**9}], "action": "unclear"}
    assert [case["verdict"] for case in post(disputed, sue, "resolutions", stale).json()["overtaken"]] == [one.pk]
    nobody = {"cases": [{"verdict": disputed.verdicts.filter(state="disputed").first().pk, "if_resolution": 1}]}
    assert post(disputed, sue, "resolutions", {**nobody, "action": "clean"}).status_code == 400


def test_a_decision_is_taken_back_with_its_fixes_and_not_somebody_elses(disputed, sue, tom):
    verdicts = list(disputed.verdicts.filter(state="disputed", label__name="square").values_list("pk", flat=True))
    done = settle(disputed, sue, verdicts, action="relabel", label="disc").json()["settled"]
    cases = [{"verdict": one["verdict"], "if_resolution": one["id"]} for one in done]
    newer = {"cases": [{**cases[0]}], "action": "clean"}
    assert len(post(disputed, tom, "resolutions", newer).json()["settled"]) == 1
    back = post(disputed, sue, "reopen", {"cases": cases}).json()
    assert {one["verdict"] for one in back["settled"]} == set(verdicts[1:])
    assert [one["verdict"] for one in back["overtaken"]] == [cases[0]["verdict"]]
    assert states(disputed, verdicts[1:]) == {"disputed"} and states(disputed, verdicts[:1]) == {"clean"}
    assert not Item.objects.filter(verdicts__in=verdicts, label__name="disc").exists()
    assert not Fix.objects.filter(verdict__in=verdicts, state="applied").exists()
    assert post(disputed, sue, "reopen", {"cases": cases}).json()["settled"] == []


def test_a_second_opinion_is_what_its_giver_takes_back(disputed, sue, tom, monkeypatch):
    monkeypatch.setattr(second, "SHARE", 1.0)
    one, other = disputed.verdicts.filter(state="disputed").order_by("pk")[:2]
    settle(disputed, sue, [one.pk, other.pk], action="clean")
    Resolution.objects.update(at=timezone.now() - datetime.timedelta(hours=1))
    given = settle(disputed, tom, [one.pk], action="clean").json()["settled"]
    given += settle(disputed, tom, [other.pk], action="unclear").json()["settled"]
    assert SecondOpinion.objects.count() == 2 and states(disputed, [other.pk]) == {"disputed"}
    post(disputed, tom, "reopen", {"cases": [{"verdict": g["verdict"], "if_resolution": g["id"]} for g in given]})
    assert not SecondOpinion.objects.exists()
    assert set(Resolution.objects.filter(current=True).values_list("verdict", "by")) == {
        (one.pk, sue.pk), (other.pk, sue.pk)
    }  # fmt: skip
    assert states(disputed, [one.pk, other.pk]) == {"clean"}


def test_accepting_the_consensus_settles_and_is_no_evidence(disputed, sue):
    before = dict(disputed.verdicts.filter(state="disputed").values_list("pk", "probability"))
    found = desk_of(disputed, sue)["acceptable"]
    assert found["cases"] == len(before)
    wrong = make.numbers(sue, disputed)["error_rate"]["now"]
    done = post(disputed, sue, "accept", {"verdicts": list(before)}).json()
    assert {one["verdict"] for one in done["settled"]} == set(before)
    for verdict in disputed.verdicts.filter(pk__in=before):
        assert verdict.probability == pytest.approx(before[verdict.pk])
        assert verdict.state == ("fix" if before[verdict.pk] >= 0.5 else "clean")
    kept = [p for p in before.values() if p < 0.5]
    assert make.numbers(sue, disputed)["error_rate"]["now"] >= min(wrong, sum(kept) / disputed.verdicts.count())
    assert desk_of(disputed, sue)["cases"] == 0
    # Nobody looked: what it says is nobody's truth, and asks for no second opinion.
    disputed.refresh_from_db()
    Resolution.objects.update(at=timezone.now() - datetime.timedelta(hours=1))
    assert second.waiting(disputed, make.user("another")) == []
    numbers = [r.pk for r in Resolution.objects.all()]
    refit.refit(disputed.pk)
    disputed.refresh_from_db()
    assert [r.pk for r in Resolution.objects.filter(current=True).order_by("pk")] == numbers
    back = {"cases": [{"verdict": one["verdict"], "if_resolution": one["id"]} for one in done["settled"]]}
    assert len(post(disputed, sue, "reopen", back).json()["settled"]) == len(before)


def test_more_people_are_asked_and_then_it_is_judged_anew(disputed, sue, project):
    one, other = disputed.verdicts.filter(state="disputed").order_by("pk")[:2]
    with pytest.raises(ValidationError, match="Nobody is left who has not looked"):
        # The lead and sue may look as well; only they have not.
        desk.ask_again(campaign=alone(disputed, project), verdicts=[one.pk], looks=1, by=sue)
    cyd, dan = make.member(project, "cyd"), make.member(project, "dan")
    assert post(disputed, sue, "more-looks", {"verdicts": [one.pk], "looks": 2}).json() == {"verdicts": 1}
    one.refresh_from_db()
    assert (one.state, one.least, one.wanted, one.counted) == ("open", 4, 4, 2)
    assert one.pk not in {c for q in desk_of(disputed, sue)["clusters"] for c in q["cases"]}
    for member in (cyd, dan):
        lent = claim.claim(campaign=disputed, member=member)
        position = lent.tiles.get(item=one.item_id).position
        flag = {"position": position, "reason": "wrong_label", "label": "disc", "comment": ""}
        submit.submit(assignment=lent, revision=0, flags=[flag], seen=make.everything(lent))
    one.refresh_from_db()
    assert one.counted == 4 and one.state == "fix"
    settle(disputed, sue, [other.pk], action="clean")
    assert "Reopen it first" in post(disputed, sue, "more-looks", {"verdicts": [other.pk]}).json()["detail"]


def alone(campaign, project):
    """The campaign, with everybody paused who has not looked."""
    project.members.exclude(user__username__in=["ann", "ben"]).update(paused=True)
    return campaign


def test_what_was_decided_becomes_the_rule_of_both_labels_with_its_item(disputed, sue):
    one = disputed.verdicts.filter(state="disputed", label__name="square").first()
    path, browser = f"/api/verdicts/{one.pk}/ruling/", make.client(sue)
    assert "Settle it first" in browser.post(path, {"said": "So it is."}, format="json").json()["detail"]
    settle(disputed, sue, [one.pk], action="relabel", label="disc")
    assert browser.post(path, {"said": "  "}, format="json").status_code == 400
    made = browser.post(path, {"said": "Round corners make a disc."}, format="json").json()
    assert {(ruling["said"], ruling["shows"]) for ruling in made} == {
        ("Round corners make a disc.", "no"), ("Round corners make a disc.", "yes")
    }  # fmt: skip
    rulings = Ruling.objects.filter(item=one.item_id)
    assert set(rulings.values_list("label__name", "shows")) == {("square", "no"), ("disc", "yes")}
    kept, gone = disputed.verdicts.filter(state="disputed").order_by("pk")[:2]
    settle(disputed, sue, [kept.pk], action="clean")
    settle(disputed, sue, [gone.pk], action="remove")
    (clean,) = desk.make_rule(verdict=kept, said="Still one.", by=sue)
    (none,) = desk.make_rule(verdict=gone, said="Dirt is none.", by=sue)
    assert (clean.label_id, clean.shows, clean.item_id) == (kept.label_id, "yes", kept.item_id)
    assert (none.label_id, none.shows, none.item_id) == (gone.label_id, "", None)


def test_each_supervisor_sees_what_the_other_has_before_them_until_it_fades(disputed, sue, tom):
    ids = desk_of(disputed, sue)["clusters"][0]["cases"][:2]
    path = f"/api/campaigns/{disputed.pk}/desk/"
    assert make.client(sue).put(path, {"verdicts": ids}, format="json").status_code == 204
    assert desk_of(disputed, sue)["others"] == []
    assert desk_of(disputed, tom)["others"] == [{"username": "sue", "verdicts": ids}]
    DeskPlace.objects.update(at=timezone.now() - clusters.FADES)
    assert desk_of(disputed, tom)["others"] == []
    make.client(sue).put(path, {"verdicts": ids}, format="json")
    make.client(sue).put(path, {"verdicts": []}, format="json")
    assert desk_of(disputed, tom)["others"] == [] and DeskPlace.objects.count() == 1


def test_the_pace_is_that_of_ones_own_last_decisions_without_breaks(disputed, sue, monkeypatch):
    assert clusters.pace(disputed, sue) == clusters.USUAL_SECONDS
    start = timezone.now()
    some = disputed.verdicts.filter(state="disputed").order_by("pk")[:4]
    for verdict, seconds in zip(some, (0, 5, 5000, 5009), strict=True):
        monkeypatch.setattr(timezone, "now", lambda at=start + datetime.timedelta(seconds=seconds): at)
        resolve.resolve(verdict=verdict, by=sue, action="clean")
    assert clusters.pace(disputed, sue) == 7.0


def test_look_alikes_that_are_open_still_are_offered_for_the_same_decision(disputed, sue, project):
    one = disputed.verdicts.filter(state="disputed", label__name="square").first()
    disputed.verdicts.filter(label__name="square").update(
        suggested=None, suggestions=[[label_of(disputed, "disc"), 0.6]]
    )
    browser, path = make.client(sue), f"/api/campaigns/{disputed.pk}/look-alikes/"
    settle(disputed, sue, [one.pk], action="relabel", label="disc")
    found = browser.get(path, {"verdicts": one.pk, "label": "disc"}).json()["results"]
    assert (
        found and {row["item"]["label"] for row in found} == {"square"} and one.pk not in {row["id"] for row in found}
    )
    assert set(disputed.verdicts.filter(pk__in=[row["id"] for row in found]).values_list("state", flat=True)) <= {
        "open", "disputed"
    }  # fmt: skip
    assert browser.get(path, {"verdicts": one.pk, "label": "cross"}).json()["results"] == []
    ids = [row["id"] for row in found]
    settle(disputed, sue, ids, action="relabel", label="disc")
    assert browser.get(path, {"verdicts": one.pk, "label": "disc"}).json()["results"] == []
    assert browser.get(path, {"verdicts": "x"}).status_code == 400
    assert browser.get(path, {"verdicts": one.pk, "label": "no such"}).status_code == 400
    assert browser.get(path, {"verdicts": ""}).json()["results"] == []
    type(disputed.ranking).objects.update(nearest_within="")
    assert browser.get(path, {"verdicts": one.pk}).json()["results"] == []


def label_of(campaign, name: str) -> int:
    return campaign.dataset.labels.get(name=name).pk


def test_a_fix_says_what_the_ranking_held_its_item_for_before_anybody_looked(campaign, lead):
    verdict = campaign.verdicts.filter(label__name="square").first()
    disc, bar = (campaign.dataset.labels.get(name=name) for name in ("disc", "bar"))
    told = [[verdict.label_id, 0.1], [bar.pk, 0.2], [disc.pk, 0.7]]
    campaign.verdicts.filter(pk=verdict.pk).update(prior=0.9, suggestions=told)
    verdict.refresh_from_db()
    resolve.resolve(verdict=verdict, by=lead, action="remove")
    (fix,) = make.client(lead).get(f"/api/campaigns/{campaign.pk}/fixes/").json()["results"]
    assert fix["ranking"] == {"suspicion": 0.9, "label": "disc"} and fix["new_label"] is None
