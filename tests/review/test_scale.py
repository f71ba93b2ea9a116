"""How large a pixel is: who may say it, what is refused, and what a reviewer is told of it."""

import pytest

from review.crops import surroundings
from review.models import Item
from review.operations import claim
from review.queries import scale
from tests import make

pytestmark = pytest.mark.django_db


def said(who, dataset, **given):
    return make.client(who).put(f"/api/datasets/{dataset.pk}/scale/", given, format="json")


def spans(campaign, member):
    lent = claim.claim(campaign=campaign, member=member)
    answer = make.client(member.user).get(f"/api/assignments/{lent.pk}/").json()
    tiles = [tile for section in answer["sections"] for tile in section["tiles"]]
    items = dict(lent.tiles.values_list("position", "item"))
    return answer["unit"], {items[tile["position"]]: tile["span"] for tile in tiles}


def test_a_lead_says_it_and_tiles_tell_what_they_span(dataset, campaign, project, lead):
    answer = said(lead, dataset, pixel_size=0.5, pixel_unit="µm")
    assert answer.json() == {"pixel_size": 0.5, "pixel_attribute": "", "pixel_unit": "µm"}
    assert make.client(lead).get(f"/api/datasets/{dataset.pk}/").json()["scale"] == answer.json()
    unit, found = spans(campaign, make.member(project, "ann"))
    left, top, right, bottom = surroundings((4, 4, 40, 40), 48, 48)
    assert unit == "µm" and set(map(tuple, found.values())) == {((right - left) / 2, (bottom - top) / 2)}


def test_an_item_that_says_it_itself_is_believed_and_what_is_no_length_is_not(dataset, lead):
    rows = list(Item.objects.filter(dataset=dataset).order_by("row"))
    for item, size in zip(rows, [2, "2", "", "soon", "-1", "nan", "1e999", None] * 6, strict=True):
        item.attributes["um"] = size
        item.save(update_fields=["attributes"])
    assert said(lead, dataset, pixel_attribute="um", pixel_unit="µm").status_code == 200
    dataset.refresh_from_db()
    assert set(scale.spans(dataset, [item.pk for item in rows]).values()) == {(96.0, 96.0)}
    assert len(scale.spans(dataset, [item.pk for item in rows])) == 12
    assert said(lead, dataset, pixel_size=0.25, pixel_attribute="um", pixel_unit="µm").status_code == 200
    dataset.refresh_from_db()
    found = scale.spans(dataset, [item.pk for item in rows])
    assert len(found) == 48 and set(found.values()) == {(96.0, 96.0), (12.0, 12.0)}


def test_nobody_knows_is_said_by_three_empty_fields(dataset, campaign, project, lead):
    said(lead, dataset, pixel_size=0.5, pixel_unit="µm")
    assert said(lead, dataset).json() == {"pixel_size": None, "pixel_attribute": "", "pixel_unit": ""}
    unit, found = spans(campaign, make.member(project, "ann"))
    assert unit == "" and set(found.values()) == {None}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"pixel_size": 1}, "pixel_unit"),
        ({"pixel_unit": "mm"}, "pixel_size"),
        ({"pixel_size": 0, "pixel_unit": "mm"}, "pixel_size"),
        ({"pixel_size": -1, "pixel_unit": "mm"}, "pixel_size"),
        ({"pixel_attribute": "depth", "pixel_unit": "mm"}, "pixel_attribute"),
        ({"pixel_size": "wide", "pixel_unit": "mm"}, "pixel_size"),
        ({"pixel_size": 1, "pixel_unit": "nautical miles"}, "pixel_unit"),
    ],
)
def test_what_is_no_length_is_refused_with_a_sentence_at_its_field(dataset, lead, given, field):
    answer = said(lead, dataset, **given)
    assert answer.status_code == 400 and list(answer.json()["errors"]) == [field]


def test_only_a_lead_says_it(dataset, project):
    for role in ("reviewer", "supervisor"):
        assert said(make.member(project, role, role).user, dataset, pixel_size=1, pixel_unit="mm").status_code == 403
    assert said(make.user("stranger"), dataset, pixel_size=1, pixel_unit="mm").status_code == 404
