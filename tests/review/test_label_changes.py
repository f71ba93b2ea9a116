"""Labels called otherwise, by more names, merged and added: as revisions of the dataset, while people work."""

import csv
import io
import json

import pytest
from django.db import IntegrityError, connection, transaction

from review.formats import coco
from review.formats.base import Change
from review.models import Campaign, Fix, Job, LabelAlias, LabelChange, Look, Resolution, Revision
from review.operations import campaigns, claim, decide, export, fixes, flag, label_changes, predictions, submit, teams
from review.storage import store
from tests import make


@pytest.fixture
def path(dataset) -> str:
    return f"/api/datasets/{dataset.pk}/label-changes/"


@pytest.fixture
def supervisor(project):
    return make.member(project, "sue", "supervisor")


def ask(who, path, **change):
    return make.client(who).post(path, change, format="json")


def done(who, path, **change) -> dict:
    answer = ask(who, path, **change)
    assert answer.status_code == 201, answer.json()
    assert answer.json()["state"] == "done"
    return answer.json()


def rank_again(dataset) -> None:
    job = dataset.jobs.filter(kind=Job.Kind.RANK, state="queued").get()
    Job.objects.filter(pk=job.pk).update(parameters={"encoder": "pixels"})
    assert make.work(job).state == Job.State.DONE, job.message


def exported(dataset, lead, **how) -> bytes:
    made, job = export.start(dataset=dataset, by=lead, **how)
    assert make.work(job).state == Job.State.DONE, job.message
    made.refresh_from_db()
    return b"".join(iter(store().open(made.key).read, b""))


def labels_in(text: bytes) -> list[str]:
    return [row["label"] for row in csv.DictReader(io.StringIO(text.decode()))]


def test_a_renamed_class_keeps_its_items_is_exported_by_its_new_name_and_known_by_the_old(dataset, lead, path):
    before = labels_in(exported(dataset, lead))
    done(lead, path, kind="rename", label="disc", name="circle")
    dataset.refresh_from_db()
    assert dataset.revision == 2
    after = labels_in(exported(dataset, lead))
    assert after == ["circle" if name == "disc" else name for name in before]
    label = dataset.labels.get(name="circle")
    assert label.readable_name == "Circle" and list(label.aliases.values_list("name", flat=True)) == ["disc"]
    browser = make.client(lead)
    items = browser.get(f"/api/datasets/{dataset.pk}/items/?label=disc").json()["results"]
    assert items and {item["label"] for item in items} == {"circle"}
    counts = browser.get(f"/api/datasets/{dataset.pk}/changes/counts/").json()
    assert counts["relabelled"] == 0
    assert [(line["field"], line["old"], line["new"]) for line in counts["labels"]] == [
        ("name", "disc", "circle"), ("aliases", [], ["disc"])
    ]  # fmt: skip


def test_a_name_that_somebody_chose_to_read_stays(dataset, lead, path):
    dataset.labels.filter(name="bar").update(readable_name="Stop bar")
    done(lead, path, kind="rename", label="bar", name="beam")
    assert dataset.labels.get(name="beam").readable_name == "Stop bar"


def test_a_class_renamed_back_is_as_it_came_in_to_the_byte(dataset, lead, path):
    before = exported(dataset, lead)
    change = done(lead, path, kind="rename", label="disc", name="circle")
    assert exported(dataset, lead) != before
    assert make.client(lead).post(f"/api/label-changes/{change['id']}/undo/").json()["state"] == "undone"
    assert exported(dataset, lead) == before
    assert list(dataset.labels.get(name="disc").aliases.values_list("name", flat=True)) == ["circle"]
    done(lead, path, kind="rename", label="disc", name="circle")


def test_a_class_renamed_while_it_is_reviewed_loses_no_marks(campaign, dataset, project, lead, path):
    ann = make.member(project, "ann")
    lent = claim.claim(campaign=campaign, member=ann)
    old = lent.tiles.select_related("label").first().label.name
    other = "bar" if old != "bar" else "cross"
    marks = [{"position": 0, "reason": "wrong_label", "label": other, "comment": ""}]
    flag.save(assignment=lent, revision=0, seen=[0], flags=marks)
    done(lead, path, kind="rename", label=other, name="renamed")
    done(lead, path, kind="rename", label=old, name="also-renamed")
    lent.refresh_from_db()
    assert "also-renamed" in json.dumps(make.numbers(lead, campaign))
    # The page in hand knows the old names only.
    submit.submit(assignment=lent, revision=lent.revision, flags=marks, seen=make.everything(lent))
    assert Look.objects.get(reviewer=ann.user, reason="wrong_label").suggested.name == "renamed"
    assert f'"{old}"' not in json.dumps(make.numbers(lead, campaign))


def test_merged_classes_are_one_until_they_are_parted(dataset, lead, path):
    before = exported(dataset, lead)
    cross, bar = (dataset.labels.get(name=name) for name in ("cross", "bar"))
    sizes = {label.name: dataset.items.filter(label=label).count() for label in (cross, bar)}
    change = done(lead, path, kind="merge", label="cross", into="bar", note="Nobody can tell them apart.")
    assert not dataset.items.filter(label=cross).exists()
    assert dataset.items.filter(label=bar).count() == sum(sizes.values())
    assert "cross" not in labels_in(exported(dataset, lead))
    browser = make.client(lead)
    shown = {label["name"] for label in browser.get(f"/api/datasets/{dataset.pk}/labels/").json()["results"]}
    assert shown == {"square", "disc", "bar"}
    counts = browser.get(f"/api/datasets/{dataset.pk}/changes/counts/").json()
    assert counts["relabelled"] == sizes["cross"]
    assert [(line["field"], line["old"], line["new"]) for line in counts["labels"]] == [("merged", None, "bar")]
    assert browser.post(f"/api/label-changes/{change['id']}/undo/").status_code == 409  # it is being ranked
    rank_again(dataset)
    dataset.refresh_from_db()
    order = dataset.ranking.orders.get(label=bar)
    assert len(order.items) == sum(sizes.values())

    stays = dataset.items.filter(label=bar, revisions__isnull=False).order_by("pk").first()
    moved = Revision.objects.get(item=stays)
    with transaction.atomic():
        held = label_changes.held(dataset)
        fixes.revise(held, stays, "label", bar.pk, dataset.labels.get(name="disc").pk, cause="fix", by=lead)
    assert Revision.objects.filter(previous=moved).count() == 1
    assert browser.post(f"/api/label-changes/{change['id']}/undo/").json()["state"] == "undone"
    assert dataset.items.filter(label=cross).count() == sizes["cross"] - 1
    assert dataset.items.filter(label=bar).count() == sizes["bar"]
    rows, now = labels_in(before), labels_in(exported(dataset, lead))
    assert [k for k, (a, b) in enumerate(zip(rows, now, strict=True)) if a != b] == [stays.row - 1]


def test_a_merged_name_means_what_it_is_a_part_of(dataset, project, lead, path):
    done(lead, path, kind="alias", label="cross", name="x")
    done(lead, path, kind="merge", label="cross", into="bar")
    rank_again(dataset)
    done(lead, path, kind="merge", label="bar", into="disc")
    rank_again(dataset)
    campaign = make.campaign(dataset, lead, slice={"by": "label", "labels": ["x"]})
    assert {v.label.name for v in campaign.verdicts.select_related("label")} == {"disc"}
    answer = ask(lead, path, kind="rename", label="cross", name="y")
    assert answer.status_code == 201 and answer.json()["label"] == "y"  # the class that it is a part of
    make.member(project, "ann")
    told = make.client(lead).post(
        f"/api/projects/{project.pk}/members/", {"username": "ann", "labels": ["cross", "square"]}, format="json"
    )
    assert told.json()["labels"] == ["square", "y"]


def test_classes_that_are_being_reviewed_are_not_merged(campaign, dataset, lead, path):
    answer = ask(lead, path, kind="merge", label="cross", into="bar")
    assert answer.status_code == 409
    assert campaign.name in answer.json()["detail"] and "closed" in answer.json()["detail"]
    assert not LabelChange.objects.exists()
    campaigns.set_state(campaign=campaign, state=Campaign.State.CLOSED, by=lead)
    done(lead, path, kind="merge", label="cross", into="bar")


def test_what_is_fixed_to_a_class_that_was_merged_meanwhile_is_fixed_to_the_whole(dataset, project, lead, path):
    disc, cross = (dataset.labels.get(name=name) for name in ("disc", "cross"))
    campaign = make.campaign(dataset, lead, slice={"by": "label", "labels": ["square"]}, policy="fixed", looks_max=1)
    lent = claim.claim(campaign=campaign, member=project.members.get())
    submit.submit(assignment=lent, revision=0, flags=[], seen=make.everything(lent))
    verdict = campaign.verdicts.filter(state="clean").first()
    decision = Resolution(verdict=verdict, dataset=dataset, action="relabel", label=disc, by=lead)
    done(lead, path, kind="merge", label="disc", into="cross")
    decision.save()
    decide.update(campaign, [verdict.pk])
    fix = Fix.objects.get(verdict=verdict)
    assert fix.state == "applied" and fix.new_label == cross
    decide.update(campaign, [verdict.pk])
    assert Fix.objects.get(verdict=verdict) == fix
    rank_again(dataset)


def test_a_supervisor_proposes_and_a_lead_decides(dataset, lead, supervisor, path):
    said = ask(supervisor.user, path, kind="merge", label="cross", into="bar", note="Look at row 5.").json()
    assert said["state"] == "proposed" and said["by"] == "sue"
    assert dataset.labels.get(name="cross").merged_into is None
    one = f"/api/label-changes/{said['id']}/"
    assert make.client(supervisor.user).post(f"{one}accept/").status_code == 403
    assert make.client(supervisor.user).get(f"{path}?state=proposed").json()["results"][0]["note"] == "Look at row 5."
    assert make.client(lead).post(f"{one}accept/").json()["decided_by"] == "lead"
    again = make.client(lead).post(f"{one}decline/")
    assert again.status_code == 409 and "done" in again.json()["detail"]
    other = ask(supervisor.user, path, kind="add", name="ring").json()
    assert make.client(lead).post(f"/api/label-changes/{other['id']}/decline/").json()["state"] == "declined"
    assert not dataset.labels.filter(name="ring").exists()
    rank_again(dataset)


def test_what_was_proposed_is_checked_again_when_it_is_carried_out(dataset, lead, supervisor, path):
    said = ask(supervisor.user, path, kind="rename", label="disc", name="ring").json()
    done(lead, path, kind="add", name="ring")
    answer = make.client(lead).post(f"/api/label-changes/{said['id']}/accept/")
    assert answer.status_code == 400 and "already" in answer.json()["detail"]
    assert LabelChange.objects.get(pk=said["id"]).state == "proposed"


def test_an_added_class_may_be_given_at_once_and_stays(campaign, dataset, project, lead, path):
    change = done(lead, path, kind="add", name="ring--small")
    assert dataset.labels.get(name="ring--small").readable_name == "Small"
    assert make.client(lead).post(f"/api/label-changes/{change['id']}/undo/").status_code == 409
    lent = claim.claim(campaign=campaign, member=project.members.get())
    marks = [{"position": 0, "reason": "wrong_label", "label": "ring--small", "comment": ""}]
    submit.submit(assignment=lent, revision=0, flags=marks, seen=make.everything(lent))
    assert Look.objects.get(reason="wrong_label").suggested.name == "ring--small"


def test_further_names_come_and_go(dataset, lead, path):
    change = done(lead, path, kind="alias", label="disc", name="round thing")
    assert LabelAlias.objects.get().label.name == "disc"
    make.client(lead).post(f"/api/label-changes/{change['id']}/undo/")
    assert not LabelAlias.objects.exists()
    assert make.client(lead).post(f"/api/label-changes/{change['id']}/undo/").status_code == 409


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "rename", "label": "disc", "name": "bar"}, "name"),
        ({"kind": "rename", "label": "disc", "name": "disc"}, "name"),
        ({"kind": "rename", "label": "disc", "name": "  "}, "name"),
        ({"kind": "rename", "label": "disc", "name": "x" * 301}, "name"),
        ({"kind": "rename", "label": "disc", "name": "a\x00b"}, "name"),
        ({"kind": "rename", "label": "no such", "name": "y"}, "label"),
        ({"kind": "rename", "name": "y"}, "label"),
        ({"kind": "rename", "label": "disc", "into": "bar", "name": "y"}, "into"),
        ({"kind": "alias", "label": "disc", "name": "disc"}, "name"),
        ({"kind": "merge", "label": "disc", "into": "disc"}, "into"),
        ({"kind": "merge", "label": "disc"}, "into"),
        ({"kind": "merge", "label": "disc", "into": "bar", "name": "y"}, "name"),
        ({"kind": "add", "label": "disc", "name": "y"}, "label"),
        ({"kind": "split", "label": "disc", "name": "y"}, "kind"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(dataset, lead, path, change, field):
    answer = ask(lead, path, **change)
    assert answer.status_code == 400, answer.json()
    assert field in answer.json()["errors"]
    assert "Another class" not in answer.json()["detail"] or change["name"] == "bar"
    assert not LabelChange.objects.exists() and not dataset.revisions.exists()


def test_the_database_keeps_what_belongs_together(dataset, lead, project):
    other, _ = make.dataset(project, lead, ranked=False)
    disc, foreign = dataset.labels.get(name="disc"), other.labels.get(name="disc")
    for broken in (
        lambda: LabelAlias.objects.create(dataset=dataset, label=foreign, name="x"),
        lambda: dataset.labels.filter(pk=disc.pk).update(merged_into=foreign),
        lambda: dataset.labels.filter(pk=disc.pk).update(merged_into=disc),
        lambda: Revision.objects.create(dataset=dataset, number=9, field="name", cause="x"),
        lambda: LabelChange.objects.create(dataset=dataset, kind="merge", label=disc, by=lead),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            broken()
            connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_coco_file_gets_the_categories_that_it_lacks():
    text = json.dumps(
        {
            "images": [{"id": 1, "file_name": "a.jpg"}],
            "categories": [{"id": 7, "name": "a"}, {"id": 3, "name": "b"}],
            "annotations": [{"id": k, "image_id": 1, "category_id": 7, "bbox": [0, 0, 1, 1]} for k in (1, 2, 3)],
        },
        indent=1,
    ).encode()
    changes = {1: Change("new"), 2: Change("b"), 3: Change("newer")}
    made = json.loads(b"".join(coco.rewrite(io.BytesIO(text), changes)))
    names = {entry["id"]: entry["name"] for entry in made["categories"]}
    assert names == {7: "a", 3: "b", 8: "new", 9: "newer"}
    assert [names[one["category_id"]] for one in made["annotations"]] == ["new", "b", "newer"]


def test_a_renamed_category_keeps_its_id_and_all_other_bytes():
    text = b"""{"images": [{"id": 1, "file_name": "a.jpg"}],
      "categories": [{"id": 7,  "name": "a", "supercategory": "x"}, {"id": 3, "name": "b"}],
      "annotations": [{"id": 1, "image_id": 1,  "category_id": 7}, {"id": 2, "image_id": 1, "category_id":3}]}"""
    changes = {1: Change("b"), 2: Change("a")}  # as they are called now: a was b, and b was a
    made = b"".join(coco.rewrite(io.BytesIO(text), changes, {"a": "b", "b": "a"}))
    assert made == text.replace(b'"id": 7,  "name": "a"', b'"id": 7, "name": "b"').replace(
        b'3, "name": "b"', b'3, "name": "a"'
    )
    changes = {1: Change("b"), 2: Change("b")}
    moved = json.loads(b"".join(coco.rewrite(io.BytesIO(text), changes, {"a": "b", "b": "a"})))
    assert [one["category_id"] for one in moved["annotations"]] == [7, 7]


def test_what_an_own_model_says_of_a_part_it_says_of_the_whole(dataset, lead, path):
    names = sorted(dataset.labels.values_list("name", flat=True))
    rows = [f"key,{','.join(f'p:{name}' for name in names)}"]
    for item in dataset.items.select_related("label"):
        rows.append(f"{item.key},{','.join(str(0.97 if name == item.label.name else 0.01) for name in names)}")
    source = store().put("\n".join(rows).encode())
    _, job = predictions.start(dataset=dataset, by=lead, name="net", source=source, use=True)
    assert make.work(job).state == Job.State.DONE, job.message
    rank_again(dataset)
    parts = list(dataset.items.filter(label__name="cross").values_list("pk", flat=True))
    done(lead, path, kind="merge", label="cross", into="bar")
    rank_again(dataset)
    moved = dataset.items.filter(pk__in=parts)
    assert {item.predicted.name for item in moved.select_related("predicted")} == {"bar"}
    assert max(moved.values_list("suspicion", flat=True)) < 0.2


def test_merges_are_taken_back_one_after_another_and_all_is_as_before(dataset, lead, path):
    before = dict(dataset.items.values_list("pk", "label__name"))
    changes = []
    for part, whole in (("cross", "bar"), ("bar", "disc")):
        changes.append(done(lead, path, kind="merge", label=part, into=whole))
        rank_again(dataset)
    browser = make.client(lead)
    early = browser.post(f"/api/label-changes/{changes[0]['id']}/undo/")
    assert early.status_code == 409 and "merged as well since" in early.json()["detail"]
    for change in reversed(changes):
        assert browser.post(f"/api/label-changes/{change['id']}/undo/").json()["state"] == "undone"
        rank_again(dataset)
    assert dict(dataset.items.values_list("pk", "label__name")) == before


def test_a_merge_is_not_taken_back_while_somebody_reviews_the_whole(dataset, lead, path):
    change = done(lead, path, kind="merge", label="cross", into="bar")
    rank_again(dataset)
    campaign = make.campaign(dataset, lead)
    answer = make.client(lead).post(f"/api/label-changes/{change['id']}/undo/")
    assert answer.status_code == 409 and campaign.name in answer.json()["detail"]
    assert not dataset.items.filter(label__name="cross").exists()


def test_a_fix_to_what_was_merged_since_is_taken_back_all_the_same(dataset, project, lead, path):
    campaign = make.campaign(dataset, lead, slice={"by": "label", "labels": ["square"]}, policy="fixed", looks_max=1)
    lent = claim.claim(campaign=campaign, member=project.members.get())
    submit.submit(assignment=lent, revision=0, flags=[], seen=make.everything(lent))
    verdict = campaign.verdicts.filter(state="clean").first()
    disc = dataset.labels.get(name="disc")
    decision = Resolution.objects.create(verdict=verdict, dataset=dataset, action="relabel", label=disc, by=lead)
    decide.update(campaign, [verdict.pk])
    done(lead, path, kind="merge", label="disc", into="cross")
    assert dataset.items.get(pk=verdict.item_id).label.name == "cross"
    Resolution.objects.filter(pk=decision.pk).update(current=False)
    decide.update(campaign, [verdict.pk])
    assert Fix.objects.get(verdict=verdict).state == "reverted"
    assert dataset.items.get(pk=verdict.item_id).label.name == "square"
    rank_again(dataset)


def test_whoever_is_lent_a_part_is_lent_the_whole(dataset, project, lead, path):
    team = teams.create(project=project, given={"name": "Crosses", "labels": ["cross"]}, by=lead)
    ann = make.member(project, "ann")
    teams.place(member=ann, given={"team": "Crosses"}, by=lead)
    done(lead, path, kind="merge", label="cross", into="bar")
    rank_again(dataset)
    assert set(team.labels.values_list("name", flat=True)) == {"cross", "bar"}
    campaign = make.campaign(dataset, lead)
    assert claim.claim(campaign=campaign, member=ann).tiles.exists()


def test_classes_below_a_merged_one_hang_below_the_whole_and_never_in_a_ring(dataset, lead, path):
    square, disc, bar, cross = (dataset.labels.get(name=name) for name in make.LABELS)
    for label, parent in ((disc, square), (bar, disc), (cross, square)):
        dataset.labels.filter(pk=label.pk).update(parent=parent)
    done(lead, path, kind="merge", label="square", into="bar")
    parents = dict(dataset.labels.values_list("name", "parent__name"))
    assert parents["disc"] is None and parents["bar"] == "disc" and parents["cross"] == "bar"
    rank_again(dataset)


def test_a_name_that_is_taken_meanwhile_is_not_given_back(dataset, lead, path):
    change = done(lead, path, kind="rename", label="disc", name="circle")
    LabelAlias.objects.filter(name="disc").delete()
    done(lead, path, kind="add", name="disc")
    answer = make.client(lead).post(f"/api/label-changes/{change['id']}/undo/")
    assert answer.status_code == 409 and "Another class is called 'disc'" in answer.json()["detail"]
