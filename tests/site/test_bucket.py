"""The same site on a bucket: a server that speaks S3 in place of a folder."""

from collections.abc import Iterator

import boto3
import pytest
from moto.server import ThreadedMotoServer
from s3fs import S3FileSystem

from review.models import Campaign, Project, User
from review.queries.invariants import breaches
from review.storage import Store, store
from tests import make, sources

NAMES = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "us-east-1"}


@pytest.fixture(scope="module")
def server() -> Iterator[None]:
    """A client keeps the address that it was made with, so those of an earlier server are forgotten."""
    S3FileSystem.clear_instance_cache()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as environment:
        for name, value in {**NAMES, "AWS_ENDPOINT_URL": f"http://{host}:{port}", "NO_PROXY": host}.items():
            environment.setenv(name, value)
        boto3.client("s3").create_bucket(Bucket="labels")
        yield
    server.stop()


@pytest.fixture
def bucket(server: None, request: pytest.FixtureRequest) -> str:
    return f"s3://labels/{request.node.name}"


def test_objects_in_a_bucket_are_kept_once_and_read_in_parts(bucket: str) -> None:
    kept = Store(bucket)
    kept.check()
    key = kept.put(b"hello world")
    assert kept.put(b"hello world") == key
    assert kept.get(key) == b"hello world"
    assert kept.get_ranges([(key, 0, 5), (key, 6, 11)]) == [b"hello", b"world"]
    assert kept.size(key) == 11
    with kept.open(key) as file:
        file.seek(6)
        assert file.read() == b"world"
    assert list(kept.every_key()) == [key]
    with pytest.raises(FileNotFoundError):
        kept.get("0" * 64)


@pytest.mark.django_db(transaction=True)
def test_a_dataset_in_a_bucket_is_imported_ranked_planned_and_exported(
    bucket: str, project: Project, lead: User, settings: object
) -> None:
    settings.STORAGE_URL = bucket  # type: ignore[attr-defined]
    store.cache_clear()
    try:
        dataset, _ = make.dataset(project, lead)
        assert make.campaign(dataset, lead).state == Campaign.State.OPEN
        whole = sources.exported(dataset, lead)
        assert whole.decode().count("\n") == dataset.items.count() + 1
        assert store().files.protocol[0] == "s3" and len(list(store().every_key())) > 3
        assert not list(breaches())
    finally:
        store.cache_clear()
