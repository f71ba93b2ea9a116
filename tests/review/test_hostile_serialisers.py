"""A pickle is a program. Wherever one could be put it is refused, and nothing in it runs."""

import pickle
import time
from pathlib import Path

import pytest
import torch
from django.contrib.sessions.backends.db import SessionStore
from django.core import signing
from django.core.cache import cache
from kombu import Connection

from mlfix_site import processes
from mlfix_site.celery import app
from ranking.encoders import lpips
from ranking.encoders.base import EncoderUnavailable
from tests import live


class Evil:
    """Unpickled, it leaves a file behind."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return Path.write_text, (self.path, "it ran")


@pytest.fixture
def canary(tmp_path) -> Path:
    return tmp_path / "canary"


def test_the_canary_sings_where_somebody_unpickles(canary):
    pickle.loads(pickle.dumps(Evil(canary)))
    assert canary.read_text() == "it ran"


def test_a_pickle_in_the_cache_is_no_value_and_does_not_run(canary):
    cache.set("kept", {"a": [1, 2.5, None, "ü"]}, 60)
    assert cache.get("kept") == {"a": [1, 2.5, None, "ü"]}
    cache.set("count", 3, 60)
    assert cache.incr("count") == 4
    client = cache._cache.get_client(None, write=True)
    client.set(cache.make_key("planted"), pickle.dumps(Evil(canary)))
    with pytest.raises(ValueError):
        cache.get("planted")
    assert not canary.exists()
    cache.delete_many(["kept", "count", "planted"])
    with pytest.raises(TypeError):
        cache.set("object", Evil(canary))


class Pickled:
    def dumps(self, value):
        return pickle.dumps(value)


def test_a_pickled_session_is_an_empty_session_even_with_our_signature(db, canary):
    forged = signing.dumps(Evil(canary), salt=SessionStore().key_salt, serializer=Pickled, compress=True)
    assert SessionStore().decode(forged) == {}
    assert not canary.exists()


@pytest.mark.django_db(transaction=True)
def test_a_pickle_put_into_the_queue_is_rejected_and_the_worker_goes_on(transactional_db, canary):
    log = processes.general_worker().log
    said = log.stat().st_size if log.exists() else 0
    cache.delete("worker.general")
    with Connection(app.conf.broker_url) as connection:
        queue = connection.SimpleQueue("general", serializer="pickle")
        headers = {"lang": "py", "task": "review.run_job", "id": "planted"}
        queue.put(((Evil(canary),), {}, {}), headers=headers, serializer="pickle")
        queue.close()
    app.send_task("review.present", args=["general"], queue="general")
    with live.running(processes.general_worker()):
        live.wait_for(lambda: cache.get("worker.general"), 40)
        live.wait_for(lambda: b"ContentDisallowed" in log.read_bytes()[said:], 10)
        time.sleep(0.2)
    assert not canary.exists()


def test_weights_that_are_a_program_are_refused_and_do_not_run(tmp_path, canary):
    torch.save({"features.0.weight": Evil(canary)}, tmp_path / "squeezenet1_1-evil.pth")
    (tmp_path / "vgg16-evil.pth").write_bytes(pickle.dumps(Evil(canary)))
    for net in ("squeeze", "vgg"):
        with pytest.raises(EncoderUnavailable, match="could not be read as weights"):
            lpips.load(net, str(tmp_path))
    assert not canary.exists()
