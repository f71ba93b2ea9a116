"""The main job through the operations: several reviewers, or one person alone, from import to export."""

import csv
import io

import pytest

from review.models import Campaign, Dataset, Export, Fix, Item, Job, Label, Member, Resolution, User, Verdict
from review.operations import claim, export, refit, resolve, submit
from review.storage import store
from tests import make


def review_all(campaign: Campaign, members: list[Member], truth: dict[str, str], blind: set[str] = frozenset()) -> int:
    """Everybody claims and hands in what they are sure of until nothing is left; those in `blind` flag nothing."""
    handed_in, working = 0, True
    while working:
        working = False
        for member in members:
            found = claim.claim(campaign=campaign, member=member)
            if isinstance(found, claim.Nothing):
                continue
            flags = [] if member.user.username in blind else make.flags_of_truth(found, truth)
            submit.submit(assignment=found, revision=0, flags=flags, seen=make.everything(found))
            handed_in, working = handed_in + 1, True
    return handed_in


def exported(dataset: Dataset, lead: User, kind: str) -> list[dict[str, str]]:
    made, job = export.start(dataset=dataset, by=lead, kind=kind)
    assert make.work(job).state == Job.State.DONE
    made = Export.objects.get(pk=made.pk)
    return list(csv.DictReader(io.StringIO(store().get(made.key).decode())))


def test_three_reviewers_find_the_planted_errors_and_the_export_carries_them(project, dataset, truth, wrong, lead):
    campaign = make.campaign(dataset, lead, policy="fixed", looks_min=3, looks_max=3)
    members = [make.member(project, name) for name in ("ann", "ben", "cem")]
    review_all(campaign, members, truth)
    assert set(campaign.verdicts.values_list("state", flat=True)) == {"clean", "fix"}
    assert campaign.verdicts.filter(counted=3).count() == 48
    full = exported(dataset, lead, "full")
    assert {row["image"]: row["label"] for row in full} == truth
    patch = exported(dataset, lead, "patch")
    assert {int(row["row"]) - 1: row["old_label"] for row in patch} == wrong
    assert all(row["by"] == "consensus" and float(row["probability"]) > 0.9 for row in patch)


def test_the_full_export_differs_in_the_fixes_and_nothing_else(project, dataset, truth, wrong, lead):
    campaign = make.campaign(dataset, lead, policy="fixed", looks_min=1, looks_max=1)
    before = store().get(dataset.layout["source"]["manifest"]).decode().splitlines()
    review_all(campaign, [make.member(project, "ann")], truth)
    made, job = export.start(dataset=dataset, by=lead)
    make.work(job)
    after = store().get(Export.objects.get(pk=made.pk).key).decode().splitlines()
    assert [k - 1 for k, pair in enumerate(zip(before, after, strict=True)) if pair[0] != pair[1]] == sorted(wrong)


def test_one_person_alone_carries_a_dataset_from_import_to_export(project, dataset, truth, wrong, lead):
    campaign = make.campaign(dataset, lead, policy="solo")
    review_all(campaign, list(project.members.all()), truth)
    assert campaign.verdicts.filter(state=Verdict.State.FIX).count() == len(wrong)
    assert {row["image"]: row["label"] for row in exported(dataset, lead, "full")} == truth


def test_a_doubtful_item_is_asked_about_again_and_a_clean_one_is_not(project, dataset, truth, wrong, lead):
    campaign = make.campaign(
        dataset, lead, policy="evidence", looks_min=1, looks_max=4, clean_below=0.02, fix_above=0.9999
    )
    members = [make.member(project, name) for name in ("ann", "ben", "cem", "dot")]
    review_all(campaign, members, truth)
    looks = dict(campaign.verdicts.values_list("item__row", "counted"))
    doubtful = [looks[row + 1] for row in wrong]
    assert min(doubtful) >= 2 and sum(looks.values()) < 3 * len(looks)
    assert campaign.verdicts.filter(state=Verdict.State.FIX).count() == len(wrong)


def test_disagreement_goes_to_a_supervisor_whose_word_holds(project, dataset, truth, wrong, lead):
    campaign = make.campaign(dataset, lead, policy="fixed", looks_min=2, looks_max=2)
    review_all(campaign, [make.member(project, "ann"), make.member(project, "ben")], truth, blind={"ben"})
    disputed = list(campaign.verdicts.filter(state=Verdict.State.DISPUTED).select_related("item__object__image"))
    assert {v.item.row - 1 for v in disputed} == set(wrong)
    for verdict in disputed:
        right = Label.objects.get(dataset=dataset, name=truth[verdict.item.object.image.path])
        resolve.resolve(verdict=verdict, by=lead, action=Resolution.Action.RELABEL, label=right)
    assert not campaign.verdicts.filter(state=Verdict.State.DISPUTED).exists()
    assert {row["image"]: row["label"] for row in exported(dataset, lead, "full")} == truth


def test_what_a_classifier_said_at_the_planning_counts_whatever_it_says_later(project, dataset, truth, lead):
    item = dataset.items.order_by("row").first()
    right, other = dataset.labels.exclude(pk=item.label_id).order_by("pk")[:2]
    Item.objects.filter(pk=item.pk).update(suspicion=0.5, suggestions=[[right.pk, 0.49], [other.pk, 0.01]])
    campaign = make.campaign(dataset, lead, policy="fixed", looks_min=3, looks_max=3, batch_size=60)
    for name, label in (("ann", right), ("ben", other), ("cem", None)):
        lent = claim.claim(campaign=campaign, member=make.member(project, name))
        place = lent.tiles.get(item=item).position
        flags = [{"position": place, "reason": "wrong_label", "label": label.name, "comment": ""}] if label else []
        submit.submit(assignment=lent, revision=0, flags=flags, seen=make.everything(lent))
    fixed = campaign.verdicts.get(item=item)
    assert (fixed.state, fixed.suggested) == (Verdict.State.FIX, right)
    dataset.items.update(suspicion=None, suggestions=[])  # as after a ranking that knows nothing of them
    refit.refit(campaign.pk)
    assert campaign.verdicts.get(item=item).state == Verdict.State.FIX
    assert Item.objects.get(pk=item.pk).label == right


@pytest.mark.parametrize(("policy", "people"), [("solo", 1), ("fixed", 3), ("first_agree", 2)])
def test_by_a_plain_rule_the_label_is_what_people_name_and_not_what_the_model_holds(
    project, dataset, lead, policy, people
):
    item = dataset.items.order_by("row").first()
    named, other = dataset.labels.exclude(pk=item.label_id).order_by("pk")[:2]
    Item.objects.filter(pk=item.pk).update(suspicion=0.99, suggestions=[[other.pk, 0.99]])
    campaign = make.campaign(dataset, lead, policy=policy, batch_size=60)
    for n in range(people):
        lent = claim.claim(campaign=campaign, member=make.member(project, f"p{n}"))
        flag = {"position": lent.tiles.get(item=item).position, "reason": "wrong_label", "label": named.name}
        submit.submit(assignment=lent, revision=0, flags=[flag | {"comment": ""}], seen=make.everything(lent))
    assert campaign.verdicts.get(item=item).suggested == named
    assert Item.objects.get(pk=item.pk).label == named


def test_a_revert_is_one_more_revision_and_the_label_stands_as_it_was(project, dataset, truth, wrong, lead):
    campaign = make.campaign(dataset, lead, policy="solo")
    review_all(campaign, list(project.members.all()), truth)
    fix = Fix.objects.filter(campaign=campaign).order_by("pk").first()
    assert fix is not None
    reverted = resolve.revert(fix=fix, by=lead)
    again = resolve.revert(fix=fix, by=lead)
    dataset.refresh_from_db()
    assert reverted.state == again.state == Fix.State.REVERTED
    assert Item.objects.get(pk=fix.item_id).label_id == fix.old_label_id
    assert dataset.revision == len(wrong) + 1
    assert len(exported(dataset, lead, "patch")) == len(wrong) - 1


def test_a_label_of_another_dataset_cannot_be_stored(project, dataset, truth, lead):
    campaign = make.campaign(dataset, lead)
    other, _ = make.dataset(project, lead, ranked=False)
    foreign = other.labels.first()
    verdict = campaign.verdicts.first()
    assert foreign is not None and verdict is not None
    with pytest.raises(Exception, match="another dataset"):
        resolve.resolve(verdict=verdict, by=lead, action=Resolution.Action.RELABEL, label=foreign)


def test_a_refit_from_the_same_looks_is_the_same_fit(project, dataset, truth, lead):
    campaign = make.campaign(dataset, lead, policy="fixed", looks_min=2, looks_max=2)
    review_all(campaign, [make.member(project, "ann"), make.member(project, "ben")], truth)
    first, second = refit.refit(campaign.pk), refit.refit(campaign.pk)
    assert first and second and first.parameters == second.parameters
    campaign.refresh_from_db()
    assert campaign.fit_id == second.pk
