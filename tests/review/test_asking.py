"""Questions of reviewers: asked alike of every tile, answered once, told to the asker, and ruled for everybody."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from review.models import Assignment, Guideline, GuidelineRead, Label, Look, Question, Ruling
from review.operations import ask, claim, guidelines, projects, submit
from review.queries.quality import scores, void
from tests import make


@pytest.fixture
def checked(project, dataset, lead):
    """A campaign that plants, and enough people at work that it may."""
    campaign = make.campaign(dataset, lead, policy="fixed", looks_min=2, looks_max=2, batch_size=12, honeypots=2)
    for name in ("cleo", "dan", "eve", "finn"):
        found = claim.claim(campaign=campaign, member=make.member(project, name))
        assert isinstance(found, Assignment)
        submit.submit(assignment=found, revision=0, flags=[], seen=[0])
    return campaign


@pytest.fixture
def lent(checked, project):
    found = claim.claim(campaign=checked, member=make.member(project, "ann"))
    assert isinstance(found, Assignment)
    assert found.tiles.filter(planted=True).exists()
    return found


@pytest.fixture
def sue(project):
    return make.member(project, "sue", "supervisor")


def planted(lent: Assignment) -> int:
    return lent.tiles.filter(planted=True).first().position


def ordinary(lent: Assignment) -> int:
    return lent.tiles.filter(planted=False).first().position


def asks(lent: Assignment, position: int | None = None, key: str = "k", **more):
    client = make.client(lent.reviewer)
    body = {"text": "Is this one?", **({} if position is None else {"position": position}), **more}
    return client.post(f"/api/assignments/{lent.pk}/questions/", body, format="json", headers={"Idempotency-Key": key})


def answers(sue, question: int, **body):
    return make.client(sue.user).post(f"/api/questions/{question}/answer/", {"text": "No.", **body}, format="json")


def test_the_asker_is_sent_the_same_for_every_kind_of_tile(lent, sue):
    sent = []
    for position in (planted(lent), ordinary(lent)):
        answer = asks(lent, position, key=str(position))
        assert answer.status_code == 201
        sent.append(answer.json())
    for name in set(sent[0]) - {"id", "position", "crop", "at", "label"}:
        assert sent[0][name] == sent[1][name], name
    assert set(sent[0]) == set(sent[1]) and "item" not in sent[0] and "planted" not in sent[0]
    client = make.client(lent.reviewer)
    told = []
    for question in sent:
        assert answers(sue, question["id"], shows="no").status_code == 200
        told.append(next(q for q in client.get("/api/questions/").json()["results"] if q["id"] == question["id"]))
    assert told[0]["ruling"]["shows"] == told[1]["ruling"]["shows"] == "no"
    assert {tuple(sorted(question)) for question in told} == {tuple(sorted(told[0]))}
    keys = lent.tiles.values_list("item__key", flat=True)
    assert not any(key in str(told) for key in keys)


def test_a_question_asked_twice_with_one_key_is_one(lent):
    first, second = asks(lent, 0).json(), asks(lent, 0).json()
    assert first["id"] == second["id"] and Question.objects.count() == 1


def test_one_may_ask_about_the_class_alone(lent):
    label = lent.tiles.first().label
    made = asks(lent, text="Do faded ones count?").json()
    assert (made["position"], made["crop"], made["label"]) == (None, None, label.name)
    assert asks(lent, key="other", label="no such class").status_code == 400


def test_nobody_asks_from_what_somebody_else_holds_or_about_a_tile_that_is_not_there(lent, project):
    other = make.client(make.member(project, "ben").user)
    assert other.post(f"/api/assignments/{lent.pk}/questions/", {"text": "?"}, format="json").status_code == 404
    assert asks(lent, 999).json()["errors"]["position"] == ["There is no tile at position 999."]
    assert asks(lent, 0, text="   ").status_code == 400
    assert asks(lent, 0, text="x" * 501).status_code == 400


def test_the_database_refuses_a_question_about_a_tile_that_was_not_in_that_assignment(lent, checked):
    elsewhere = checked.dataset.items.exclude(pk__in=lent.tiles.values("item")).first()
    with pytest.raises(IntegrityError), transaction.atomic():
        Question.objects.create(campaign=checked, dataset=checked.dataset, label=lent.tiles.first().label, text="?",
                                assignment=lent, item=elsewhere, by=lent.reviewer, ask_key="k")  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_so_many_questions_may_wait_and_no_more(lent, monkeypatch):
    monkeypatch.setattr(ask, "MOST_OPEN", 2)
    assert [asks(lent, 0, key=str(k)).status_code for k in range(3)] == [201, 201, 409]


def test_the_desk_lists_open_questions_with_what_a_supervisor_may_know(lent, sue, checked):
    question = asks(lent, planted(lent)).json()
    desk = make.client(sue.user)
    [waiting] = desk.get(f"/api/campaigns/{checked.pk}/questions/").json()["results"]
    tile = lent.tiles.select_related("item__label").get(position=planted(lent))
    assert (waiting["id"], waiting["by"], waiting["planted"]) == (question["id"], "ann", True)
    assert waiting["item"]["key"] == tile.item.key and waiting["item"]["label"] == tile.item.label.name
    assert make.client(lent.reviewer).get(f"/api/campaigns/{checked.pk}/questions/").status_code == 403
    assert answers(sue, question["id"], text="No, it is a bar.").status_code == 200
    assert not desk.get(f"/api/campaigns/{checked.pk}/questions/").json()["results"]
    [done] = desk.get(f"/api/campaigns/{checked.pk}/questions/?answered=true").json()["results"]
    assert (done["answered_by"], done["answer"]) == ("sue", "No, it is a bar.")


def test_a_supervisor_who_asks_is_not_told_what_their_own_tile_is_and_leaves_it_to_another(checked, project, sue):
    found = claim.claim(campaign=checked, member=sue)
    assert isinstance(found, Assignment)
    made = ask.ask(assignment=found, text="?", key="k", position=planted(found))
    [mine] = make.client(sue.user).get(f"/api/campaigns/{checked.pk}/questions/").json()["results"]
    assert (mine["mine"], mine["item"], mine["planted"]) == (True, None, False)
    assert "Another supervisor" in answers(sue, made.pk).json()["detail"]
    assert answers(make.member(project, "tom", "supervisor"), made.pk).status_code == 200


def test_an_answer_with_its_example_joins_the_guideline_for_all(lent, sue, project):
    label = lent.tiles.get(position=0).label
    question = asks(lent, 0).json()
    done = answers(sue, question["id"], text="Yes: any square.", shows="yes").json()
    assert done["ruling"]["shows"] == "yes"
    [row] = [x for x in make.client(make.member(project, "ben").user).get(
        f"/api/datasets/{label.dataset_id}/labels/").json()["results"] if x["id"] == label.pk]  # fmt: skip
    assert row["guideline_version"] == 1
    [ruling] = row["rulings"]
    assert (ruling["said"], ruling["asked"], ruling["shows"]) == ("Yes: any square.", "Is this one?", "yes")
    picture = make.client(lent.reviewer).get(ruling["crop"])
    assert picture["Content-Type"] == "image/jpeg"


def test_an_answer_may_show_any_item_but_of_this_dataset(lent, sue, checked):
    about_class = asks(lent, text="What of thin ones?").json()
    assert "Choose the item" in answers(sue, about_class["id"], shows="yes").json()["errors"]["item"][0]
    assert answers(sue, about_class["id"], shows="yes", item="no such key").status_code == 400
    other = checked.dataset.items.exclude(pk__in=lent.tiles.values("item")).first()
    assert answers(sue, about_class["id"], shows="no", item=other.key).status_code == 200
    assert Ruling.objects.get().item == other


def test_words_alone_may_be_for_the_asker_alone(lent, sue):
    question = asks(lent, 0).json()
    assert answers(sue, question["id"], for_all=False).json()["ruling"] is None
    assert not Guideline.objects.exists()


def test_the_asker_is_told_once(lent, sue, project):
    question = asks(lent, 0).json()
    client = make.client(lent.reviewer)
    told = f"/api/questions/{question['id']}/told/"
    assert client.post(told).status_code == 409
    answers(sue, question["id"])
    assert client.get("/api/questions/").json()["results"][0]["told"] is False
    assert client.post(told).json()["told"] and client.post(told).json()["told"]
    assert make.client(make.member(project, "ben").user).post(told).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_of_two_who_answer_at_once_one_is_heard_and_the_other_is_told(lent, sue, project):
    made = ask.ask(assignment=lent, text="?", key="k", position=0)
    people = [sue.user, make.member(project, "tom", "supervisor").user]

    def answer(who) -> str:
        try:
            ask.answer(question=made, text=f"{who.username} says no", shows="no", by=who)
            return ""
        except ValidationError as error:
            return error.messages[0]
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(answer, people))
    made.refresh_from_db()
    assert sorted(map(bool, said)) == [False, True]
    assert max(said) == f"{made.answered_by.username} has answered this meanwhile: “{made.answer}”"
    assert Guideline.objects.count() == 1


def hand_in(lent: Assignment) -> None:
    submit.submit(assignment=lent, revision=0, flags=[], seen=make.everything(lent))


def test_whoever_was_told_what_a_planted_tile_is_is_not_measured_by_it(lent, sue, checked):
    tile = lent.tiles.get(position=planted(lent))
    made = ask.ask(assignment=lent, text="?", key="k", position=tile.position)
    before = lent.tiles.filter(planted=True).count()
    ask.answer(question=made, text="No.", by=sue.user, for_all=False)
    hand_in(lent)
    assert scores(checked).get(lent.reviewer_id).seen == before - 1
    assert void(checked) == set(Look.objects.filter(assignment=lent, item=tile.item).values_list("pk", flat=True))
    shown = make.client(lent.reviewer).get(f"/api/assignments/{lent.pk}/checks/").json()["results"]
    assert tile.position not in [check["position"] for check in shown]


def test_an_answer_that_comes_after_the_hand_in_changes_no_score(lent, sue, checked):
    made = ask.ask(assignment=lent, text="?", key="k", position=planted(lent))
    hand_in(lent)
    before = scores(checked).get(lent.reviewer_id).seen
    ask.answer(question=made, text="No.", shows="no", by=sue.user)
    assert scores(checked).get(lent.reviewer_id).seen == before == lent.tiles.filter(planted=True).count()


def test_a_planted_tile_that_is_ruled_to_be_one_measures_nobody(lent, sue, checked):
    tile = lent.tiles.get(position=planted(lent))
    hand_in(lent)
    before = scores(checked).get(lent.reviewer_id).seen
    made = ask.ask(assignment=lent, text="?", key="k", position=tile.position)
    ask.answer(question=made, text="It is one after all.", shows="yes", by=sue.user)
    assert scores(checked).get(lent.reviewer_id).seen == before - 1


def test_what_is_asked_about_or_shown_to_everybody_is_never_planted(checked, project, sue):
    """All that could be planted is asked about, an example, or typical of its class: then nothing is planted."""
    lent = claim.claim(campaign=checked, member=make.member(project, "gus"))
    assert isinstance(lent, Assignment) and lent.tiles.filter(planted=True).exists()
    able = sorted(
        set(checked.dataset.items.values_list("pk", flat=True)) - set(lent.tiles.values_list("item", flat=True))
    )
    for k, tile in enumerate(lent.tiles.all()):
        ask.ask(assignment=lent, text="?", key=str(k), position=tile.position)
    Label.objects.filter(name="cross").update(exemplars=able[::2])
    for item in able[1::2]:
        said = guidelines.Said("No.", item=item, shows="no")
        guidelines.rule(label=Label.objects.get(name="disc"), said=said, by=sue.user)
    later = claim.claim(campaign=checked, member=make.member(project, "hal"))
    assert isinstance(later, Assignment) and not later.tiles.filter(planted=True).exists()


def test_typical_items_are_no_candidates_for_planting(checked):
    typical = {item for shown in Label.objects.values_list("exemplars", flat=True) for item in shown}
    candidates = {row[0] for batch in checked.batches.all() for s in batch.sections.all() for row in s.honeypots}
    assert candidates and not candidates & typical


def edit(lead, label, text, version, keep=()):
    return make.client(lead).post(
        f"/api/labels/{label.pk}/guideline/", {"text": text, "version": version, "keep": list(keep)}, format="json"
    )


def test_each_change_of_a_guideline_is_a_version_and_leads_see_how_it_came_about(dataset, lead, project):
    label = dataset.labels.get(name="disc")
    assert edit(lead, label, "Round.", 0).json()["guideline"] == "Round."
    stale = edit(lead, label, "Very round.", 0)
    assert stale.status_code == 409 and "meanwhile" in stale.json()["detail"]
    assert edit(lead, label, "Round.", 1).status_code == 400
    assert edit(lead, label, "Round and filled.", 1).json()["guideline_version"] == 2
    versions = make.client(lead).get(f"/api/labels/{label.pk}/guideline/").json()["results"]
    assert [(v["version"], v["text"], v["by"], v["cause"]) for v in versions] == [
        (2, "Round and filled.", "lead", "edited"),
        (1, "Round.", "lead", "edited"),
    ]
    assert edit(make.member(project, "sue", "supervisor").user, label, "x", 2).status_code == 403


def test_a_version_once_written_stays_as_it_is(dataset, lead):
    label = dataset.labels.get(name="disc")
    made = guidelines.edit(label=label, text="Round.", keep=[], seen=0, by=lead)
    with pytest.raises(IntegrityError), transaction.atomic():
        Guideline.objects.filter(pk=made.pk).update(text="Square.")


def test_a_lead_takes_a_ruling_out_by_a_new_version(dataset, lead):
    label = dataset.labels.get(name="disc")
    item = dataset.items.first()
    first = guidelines.rule(label=label, said=guidelines.Said("Yes.", item=item.pk, shows="yes"), by=lead)
    again = guidelines.rule(label=label, said=guidelines.Said("No!", item=item.pk, shows="no"), by=lead)
    guidelines.rule(label=label, said=guidelines.Said("Thin ones too."), by=lead)
    now = Guideline.objects.get(number=3)
    assert [r.said for r in now.rulings.order_by("position")] == ["No!", "Thin ones too."]  # the same item: the last
    keep = now.rulings.get(said="Thin ones too.").pk
    assert [r["said"] for r in edit(lead, label, "", 3, [keep]).json()["rulings"]] == ["Thin ones too."]
    assert edit(lead, label, "", 4, [first.pk]).status_code == 400
    assert Ruling.objects.filter(pk=again.pk).exists()


def news(lent: Assignment) -> list:
    return make.client(lent.reviewer).get(f"/api/assignments/{lent.pk}/guidelines/").json()["results"]


def test_each_version_is_news_once_to_each_person(lent, lead, project):
    label = lent.tiles.first().label
    assert news(lent) == []
    edit(lead, label, "All four corners.", 0)
    [first] = news(lent)
    assert (first["news"], first["text"], first["before"]) == ("new", "All four corners.", None)
    read = f"/api/labels/{label.pk}/guideline/read/"
    client = make.client(lent.reviewer)
    assert client.post(read, {"version": 2}, format="json").status_code == 400
    assert client.post(read, {"version": 1}, format="json").status_code == 204
    assert news(lent)[0]["news"] is None
    edit(lead, label, "All four corners, or three.", 1)
    guidelines.rule(label=label, said=guidelines.Said("Thin ones too."), by=lead)
    [changed] = news(lent)
    assert (changed["news"], changed["before"], changed["version"]) == ("changed", "All four corners.", 3)
    assert [ruling["fresh"] for ruling in changed["rulings"]] == [True]
    client.post(read, {"version": 3}, format="json")
    client.post(read, {"version": 1}, format="json")  # late: it takes nothing back
    assert news(lent)[0]["news"] is None and GuidelineRead.objects.get().number == 3


def test_somebody_taken_out_hears_no_more(lent, sue, project, lead):
    question = asks(lent, 0).json()
    answers(sue, question["id"])
    projects.remove_member(project=project, user=lent.reviewer, by=lead)
    assert make.client(lent.reviewer).get("/api/questions/").json()["results"] == []
