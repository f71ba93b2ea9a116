"""Who reaches what: every route of the site, taken from the URL map, times every kind of person, times every method.

A route without a row here fails the run. Foreign and absent answer alike.
"""

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from review.models import Assignment, Campaign, Contest, Dataset, Export, Fix, Job, Look, Pair, Project, Webhook
from review.operations import (
    ask,
    check_up,
    claim,
    export,
    flag,
    label_changes,
    messages,
    predictions,
    projects,
    submit,
    teams,
    webhooks,
)
from review.operations import labels as naming
from review.storage import store
from tests import make

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
ANYONE, SIGNED_IN, REVIEWER, SUPERVISOR, LEAD, OWNER = "anyone", "signed in", "reviewer", "supervisor", "lead", "owner"
RANK = {REVIEWER: 1, SUPERVISOR: 2, LEAD: 3}
PEOPLE = ("anonymous", "stranger", "foreign lead", "reviewer", "supervisor", "lead", "staff")

# name: ({method: who may}, which object its address names)
API = {
    "api:token": ({"POST": ANYONE}, ""),
    "api:schema": ({"GET": ANYONE}, ""),
    "api:docs": ({"GET": ANYONE}, ""),
    "api:projects": ({"GET": SIGNED_IN, "POST": SIGNED_IN}, ""),
    "api:project": ({"GET": REVIEWER, "PATCH": LEAD}, "project"),
    "api:members": ({"GET": REVIEWER, "POST": LEAD, "DELETE": LEAD}, "project"),
    "api:teams": ({"GET": SUPERVISOR, "POST": LEAD}, "project"),
    "api:team": ({"PATCH": LEAD, "DELETE": LEAD}, "team"),
    "api:invitations": ({"POST": LEAD}, "project"),
    "api:project-datasets": ({"POST": LEAD}, "project"),
    "api:dataset": ({"GET": REVIEWER, "PATCH": LEAD}, "dataset"),
    "api:dataset-import": ({"POST": LEAD}, "dataset"),
    "api:dataset-scale": ({"PUT": LEAD}, "dataset"),
    "api:dataset-rename": ({"POST": LEAD}, "dataset"),
    "api:dataset-archive": ({"POST": LEAD}, "dataset"),
    "api:dataset-unarchive": ({"POST": LEAD}, "dataset"),
    "api:labels": ({"GET": REVIEWER, "POST": LEAD}, "dataset"),
    "api:label-changes": ({"GET": SUPERVISOR, "POST": SUPERVISOR}, "dataset"),
    "api:label-change-accept": ({"POST": LEAD}, "label change"),
    "api:label-change-decline": ({"POST": LEAD}, "label change"),
    "api:label-change-undo": ({"POST": LEAD}, "label change"),
    "api:label-icon": ({"GET": REVIEWER, "PUT": LEAD, "DELETE": LEAD}, "label"),
    "api:items": ({"GET": SUPERVISOR}, "dataset"),
    "api:slice": ({"GET": SUPERVISOR}, "dataset"),
    "api:slice-items": ({"GET": SUPERVISOR}, "dataset"),
    "api:slice-crops": ({"GET": SUPERVISOR}, "dataset"),
    "api:rejected": ({"GET": SUPERVISOR}, "dataset"),
    "api:dataset-campaigns": ({"POST": LEAD}, "dataset"),
    "api:dataset-exports": ({"POST": LEAD}, "dataset"),
    "api:predictions": ({"GET": SUPERVISOR, "POST": LEAD}, "dataset"),
    "api:predictions-rejected": ({"GET": SUPERVISOR}, "predictions"),
    "api:encoders": ({"GET": SUPERVISOR, "POST": LEAD}, "dataset"),
    "api:rankings": ({"POST": LEAD}, "dataset"),
    "api:changes": ({"GET": SUPERVISOR}, "dataset"),
    "api:change-counts": ({"GET": SUPERVISOR}, "dataset"),
    "api:start-check-up": ({"POST": LEAD}, "dataset"),
    "api:check-up": ({"GET": SUPERVISOR}, "checked"),
    "api:dataset-training": ({"POST": LEAD}, "dataset"),
    "api:label-exemplar": ({"GET": REVIEWER}, "label"),
    "api:guideline": ({"GET": LEAD, "POST": LEAD}, "label"),
    "api:guideline-read": ({"POST": REVIEWER}, "label"),
    "api:ruling-crop": ({"GET": REVIEWER}, "ruling"),
    "api:campaign": ({"GET": REVIEWER, "PATCH": LEAD}, "campaign"),
    "api:foresee": ({"POST": LEAD}, "campaign"),
    "api:outlook": ({"POST": LEAD}, "dataset"),
    "api:progress": ({"GET": REVIEWER}, "campaign"),
    "api:progress-csv": ({"GET": SUPERVISOR}, "campaign"),
    "api:claim": ({"POST": REVIEWER}, "campaign"),
    "api:tutorial": ({"GET": REVIEWER, "POST": REVIEWER}, "campaign"),
    "api:tutorial-crops": ({"GET": REVIEWER}, "campaign"),
    "api:tutorial-check": ({"POST": REVIEWER}, "campaign"),
    "api:work": ({"GET": SIGNED_IN}, ""),
    "api:desk": ({"GET": SUPERVISOR, "PUT": SUPERVISOR}, "campaign"),
    "api:resolutions": ({"POST": SUPERVISOR}, "campaign"),
    "api:look-alikes": ({"GET": SUPERVISOR}, "campaign"),
    "api:reopen": ({"POST": SUPERVISOR}, "campaign"),
    "api:accept": ({"POST": SUPERVISOR}, "campaign"),
    "api:more-looks": ({"POST": SUPERVISOR}, "campaign"),
    "api:make-rule": ({"POST": SUPERVISOR}, "verdict"),
    "api:reviewer": ({"GET": SUPERVISOR}, "campaign"),
    "api:take-back": ({"POST": SUPERVISOR}, "campaign"),
    "api:batch": ({"GET": SUPERVISOR}, "handed in"),
    "api:send-back": ({"POST": SUPERVISOR}, "handed in"),
    "api:work-csv": ({"GET": SIGNED_IN}, ""),
    "api:project-work-csv": ({"GET": LEAD}, "project"),
    "api:disputes": ({"GET": SUPERVISOR}, "campaign"),
    "api:contests": ({"GET": SUPERVISOR}, "campaign"),
    "api:contest": ({"POST": SUPERVISOR}, "contest"),
    "api:pairs": ({"GET": SUPERVISOR}, "campaign"),
    "api:pair": ({"POST": LEAD}, "pair"),
    "api:fixes": ({"GET": SUPERVISOR}, "campaign"),
    "api:questions": ({"GET": SUPERVISOR}, "campaign"),
    "api:own-questions": ({"GET": SIGNED_IN}, ""),
    "api:question-answer": ({"POST": SUPERVISOR}, "question"),
    "api:question-told": ({"POST": OWNER}, "answered"),
    "api:project-messages": ({"GET": SUPERVISOR, "POST": SUPERVISOR}, "project"),
    "api:own-messages": ({"GET": SIGNED_IN}, ""),
    "api:message-read": ({"POST": OWNER}, "message"),
    "api:webhooks": ({"GET": LEAD, "POST": LEAD}, "project"),
    "api:webhook": ({"PATCH": LEAD, "DELETE": LEAD}, "webhook"),
    "api:webhook-test": ({"POST": LEAD}, "webhook"),
    "api:deliveries": ({"GET": LEAD}, "webhook"),
    "api:delivery-again": ({"POST": LEAD}, "delivery"),
    "api:digest": ({"GET": SUPERVISOR, "PUT": SUPERVISOR}, "project"),
    "api:digest-address": ({"PUT": SUPERVISOR}, "project"),
    "api:assignments": ({"GET": SIGNED_IN}, ""),
    "api:assignment": ({"GET": OWNER}, "assignment"),
    "api:flags": ({"PUT": OWNER}, "assignment"),
    "api:extend": ({"POST": OWNER}, "assignment"),
    "api:release": ({"POST": OWNER}, "assignment"),
    "api:submit": ({"POST": OWNER}, "assignment"),
    "api:crops": ({"GET": OWNER}, "assignment"),
    "api:tile-crop": ({"GET": OWNER}, "assignment"),
    "api:tile-context": ({"GET": OWNER}, "assignment"),
    "api:tile-suggestions": ({"GET": OWNER}, "assignment"),
    "api:ask": ({"POST": OWNER}, "assignment"),
    "api:assignment-guidelines": ({"GET": OWNER}, "assignment"),
    "api:checks": ({"GET": OWNER, "POST": OWNER}, "assignment"),
    "api:resolution": ({"POST": SUPERVISOR}, "verdict"),
    "api:label": ({"PATCH": LEAD}, "label"),
    "api:revert": ({"POST": SUPERVISOR}, "fix"),
    "api:export": ({"GET": LEAD}, "export"),
    "api:export-download": ({"GET": LEAD}, "export"),
    "api:job": ({"GET": REVIEWER}, "job"),
    "api:job-cancel": ({"POST": LEAD}, "job"),
    "api:job-resume": ({"POST": LEAD}, "job"),
    "api:history": ({"GET": SUPERVISOR}, "item"),
    "api:log": ({"GET": SUPERVISOR}, "project"),
    "api:log-file": ({"GET": SUPERVISOR}, "project"),
    "api:item-crop": ({"GET": SUPERVISOR}, "item"),
    "api:item-context": ({"GET": SUPERVISOR}, "item"),
    "api:item-alike": ({"GET": SUPERVISOR}, "item"),
}
SITE = {
    "healthz": ({"GET": ANYONE}, ""),
    "readyz": ({"GET": ANYONE}, ""),
    "login": ({"GET": ANYONE, "POST": ANYONE}, ""),
    "logout": ({"POST": ANYONE}, ""),
    "set-language": ({"POST": ANYONE}, ""),
}
# A page sends whoever is not signed in to the sign-in page.
PAGES = {
    "home": ({"GET": SIGNED_IN}, ""),
    "project": ({"GET": REVIEWER}, "project"),
    "dataset": ({"GET": REVIEWER}, "dataset"),
    "explore": ({"GET": SUPERVISOR}, "dataset"),
    "campaign": ({"GET": REVIEWER}, "campaign"),
    "review": ({"GET": REVIEWER}, "campaign"),
    "tutorial": ({"GET": REVIEWER}, "campaign"),
    "work": ({"GET": SIGNED_IN}, ""),
    "disputes": ({"GET": SUPERVISOR}, "campaign"),
    "fixes": ({"GET": SUPERVISOR}, "campaign"),
    "item": ({"GET": SUPERVISOR}, "item"),
    "reviewer": ({"GET": SUPERVISOR}, "campaign"),
    "log": ({"GET": SUPERVISOR}, "project"),
    "changes": ({"GET": SUPERVISOR}, "dataset"),
    "report": ({"GET": SUPERVISOR}, "campaign"),
}
# An invitation is for whoever holds its token; tests/review/test_projects.py has its story. The link to confirm an
# address is for the one person that it was sent for: tests/review/test_digest.py.
BY_TOKEN = {"invitation", "confirm-email", "begin"}
EXTRA = {"number": 0, "position": 0, "token": "no-such-token", "username": "reviewer"}
ABSENT = 987_654_321


def routes(patterns: Any = None, space: str = "") -> Iterator[str]:
    """The names of all routes but those of the operators' admin, which has its own guard."""
    for entry in patterns if patterns is not None else get_resolver().url_patterns:
        if isinstance(entry, URLResolver):
            if entry.namespace != "admin":
                yield from routes(entry.url_patterns, f"{space}{entry.namespace}:" if entry.namespace else space)
        elif isinstance(entry, URLPattern):
            yield f"{space}{entry.name}"


@dataclass
class World:
    """A project in which something of everything exists."""

    people: dict[str, Any] = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=dict)


@pytest.fixture
def world(project: Project, dataset: Dataset, truth: dict[str, str], lead: Any) -> World:
    made = World(
        people={"anonymous": None, "lead": lead, "stranger": make.user("stranger"), "staff": make.user("staff")}
    )
    made.people["staff"].is_staff = made.people["staff"].is_superuser = True
    made.people["staff"].save()
    made.people["foreign lead"] = make.user("foreign")
    projects.create(name="Elsewhere", by=made.people["foreign lead"])
    for name in ("reviewer", "supervisor"):
        made.people[name] = make.member(project, name, name).user
    campaign = make.campaign(dataset, lead, policy="fixed", looks_min=1, looks_max=1)
    fill(campaign, project, truth)
    lent = claim.claim(campaign=campaign, member=project.members.get(user=made.people["reviewer"]))
    assert isinstance(lent, Assignment)
    flag.save(assignment=lent, revision=0, seen=[], flags=[{"position": 0, "reason": "wrong_label"}])
    exported, job = export.start(dataset=dataset, by=lead)
    naming.set_icon(label=dataset.labels.get(name="disc"), data=make.picture("disc", 1), by=lead)
    make.work(job)
    fix = Fix.objects.filter(campaign=campaign).first()
    assert fix is not None
    made.ids = {
        "project": project.pk, "dataset": dataset.pk, "label": dataset.labels.get(name="disc").pk,
        "campaign": campaign.pk, "assignment": lent.pk, "verdict": fix.verdict_id, "fix": fix.pk,
        "export": exported.pk, "job": job.pk, "item": fix.item_id, "predictions": said(dataset, lead),
        "handed in": campaign.assignments.filter(state="handed_in").first().pk,
        "checked": check_up.start(dataset=dataset, by=lead)[0].pk,
        "contest": contested(campaign), "pair": pair(campaign, project),
        "message": written(project, made.people), "label change": proposed(dataset, project),
        "team": teams.create(project=project, given={"name": "Early"}, by=lead).pk,
        **asked(lent, made.people["supervisor"]), **hooked(project, lead),
    }  # fmt: skip
    return made


def contested(campaign: Campaign) -> int:
    """A planted look that its reviewer does not agree with."""
    look = Look.objects.filter(campaign=campaign).first()
    assert look is not None
    return Contest.objects.create(campaign=campaign, look=look).pk


def asked(lent: Assignment, supervisor: Any) -> dict[str, int]:
    """An open question, one that was answered with an example, and the ruling that the answer made."""
    waiting, done = (ask.ask(assignment=lent, position=k, text="Is this one?", key=str(k)) for k in range(2))
    done = ask.answer(question=done, text="Yes.", shows="yes", by=supervisor)
    assert done.ruling_id is not None
    return {"question": waiting.pk, "answered": done.pk, "ruling": done.ruling_id}


def written(project: Project, people: dict[str, Any]) -> int:
    """What the supervisor wrote to the reviewer."""
    to = project.members.get(user=people["reviewer"])
    return messages.send(to=to, text="Look twice at bars.", by=people["supervisor"]).pk


def proposed(dataset: Dataset, project: Project) -> int:
    """What the supervisor would have a class called."""
    label, by = dataset.labels.get(name="disc"), project.members.get(role="supervisor")
    return label_changes.propose(dataset=dataset, by=by, kind="alias", label=label, into=None, name="o", note="").pk


def hooked(project: Project, lead: Any) -> dict[str, int]:
    """A webhook, and a test of it on its way."""
    webhook = Webhook.objects.create(project=project, url="https://example.org/hook", created_by=lead)
    return {"webhook": webhook.pk, "delivery": webhooks.send_test(webhook=webhook, by=lead).pk}


def pair(campaign: Campaign, project: Project) -> int:
    one, other, *_ = sorted(project.members.values_list("user", flat=True))
    return Pair.objects.create(campaign=campaign, one_id=one, other_id=other, common=9, both=5, expected=1).pk


def said(dataset: Dataset, lead: Any) -> int:
    """Predictions with a row that is refused."""
    key = dataset.items.order_by("row").values_list("key", flat=True)[0]
    source = store().put(f"key,loss\n{key},1\nunknown,2\n".encode())
    made, job = predictions.start(dataset=dataset, by=lead, name="net", source=source, use=False)
    assert make.work(job).state == Job.State.DONE, job.message
    return made.pk


def fill(campaign: Campaign, project: Project, truth: dict[str, str]) -> None:
    """One reviewer hands in batches until there is a fix."""
    helper = make.member(project, "helper")
    while not campaign.fixes.exists():
        lent = claim.claim(campaign=campaign, member=helper)
        assert isinstance(lent, Assignment)
        submit.submit(assignment=lent, revision=0, flags=make.flags_of_truth(lent, truth), seen=make.everything(lent))


def address(name: str, thing: str, world: World, pk: int | None = None) -> str:
    wanted = {"pk": pk if pk is not None else world.ids.get(thing, 0), **EXTRA}
    for names in itertools.chain.from_iterable(itertools.combinations(wanted, n) for n in range(len(wanted) + 1)):
        try:
            return reverse(name, kwargs={key: wanted[key] for key in names})
        except Exception:
            continue
    raise AssertionError(f"{name} takes something this test does not know")


def call(world: World, person: str, method: str, url: str) -> Any:
    """One request, undone afterwards."""
    client = make.client(world.people[person])
    client.raise_request_exception = False
    ask: Callable[..., Any] = getattr(client, method.lower())
    try:
        with transaction.atomic():
            answer = ask(url, {}, format="json") if method != "GET" else ask(url)
            raise UndoError
    except UndoError:
        return answer


class UndoError(Exception):
    pass


def expected(person: str, who: str | None) -> set[int] | None:
    """The codes that may come, or None where it must simply work: any answer but a refusal or an error of ours."""
    if who == ANYONE:
        return None
    if person == "anonymous":
        return {401}
    if who is None:
        return {405}
    if who == SIGNED_IN:
        return None
    if person in ("stranger", "foreign lead", "staff"):
        return {404}
    if who == OWNER:
        return None if person == "reviewer" else {404}
    return None if RANK[person] >= RANK[who] else {403}


def test_each_route_lets_in_whom_it_should(world: World) -> None:
    breaches = []
    for (name, (allowed, thing)), person, method in itertools.product((API | SITE | PAGES).items(), PEOPLE, METHODS):
        url = address(name, thing, world)
        code = call(world, person, method, url).status_code
        codes = expected(person, allowed.get(method))
        if (ANYONE in allowed.values() or name in PAGES) and method not in allowed:
            codes = {405}
        elif name in PAGES and person == "anonymous":
            codes = {302}
        fine = code not in (401, 403, 404, 405) and code < 500 if codes is None else code in codes
        if not fine:
            breaches.append(f"{method} {url} as {person}: {code}, expected {codes or 'an answer'}")
    assert not breaches, "\n".join(breaches)


def test_what_is_foreign_answers_like_what_is_absent(world: World) -> None:
    for (name, (allowed, thing)), person in itertools.product(
        (API | PAGES).items(), ("stranger", "foreign lead", "staff")
    ):
        for method in allowed if thing else ():
            foreign = call(world, person, method, address(name, thing, world))
            absent = call(world, person, method, address(name, thing, world, ABSENT))
            assert foreign.status_code == absent.status_code == 404, f"{method} {name} as {person}"
            assert told(foreign) == told(absent), f"{method} {name} as {person}"


def test_every_route_has_its_row() -> None:
    assert set(routes()) == set(API) | set(SITE) | set(PAGES) | BY_TOKEN


def told(answer: Any) -> bytes:
    """What an answer says, but for its CSRF token, which differs each time."""
    return re.sub(rb'content="[A-Za-z0-9]{64}"|value="[A-Za-z0-9]{64}"', b"", answer.content)


@pytest.mark.parametrize(
    "thing", ["project", "dataset", "campaign", "assignment", "item", "export", "job", "fix", "predictions"]
)
def test_walking_the_numbers_as_a_stranger_finds_nothing(world: World, thing: str) -> None:
    name = {"fix": "api:revert", "item": "api:item-crop", "predictions": "api:predictions-rejected"}.get(
        thing, f"api:{thing}"
    )
    method = "POST" if thing == "fix" else "GET"
    answers = set()
    for pk in [*range(0, 12), world.ids[thing] - 1, world.ids[thing], world.ids[thing] + 2, 2**63]:
        answer = call(world, "stranger", method, address(name, thing, world, pk))
        answers.add((answer.status_code, answer.content))
    assert len(answers) == 1 and answers.pop()[0] == 404


@pytest.mark.parametrize(
    "query",
    ["dataset__project__members__user__password__startswith=p", "order_by=user__password", "suspicion_min=x",
     "ordering=label__dataset__project__name", 'attributes__%22) OR 1=1 --=1'],
)  # fmt: skip
def test_filters_take_only_what_is_named(world: World, query: str) -> None:
    answer = make.client(world.people["supervisor"]).get(address("api:items", "dataset", world) + f"?{query}")
    assert answer.status_code == 400


@pytest.mark.parametrize("person", ["supervisor", "staff", "reviewer"])
def test_fields_that_nobody_may_send_change_nothing(world: World, person: str) -> None:
    extra = {"is_superuser": True, "role": "lead", "project": ABSENT, "owner": person, "is_staff": True, "dataset": 1}
    user = world.people[person]
    for name, (allowed, thing) in API.items():
        for method in set(allowed) - {"GET"}:
            with transaction.atomic():
                getattr(make.client(user), method.lower())(address(name, thing, world), extra, format="json")
    user.refresh_from_db()
    assert not (user.is_superuser and person != "staff")
    roles = dict(user.memberships.values_list("project__name", "role"))
    assert roles.get("Signs") == {"supervisor": "supervisor", "reviewer": "reviewer"}.get(person)


def test_no_state_changes_by_get_and_none_without_a_csrf_token(world: World) -> None:
    from rest_framework.test import APIClient

    for name, (allowed, thing) in API.items():
        if set(allowed) == {"GET"} or name == "api:token":
            continue
        url = address(name, thing, world)
        if "GET" not in allowed:
            assert make.client(world.people["lead"]).get(url).status_code == 405, url
        careless = APIClient(enforce_csrf_checks=True)
        careless.force_login(world.people["lead"])
        for method in set(allowed) - {"GET"}:
            assert getattr(careless, method.lower())(url, {}, format="json").status_code == 403, url


MEDIA = ("api:crops", "api:tile-crop", "api:tile-context", "api:item-crop", "api:item-context", "api:label-exemplar",
         "api:label-icon", "api:ruling-crop", "api:tutorial-crops", "api:slice-crops",
         "api:export-download")  # fmt: skip
ASKED = {"api:slice-crops": "?ids=1,2"}  # what an address must say besides


@pytest.mark.parametrize("name", MEDIA)
def test_media_is_for_members_alone_and_gone_right_after_removal(world: World, project: Project, name: str) -> None:
    allowed, thing = API[name]
    url = address(name, thing, world) + ASKED.get(name, "")
    person = {OWNER: "reviewer", SUPERVISOR: "supervisor", REVIEWER: "reviewer", LEAD: "lead"}[allowed["GET"]]
    insider = make.client(world.people[person])
    answer = insider.get(url)
    assert answer.status_code == 200 and "private" in answer["Cache-Control"]
    assert answer["X-Content-Type-Options"] == "nosniff" and "sandbox" in answer["Content-Security-Policy"]
    assert make.client(world.people["stranger"]).get(url).status_code == 404
    assert make.client().get(url).status_code == 401
    other = make.member(project, "second-lead", "lead").user
    projects.remove_member(project=project, user=world.people[person], by=other)
    assert insider.get(url).status_code == 404


@override_settings(DEBUG=False)
def test_an_error_is_a_sentence_with_its_fields(world: World) -> None:
    answer = make.client(world.people["lead"]).post(
        address("api:dataset-campaigns", "dataset", world), {"name": "x", "batch_size": 3}, format="json"
    )
    assert answer.status_code == 400
    assert set(answer.json()) == {"type", "detail", "errors"} and "batch_size" in answer.json()["errors"]


def test_cancelling_a_finished_job_does_nothing(world: World) -> None:
    answer = make.client(world.people["lead"]).post(address("api:job-cancel", "job", world))
    assert answer.json()["state"] == Job.State.DONE
    assert Export.objects.get(pk=world.ids["export"]).key
