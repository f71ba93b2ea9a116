"""Crops cut anew, larger or through another window: in one step, part by part, and nobody who reviews notices."""

import base64
import datetime
import io
from typing import Any

import numpy as np
import pytest
from django.utils import timezone
from PIL import Image

from review.models import Dataset, EmbeddingShard, Job, NewCrop, Object, Project, Shard, User
from review.operations import claim, jobs, parts, recut, submit, sweep
from review.storage import store
from tests import make
from tests.review.test_depth import ramp, seen
from tests.sources import bring_in, revise

LARGE = {"crop_pixels": 256}


@pytest.fixture
def photos(project: Project, lead: User) -> Dataset:
    """Three objects of two photos of 600 pixels, in crops of 128."""
    files = {"a.jpg": make.picture("disc", 1, side=600), "b.jpg": make.picture("bar", 2, side=600)}
    rows = "image,label,x,y,width,height\na.jpg,disc,0,0,600,600\nb.jpg,bar,10,10,500,500\nb.jpg,bar,50,50,500,300\n"
    return bring_in(project, lead, files, rows)[0]


@pytest.fixture
def ranked(photos: Dataset) -> Dataset:
    make.rank(photos)
    photos.refresh_from_db()
    return photos


def side(dataset: Dataset, key: str) -> int:
    return max(seen(dataset, key).shape)


def cut(dataset: Dataset, **wish: Any) -> Job:
    return make.work(recut.start(dataset=dataset, by=None, seen=wish))


def test_all_crops_are_cut_larger_and_the_dataset_is_ranked_anew(ranked: Dataset) -> None:
    old = ranked.ranking
    job = cut(ranked, **LARGE)
    assert job.state == Job.State.DONE and job.result["objects"] == 3 and (job.done, job.total) == (3, 3), job.message
    ranked.refresh_from_db()
    assert ranked.crop_pixels == 256
    assert [side(ranked, key) for key in ("a.jpg", "b.jpg", "b.jpg#2")] == [256] * 3
    assert not NewCrop.objects.exists()
    assert old is not None and ranked.ranking == old and not ranked.ranking.done  # a new campaign waits for the new one
    assert not EmbeddingShard.objects.exists()
    rank = ranked.jobs.get(kind=Job.Kind.RANK, state=Job.State.QUEUED)
    Job.objects.filter(pk=rank.pk).update(parameters={"encoder": "pixels"})
    assert make.work(rank).state == Job.State.DONE
    ranked.refresh_from_db()
    assert ranked.ranking is not None and ranked.ranking.done
    shards = set(Object.objects.values_list("shard", flat=True))
    assert set(ranked.ranking.embeddings.values_list("shard", flat=True)) == shards


def test_another_window_keeps_every_image_under_one(project: Project, lead: User) -> None:
    made, _ = bring_in(project, lead, {"d/dim.png": ramp(1000, 1500), "d/bright.png": ramp(1500, 2000)})
    make.rank(made)
    assert abs(seen(made, "d/dim.png").mean() - 64) < 4
    assert cut(made, window_low=0.0, window_high=4000.0).state == Job.State.DONE
    made.refresh_from_db()
    assert (made.window_low, made.window_high, made.crop_pixels) == (0, 4000, 128)
    dim, bright = seen(made, "d/dim.png"), seen(made, "d/bright.png")
    assert abs(dim.mean() - 255 * 1250 / 4000) < 4 and abs(bright.mean() - 255 * 1750 / 4000) < 4


def test_until_all_are_cut_the_old_ones_are_shown(ranked: Dataset, settings: Any, monkeypatch: Any) -> None:
    settings.PART_ROWS = 1
    job, written = recut.start(dataset=ranked, by=None, seen=LARGE), []
    write = recut.write

    def write_two(run: jobs.Run, dataset: Dataset, part: parts.Part) -> None:
        if len(written) == 2:
            raise jobs.Refused("Cut off.")
        write(run, dataset, part)
        written.append(part.good[0][0].number)

    monkeypatch.setattr(recut, "write", write_two)
    assert make.work(job).state == Job.State.FAILED
    ranked.refresh_from_db()
    assert ranked.crop_pixels == 128 and side(ranked, "a.jpg") == 128 and NewCrop.objects.count() == 2
    monkeypatch.setattr(recut, "write", lambda *args: written.append(args[2].good[0][0].number) or write(*args))
    assert make.work(jobs.resume(job=job)).state == Job.State.DONE
    assert sorted(written) == sorted(ranked.objects_in.values_list("pk", flat=True))  # each once
    assert side(ranked, "a.jpg") == 256


def test_a_box_redrawn_meanwhile_is_cut_by_the_new_box(ranked: Dataset, monkeypatch: Any) -> None:
    job, switch, tried = recut.start(dataset=ranked, by=None, seen=LARGE), recut.switch, []

    def switch_late(*args: Any) -> bool:
        if not tried:
            revise(ranked, "a.jpg", "box", [100.0, 100.0, 300.0, 100.0])
        tried.append(switch(*args))
        return tried[-1]

    monkeypatch.setattr(recut, "switch", switch_late)
    assert make.work(job).state == Job.State.DONE and tried == [False, True]
    thing = ranked.items.get(key="a.jpg").object
    assert thing.box == (100, 100, 300, 100) and thing.inner is not None
    assert thing.inner[2] == pytest.approx(3 * thing.inner[3], rel=0.05) and side(ranked, "a.jpg") == 256


def test_a_cutting_that_was_cut_off_after_its_last_step_does_nothing_twice(ranked: Dataset) -> None:
    job = recut.start(dataset=ranked, by=None, seen=LARGE)
    taken = jobs.take(job.pk)
    assert taken is not None
    recut.run(jobs.Run(taken))  # and its worker dies before it says so
    shards = set(ranked.shards.values_list("pk", flat=True))
    Job.objects.filter(pk=job.pk).update(state=Job.State.INTERRUPTED)
    assert make.work(jobs.resume(job=job)).state == Job.State.DONE
    assert set(ranked.shards.values_list("pk", flat=True)) == shards
    assert ranked.jobs.filter(kind=Job.Kind.RANK, state=Job.State.QUEUED).count() == 1


def test_a_worker_that_comes_back_from_the_dead_changes_nothing(ranked: Dataset) -> None:
    job = recut.start(dataset=ranked, by=None, seen=LARGE)
    taken = jobs.take(job.pk)
    assert taken is not None
    Job.objects.filter(pk=job.pk).update(fence=taken.fence + 1)
    with pytest.raises(jobs.Stop):
        recut.run(jobs.Run(taken))
    ranked.refresh_from_db()
    assert ranked.crop_pixels == 128 and not NewCrop.objects.exists()


def test_a_ranking_under_way_is_waited_for(photos: Dataset) -> None:
    job = cut(photos, **LARGE)
    assert job.state == Job.State.QUEUED and "ranking under way" in job.message
    photos.refresh_from_db()
    assert photos.crop_pixels == 128
    make.rank(photos)
    assert make.work(job).state == Job.State.DONE and side(photos, "b.jpg") == 256


def test_one_photo_that_is_lost_leaves_all_as_it_was(ranked: Dataset) -> None:
    store().discard(ranked.shards.get(kind=Shard.Kind.PHOTOS).key)
    job = cut(ranked, **LARGE)
    assert job.state == Job.State.FAILED and "a.jpg: The photo cannot be read" in job.message
    ranked.refresh_from_db()
    assert ranked.crop_pixels == 128 and side(ranked, "a.jpg") == 128


def test_an_open_campaign_goes_on_undisturbed(dataset: Dataset, campaign: Any, project: Project, truth: Any) -> None:
    held = claim.claim(campaign=campaign, member=project.members.get())
    assert not isinstance(held, claim.Nothing)
    tiles = list(held.tiles.order_by("position").values_list("item", flat=True))
    assert cut(dataset, crop_pixels=64).state == Job.State.DONE
    assert list(held.tiles.order_by("position").values_list("item", flat=True)) == tiles
    done = submit.submit(
        assignment=held, revision=0, flags=make.flags_of_truth(held, truth), seen=make.everything(held)
    )
    assert done.counted == len(tiles)
    make.review_alone(campaign, project, truth)


def test_old_crops_are_kept_a_day_and_then_swept_with_what_nobody_else_names(
    ranked: Dataset, django_capture_on_commit_callbacks: Any
) -> None:
    old = ranked.shards.get(kind=Shard.Kind.CROPS)
    photos = ranked.shards.get(kind=Shard.Kind.PHOTOS)
    cut(ranked, **LARGE)
    sweep.sweep_crops()
    assert store().get(old.key) and Shard.objects.filter(pk=old.pk).exists()
    Shard.objects.filter(pk=old.pk).update(left_at=timezone.now() - datetime.timedelta(days=2))
    other = ranked.shards.create(kind=Shard.Kind.CROPS, key=old.key, bytes=old.bytes)
    sweep.sweep_crops()
    assert store().get(old.key) and not Shard.objects.filter(pk=old.pk).exists()  # another row names the object
    Shard.objects.filter(pk=other.pk).update(left_at=timezone.now() - datetime.timedelta(days=2))
    waiting = recut.start(dataset=ranked, by=None, seen={"crop_pixels": 64})
    sweep.sweep_crops()
    assert Shard.objects.filter(pk=other.pk).exists()  # while crops are cut, none is swept
    jobs.cancel(job=waiting)
    with django_capture_on_commit_callbacks(execute=True):
        sweep.sweep_crops()
    with pytest.raises(FileNotFoundError):
        store().get(old.key)
    assert store().get(photos.key) and side(ranked, "a.jpg") == 256


def test_what_was_cut_by_a_job_that_was_given_up_is_not_taken_for_another(ranked: Dataset, monkeypatch: Any) -> None:
    given_up = recut.start(dataset=ranked, by=None, seen={"crop_pixels": 64})
    with monkeypatch.context() as patch:
        patch.setattr(recut, "switch", lambda *_: jobs.cancel(job=given_up) and None)
        run = jobs.take(given_up.pk)
        assert run is not None
        recut.forget_others(jobs.Run(run), ranked)
        with recut.cutters(recut.view_of(run)) as pool:
            recut.cut_rest(jobs.Run(run), ranked, pool)
    Job.objects.filter(pk=given_up.pk).update(state=Job.State.CANCELLED)
    assert NewCrop.objects.filter(job=given_up).count() == 3
    assert cut(ranked, **LARGE).state == Job.State.DONE
    assert not NewCrop.objects.exists() and side(ranked, "a.jpg") == 256
    assert ranked.shards.filter(kind=Shard.Kind.CROPS, left_at=None).count() == 1


def test_a_lead_looks_at_a_few_first_and_then_cuts_and_nobody_else(project: Project, lead: User) -> None:
    made, _ = bring_in(project, lead, {"d/dim.png": ramp(1000, 1500), "d/bright.png": ramp(1500, 2000)})
    make.rank(made)
    address = f"/api/datasets/{made.pk}/"
    supervisor = make.client(make.member(project, "sue", "supervisor").user)
    assert supervisor.patch(address, LARGE, format="json").status_code == 403
    client = make.client(lead)
    for body in ({"crop_pixels": 8}, {"window_low": 5}, {"window_low": 5, "window_high": 5}):
        assert client.patch(address, body, format="json").status_code == 400
    same = client.patch(address, {"crop_pixels": 128}, format="json")
    assert same.status_code == 409 and "like this already" in same.json()["detail"]
    wish = {"window_low": 0, "window_high": 4000}
    answer = client.patch(address, {**wish, "dry_run": True}, format="json")
    assert answer.status_code == 202
    looked = make.work(Job.objects.get(pk=answer.json()["job"]))
    assert looked.result["window"] == {"low": 0, "high": 4000}
    assert looked.result["found"]["low"] == pytest.approx(1005, abs=3)
    greys = [np.asarray(Image.open(io.BytesIO(base64.b64decode(one)))).mean() for one in looked.result["previews"]]
    assert sorted(greys) == pytest.approx([80, 112], abs=4)
    made.refresh_from_db()
    assert made.window_high is not None and made.window_high < 2000 and not NewCrop.objects.exists()
    job = Job.objects.get(pk=client.patch(address, wish, format="json").json()["job"])
    assert (job.kind, client.get(address).json()["job"]) == (Job.Kind.RECUT, job.pk)
    other = client.patch(address, LARGE, format="json")
    assert other.status_code == 409 and "being cut anew already" in other.json()["detail"]
    assert client.patch(address, wish, format="json").json()["job"] == job.pk
    assert make.work(job).state == Job.State.DONE
    assert client.get(address).json()["window"] == {"low": 0, "high": 4000}


def test_a_dataset_that_is_not_ready_is_not_cut_anew(project: Project, lead: User) -> None:
    made, _ = bring_in(project, lead, {"d/a.png": ramp(0, 9000)}, dry_run=True)
    answer = make.client(lead).patch(f"/api/datasets/{made.pk}/", LARGE, format="json")
    assert answer.status_code == 409 and "checked" in answer.json()["detail"]


def test_a_job_whose_place_another_has_taken_is_not_resumed(ranked: Dataset, lead: User) -> None:
    first = jobs.cancel(job=recut.start(dataset=ranked, by=lead, seen={"crop_pixels": 64}))
    recut.start(dataset=ranked, by=lead, seen=LARGE)
    answer = make.client(lead).post(f"/api/jobs/{first.pk}/resume/")
    assert answer.status_code == 409 and "Another job of this kind" in answer.json()["detail"]
