"""The OpenAPI description: made without a warning, it names every route of the API, and answers keep to it."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema
from rest_framework import serializers

from review.api import (
    answers,
    answers_asking,
    answers_check_up,
    answers_desk,
    answers_explore,
    answers_history,
    answers_notices,
    answers_progress,
    answers_reviewer,
    answers_work,
    urls,
)
from review.models import Fix
from review.operations import check_up, claim, submit
from tests import make


def test_the_schema_is_valid_and_names_every_route(capsys):
    schema = SchemaGenerator().get_schema(public=True)
    validate_schema(schema)
    assert not capsys.readouterr().err
    routes = {re.sub(r"<\w+:(\w+)>", r"{\1}", f"/api/{pattern.pattern}") for pattern in urls.urlpatterns}
    named = {path.replace("{id}", "{pk}") for path in schema["paths"]}
    assert routes - named == {"/api/schema/", "/api/docs/"}


def test_every_operation_says_what_it_does():
    paths = SchemaGenerator().get_schema(public=True)["paths"]
    silent = [
        f"{method} {path}" for path, all_ in paths.items() for method, one in all_.items() if not one.get("description")
    ]
    assert not silent


def test_the_schema_is_served_and_readable(client, db):
    assert client.get(reverse("api:schema")).status_code == 200
    page = client.get(reverse("api:docs"))
    assert page.status_code == 200 and "swagger" in page.content.decode()


def differences(shape: type[serializers.Serializer] | serializers.Serializer, sent: Any, where: str = "") -> list[str]:
    """Where an answer has other fields than its description."""
    fields = (shape() if isinstance(shape, type) else shape).get_fields()
    found = [f"{where}.{name}" for name in set(fields) ^ set(sent)]
    for name, field in fields.items():
        if isinstance(field, serializers.ListSerializer) and isinstance(field.child, serializers.Serializer):
            for row in sent.get(name) or []:
                found += differences(field.child, row, f"{where}.{name}")
        elif isinstance(field, serializers.Serializer) and sent.get(name) is not None:
            found += differences(field, sent[name], f"{where}.{name}")
    return found


@pytest.fixture
def reviewed(project, dataset, lead, truth):
    """A campaign with a fix and a dispute, an export, and an assignment in somebody's hand."""
    campaign = make.campaign(dataset, lead, policy="fixed", looks_max=2)
    for name in ("ann", "ben"):
        member = make.member(project, name)
        while not isinstance(lent := claim.claim(campaign=campaign, member=member), claim.Nothing):
            flags = make.flags_of_truth(lent, truth)[: None if name == "ann" else 1]
            submit.submit(assignment=lent, revision=0, flags=flags, seen=make.everything(lent))
    return campaign


def test_answers_have_the_fields_that_the_description_names(project, dataset, lead, reviewed):
    browser = make.client(lead)
    other = make.campaign(dataset, lead)
    lent = browser.post(f"/api/campaigns/{other.pk}/claim/").json()
    export = browser.post(f"/api/datasets/{dataset.pk}/exports/", {}, format="json").json()
    fix = Fix.objects.filter(campaign=reviewed).first()
    assert fix is not None
    own = browser.post(
        f"/api/datasets/{dataset.pk}/encoders/", {"file": SimpleUploadedFile("net.onnx", b"no network"), "name": "net"}
    )
    predictions = browser.post(
        f"/api/datasets/{dataset.pk}/predictions/", {"file": SimpleUploadedFile("a.csv", b"key,loss\n"), "name": "net"}
    )
    assert not differences(answers.Started, own.json()) and not differences(answers.Started, predictions.json())
    expected = {
        f"/api/projects/{project.pk}/": answers.ProjectOut,
        "/api/projects/": answers.page_of(answers.ProjectOut),
        f"/api/projects/{project.pk}/members/": answers.page_of(answers.MemberOut),
        f"/api/datasets/{dataset.pk}/": answers.DatasetOut,
        f"/api/datasets/{dataset.pk}/labels/": answers.page_of(answers.LabelOut),
        f"/api/datasets/{dataset.pk}/items/": answers.page_of(answers.ItemOut),
        f"/api/datasets/{dataset.pk}/slice/": answers_explore.SliceOut,
        f"/api/datasets/{dataset.pk}/slice/items/?ids={fix.item_id}": answers_explore.SliceItems,
        f"/api/items/{fix.item_id}/alike/": answers_explore.AlikeOut,
        f"/api/datasets/{dataset.pk}/predictions/": answers.page_of(answers.PredictionsOut),
        f"/api/datasets/{dataset.pk}/encoders/": answers.page_of(answers.EncoderOut),
        f"/api/campaigns/{reviewed.pk}/": answers.CampaignOut,
        f"/api/campaigns/{reviewed.pk}/progress/": answers_progress.ProgressOut,
        f"/api/campaigns/{reviewed.pk}/disputes/": answers.page_of(answers.Dispute),
        f"/api/campaigns/{reviewed.pk}/fixes/": answers.page_of(answers.FixOut),
        f"/api/assignments/{lent['id']}/": answers.AssignmentOut,
        "/api/assignments/?mine": answers.page_of(answers.AssignmentLine),
        f"/api/exports/{export['id']}/": answers.ExportOut,
        f"/api/jobs/{export['job']}/": answers.JobOut,
    }
    for address, shape in expected.items():
        sent = browser.get(address).json()
        assert sent.get("results", [True]), f"{address} is empty, so nothing was compared"
        assert not differences(shape, sent, address), differences(shape, sent, address)
    done = browser.post(f"/api/assignments/{lent['id']}/submit/").json()
    assert not differences(answers.HandedIn, done)
    assert not differences(answers.FixOut, browser.post(f"/api/fixes/{fix.pk}/revert/").json())


def test_answers_about_questions_guidelines_and_work_have_the_fields_that_the_description_names(
    project, dataset, lead, reviewed
):
    ann, sue = project.members.get(user__username="ann"), make.member(project, "sue", "supervisor")
    lent = claim.claim(campaign=make.campaign(dataset, lead), member=ann)
    reviewer, supervisor, at = make.client(ann.user), make.client(sue.user), f"/api/assignments/{lent.pk}"
    asked = [reviewer.post(f"{at}/questions/", {"text": "?", "position": k}, format="json").json() for k in (0, 1)]
    answer = {"text": "Yes.", "shows": "yes"}
    done = supervisor.post(f"/api/questions/{asked[0]['id']}/answer/", answer, format="json").json()
    label, campaign = lent.tiles.get(position=0).label, lent.campaign_id
    checked = {"round": 0, "flags": [0]}
    sent = [
        (answers_asking.OwnQuestion, asked[1]),
        (answers_asking.QuestionOut, done),
        (answers_asking.OwnQuestion, reviewer.post(f"/api/questions/{asked[0]['id']}/told/").json()),
        (answers.page_of(answers_asking.OwnQuestion), reviewer.get("/api/questions/").json()),
        (answers.page_of(answers_asking.QuestionOut), supervisor.get(f"/api/campaigns/{campaign}/questions/").json()),
        (answers_asking.Guidelines, reviewer.get(f"{at}/guidelines/").json()),
        (
            answers.page_of(answers_asking.GuidelineVersion),
            make.client(lead).get(f"/api/labels/{label.pk}/guideline/").json(),
        ),
        (answers.page_of(answers.LabelOut), reviewer.get(f"/api/datasets/{dataset.pk}/labels/").json()),
        (answers_work.WorkOut, reviewer.get("/api/work/").json()),
        (answers_work.TutorialOut, reviewer.get(f"/api/campaigns/{campaign}/tutorial/").json()),
        (
            answers_work.TutorialChecked,
            reviewer.post(f"/api/campaigns/{campaign}/tutorial/check/", checked, format="json").json(),
        ),
    ]
    for shape, answer in sent:
        assert answer.get("results", [True]), f"{shape.__name__} is empty, so nothing was compared"
        assert not differences(shape, answer), differences(shape, answer, shape.__name__)


def test_answers_of_the_desk_the_history_and_the_check_up_have_the_fields_that_the_description_names(
    project, dataset, lead, reviewed
):
    browser, at = make.client(lead), f"/api/campaigns/{reviewed.pk}"
    disputed = browser.get(f"{at}/desk/").json()
    cases = [{"verdict": pk} for pk in disputed["clusters"][0]["cases"]]
    settled = browser.post(f"{at}/resolutions/", {"cases": cases, "action": "clean"}, format="json").json()
    late = browser.post(f"{at}/resolutions/", {"cases": cases, "action": "clean"}, format="json").json()
    rule = f"/api/verdicts/{cases[0]['verdict']}/ruling/"
    (ruling,) = browser.post(rule, {"said": "So it is."}, format="json").json()
    item = reviewed.verdicts.get(pk=cases[0]["verdict"]).item_id
    handed_in = reviewed.assignments.filter(state="handed_in").first()
    checked, job = check_up.start(dataset=dataset, by=lead, items=30)
    make.work(job)
    described = browser.post(
        f"/api/datasets/{dataset.pk}/labels/", {"file": SimpleUploadedFile("a.csv", b"label\nno such\n")}
    ).json()
    sent = [
        (answers_desk.DeskOut, disputed),
        (answers_desk.SettledOut, settled),
        (answers_desk.SettledOut, late),
        (answers.RulingOut, ruling),
        (answers_history.HistoryOut, browser.get(f"/api/items/{item}/history/").json()),
        (answers.page_of(answers_history.EventOut), browser.get(f"/api/projects/{project.pk}/log/").json()),
        (answers_reviewer.ReviewerOut, browser.get(f"{at}/reviewers/{handed_in.reviewer.username}/").json()),
        (answers_reviewer.BatchOut, browser.get(f"/api/assignments/{handed_in.pk}/batch/").json()),
        (answers_check_up.CheckUpOut, browser.get(f"/api/campaigns/{checked.pk}/check-up/").json()),
        (answers.LabelsDescribed, described),
    ]
    assert settled["settled"] and late["overtaken"] and described["rejected"]
    for shape, answer in sent:
        assert not differences(shape, answer, shape.__name__)


def test_answers_about_webhooks_and_digests_have_the_fields_that_the_description_names(project, lead):
    browser, at = make.client(lead), f"/api/projects/{project.pk}"
    made = browser.post(f"{at}/webhooks/", {"url": "https://93.184.216.34/hook"}, format="json").json()
    tested = browser.post(f"/api/webhooks/{made['id']}/test/").json()
    sent = [
        (answers_notices.WebhookMade, made),
        (answers_notices.WebhookPage, browser.get(f"{at}/webhooks/").json()),
        (answers_notices.WebhookOut, browser.patch(f"/api/webhooks/{made['id']}/", {}, format="json").json()),
        (answers_notices.DeliveryOut, tested),
        (answers_notices.DeliveryOut, browser.post(f"/api/deliveries/{tested['id']}/again/").json()),
        (answers_notices.DeliveryPage, browser.get(f"/api/webhooks/{made['id']}/deliveries/").json()),
        (answers_notices.DigestOut, browser.get(f"{at}/digest/").json()),
    ]
    for shape, answer in sent:
        assert answer.get("results", [True]), f"{shape.__name__} is empty, so nothing was compared"
        assert not differences(shape, answer), differences(shape, answer, shape.__name__)


@pytest.mark.parametrize("address", ["/api/nothing/", "/api/datasets/abc/", "/api/"])
def test_an_address_that_is_none_answers_programs_as_any_other_error_does(lead, address):
    answer = make.client(lead).get(address)
    assert answer.status_code == 404 and answer.json()["type"] == "not_found" and answer.json()["detail"]


def test_a_page_that_is_none_is_a_page(lead):
    answer = make.client(lead).get("/nothing/")
    assert answer.status_code == 404 and b"<html" in answer.content
