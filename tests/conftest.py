"""What many tests share. After each test that used the database, its invariants must hold."""

from collections.abc import Iterator

import pytest

from review.models import Campaign, Dataset, Project, User
from review.operations import projects
from review.queries.invariants import breaches
from tests import make


@pytest.fixture
def lead(db: None) -> User:
    return make.user("lead")


@pytest.fixture
def project(lead: User) -> Iterator[Project]:
    yield projects.create(name="Signs", by=lead)
    assert not list(breaches())


@pytest.fixture
def wrong() -> dict[int, str]:
    """Which rows are labelled wrong, and how."""
    return {5: "square", 18: "cross", 30: "square"}


@pytest.fixture
def shapes(project: Project, lead: User, wrong: dict[int, str]) -> tuple[Dataset, dict[str, str]]:
    return make.dataset(project, lead, wrong=wrong)


@pytest.fixture
def dataset(shapes: tuple[Dataset, dict[str, str]]) -> Dataset:
    return shapes[0]


@pytest.fixture
def truth(shapes: tuple[Dataset, dict[str, str]]) -> dict[str, str]:
    return shapes[1]


@pytest.fixture
def campaign(dataset: Dataset, lead: User) -> Campaign:
    return make.campaign(dataset, lead)
