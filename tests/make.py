"""Small things for tests to stand on: pictures drawn here, datasets that came in by the real import."""

import csv
import io
import random
import zipfile
from typing import Any

import numpy as np
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from PIL import Image, ImageDraw
from rest_framework.test import APIClient

from review import tasks
from review.models import Assignment, Campaign, Dataset, Job, Member, Project, User
from review.operations import claim, import_, jobs, plan, projects, snapshots, submit
from review.storage import store

LABELS = ("square", "disc", "bar", "cross")
PASSWORD = "correct-horse-battery"


def picture(label: str, seed: int, side: int = 48) -> bytes:
    """A JPEG of a light shape on a dark noisy ground."""
    rng = random.Random(seed)
    noise = np.random.default_rng(seed).integers(20, 90, (side, side, 3), dtype=np.uint8)
    image = Image.fromarray(noise)
    pen = ImageDraw.Draw(image)
    middle, reach = side / 2 + rng.uniform(-2, 2), side / 3 + rng.uniform(-3, 3)
    around = [middle - reach, middle - reach, middle + reach, middle + reach]
    colour = (230, rng.randint(180, 230), rng.randint(150, 230))
    if label == "square":
        pen.rectangle(around, fill=colour)
    elif label == "disc":
        pen.ellipse(around, fill=colour)
    elif label == "bar":
        pen.rectangle([around[0], middle - 4, around[2], middle + 4], fill=colour)
    else:
        pen.line([around[0], around[1], around[2], around[3]], fill=colour, width=6)
        pen.line([around[0], around[3], around[2], around[1]], fill=colour, width=6)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=90)
    return out.getvalue()


def source(
    each: int = 12, wrong: dict[int, str] | None = None, box: bool = True, side: int = 48
) -> tuple[bytes, bytes, dict[str, str]]:
    """(zip of pictures, CSV manifest, {image: true label}); wrong: {row from 0: the label it gets instead}; `side`:
    pixels of a picture."""
    archive, table = io.BytesIO(), io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(["image", "label", "x", "y", "width", "height", "camera"] if box else ["image", "label"])
    truth = {}
    with zipfile.ZipFile(archive, "w") as files:
        for row in range(each * len(LABELS)):
            name, label = f"pictures/{row:04d}.jpg", LABELS[row % len(LABELS)]
            files.writestr(name, picture(label, row, side))
            truth[name] = label
            given = (wrong or {}).get(row, label)
            writer.writerow([name, given, 4, 4, side - 8, side - 8, f"camera-{row % 3}"] if box else [name, given])
    return archive.getvalue(), table.getvalue().encode(), truth


def user(name: str) -> User:
    """Somebody who can sign in; hashed once only, since tests make many."""
    password = PBKDF2PasswordHasher().encode(PASSWORD, "salt", iterations=1)
    return User.objects.create(username=name, password=password)


def member(project: Project, name: str, role: str = "reviewer") -> Member:
    return projects.set_member(project=project, user=user(name), role=role, by=None)


def client(who: User | None = None) -> APIClient:
    made = APIClient()
    if who is not None:
        made.force_login(who)
    return made


def numbers(who: User, campaign: Campaign) -> dict[str, Any]:
    """What the board shows somebody of a campaign, as it stands now, however long a busy machine took the last time."""
    snapshots.make(campaign.pk)
    found: dict[str, Any] = client(who).get(f"/api/campaigns/{campaign.pk}/progress/").json()
    return found


def work(job: Job) -> Job:
    """Do a job here and now, the way a worker does it."""
    if job.kind in Job.PERCEIVING:
        from ranking import tasks as ranking_tasks

        ranking_tasks.run_job(job.pk)
    else:
        jobs.run(job.pk, tasks.WORK[Job.Kind(job.kind)])
    job.refresh_from_db()
    return job


def dataset(
    project: Project, lead: User, *, ranked: bool = True, **source_options: Any
) -> tuple[Dataset, dict[str, str]]:
    """(an imported and ranked dataset, the truth by image)."""
    archive, table, truth = source(**source_options)
    made, job = import_.start(
        project=project,
        by=lead,
        name="Shapes",
        source={"archive": store().put(archive), "manifest": store().put(table)},
    )
    assert work(job).state == Job.State.DONE, job.message
    if ranked:
        rank(made)
    made.refresh_from_db()
    return made, truth


def rank(made: Dataset) -> None:
    job = made.jobs.get(kind=Job.Kind.RANK)
    Job.objects.filter(pk=job.pk).update(parameters={"encoder": "pixels"})
    assert work(job).state == Job.State.DONE, job.message


def campaign(made: Dataset, lead: User, **settings: Any) -> Campaign:
    planned, job = plan.start(
        dataset=made, by=lead, name="Review", settings={"batch_size": 12, "honeypots": 0, **settings}
    )
    assert work(job).state == Job.State.DONE, job.message
    planned.refresh_from_db()
    return planned


def flags_of_truth(assignment: Assignment, truth: dict[str, str]) -> list[dict[str, Any]]:
    """What somebody who is always right flags."""
    tiles = assignment.tiles.select_related("item__object__image", "label").order_by("position")
    return [
        {"position": tile.position, "reason": "wrong_label", "label": truth[tile.item.object.image.path], "comment": ""}
        for tile in tiles
        if truth[tile.item.object.image.path] != tile.label.name
    ]


def everything(assignment: Assignment) -> list[int]:
    return list(assignment.tiles.values_list("position", flat=True))


def review_alone(campaign: Campaign, project: Project, truth: dict[str, str]) -> None:
    """The project's one lead looks at everything and is always right."""
    member = project.members.get()
    while isinstance(found := claim.claim(campaign=campaign, member=member), Assignment):
        submit.submit(assignment=found, revision=0, flags=flags_of_truth(found, truth), seen=everything(found))
