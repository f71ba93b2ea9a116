"""What a reviewer is sent tells nothing of an item but its look: not that it is planted, suspected, or asked again."""

import struct

import pytest

from review.models import Assignment, Tile
from review.operations import claim, desk, flag, submit
from tests import make


@pytest.fixture
def lent(project, lead) -> Assignment:
    """A second reviewer's assignment that holds ordinary tiles, honeypots and an item asked again."""
    dataset, _ = make.dataset(project, lead, each=24)
    campaign = make.campaign(
        dataset,
        lead,
        policy="evidence",
        looks_max=4,
        honeypots=2,
        clean_below=0.0001,
        slice={"labels": ["square"]},
        attributes_shown=["camera"],
    )
    found = claim.claim(campaign=campaign, member=make.member(project, "first"))
    ordinary = found.tiles.filter(planted=False).first()
    doubt = [{"position": ordinary.position, "reason": "wrong_label"}]
    submit.submit(assignment=found, revision=0, flags=doubt, seen=make.everything(found))
    # One flag may not be enough for the model to ask again by itself; a supervisor's wish always is.
    asked = campaign.verdicts.get(item=ordinary.item_id)
    desk.ask_again(campaign=campaign, verdicts=[asked.pk], looks=1, by=lead)
    second = claim.claim(campaign=campaign, member=make.member(project, "second"))
    assert isinstance(second, Assignment)
    return second


@pytest.fixture
def reader(lent):
    return make.client(lent.reviewer)


def kinds(lent: Assignment) -> dict[str, list[int]]:
    """Positions by what the tile is behind its position."""
    found: dict[str, list[int]] = {"ordinary": [], "planted": [], "asked again": []}
    counted = dict(lent.campaign.verdicts.values_list("item_id", "counted"))
    for tile in lent.tiles.order_by("position"):
        kind = "planted" if tile.planted else "asked again" if counted[tile.item_id] else "ordinary"
        found[kind].append(tile.position)
    return found


def test_the_assignment_holds_every_kind_of_tile_and_names_none(lent, reader):
    assert all(kinds(lent).values()), kinds(lent)
    sent = reader.get(f"/api/assignments/{lent.pk}/")
    tiles = [tile for section in sent.json()["sections"] for tile in section["tiles"]]
    assert {tuple(sorted(tile)) for tile in tiles} == {("attributes", "box", "position", "span", "stack")}
    assert {tuple(tile["attributes"]) for tile in tiles} == {("camera",)}
    assert [tile["position"] for tile in tiles] == list(range(len(tiles)))
    text = sent.content.decode()
    for tile in lent.tiles.select_related("item"):
        assert tile.item.key not in text
    for word in ("planted", "suspicion", "predicted", "probability", "honeypot", "round", "prior"):
        assert word not in text


def test_each_section_is_of_one_label_and_stands_once(lent, reader):
    labels = [section["label"] for section in reader.get(f"/api/assignments/{lent.pk}/").json()["sections"]]
    assert len(labels) == len(set(labels))


@pytest.mark.parametrize("what", ["crop", "context"])
def test_addresses_and_headers_are_the_same_for_all_tiles(lent, reader, what):
    shapes = set()
    for positions in kinds(lent).values():
        for position in positions:
            answer = reader.get(f"/api/assignments/{lent.pk}/tiles/{position}/{what}/")
            told = {name: value for name, value in answer.items() if name not in ("ETag", "Content-Length")}
            shapes.add((answer.status_code, tuple(sorted(told.items()))))
    assert len(shapes) == 1


def test_the_bundle_holds_every_crop_in_order_in_one_shape(lent, reader):
    data = reader.get(f"/api/assignments/{lent.pk}/crops?size=128").content
    (count,) = struct.unpack_from("<I", data)
    lengths = struct.unpack_from(f"<{count}I", data, 4)
    assert count == lent.tiles.count() and 4 * (count + 1) + sum(lengths) == len(data)
    start = 4 * (count + 1)
    for position, length in enumerate(lengths):
        crop = data[start : start + length]
        single = reader.get(f"/api/assignments/{lent.pk}/tiles/{position}/crop/").content
        assert crop[:2] == b"\xff\xd8" and single[:2] == b"\xff\xd8"
        start += length


def test_suggestions_come_once_flagged_and_in_one_shape_for_all(lent, reader):
    some = [positions[0] for positions in kinds(lent).values()]
    address = f"/api/assignments/{lent.pk}/tiles/{{}}/suggestions/"
    assert {reader.get(address.format(p)).status_code for p in some} == {409}
    flag.save(assignment=lent, revision=0, seen=some, flags=[{"position": p, "reason": "wrong_label"} for p in some])
    for position in some:
        results = reader.get(address.format(position)).json()["results"]
        shown = Tile.objects.get(assignment=lent, position=position).label.name
        assert len(results) == 3 and shown not in {r["label"] for r in results}  # Four labels, so three others.
        assert sum(r["probability"] for r in results) == pytest.approx(1)


def test_neither_kind_stands_where_its_place_would_tell(lent):
    """Inside a section only likeness orders: planted tiles stand anywhere, and asked-again ones among the others."""
    places = dict(lent.campaign.verdicts.values_list("item_id", "place"))
    own = [places[tile.item_id] for tile in lent.tiles.filter(planted=False).order_by("position")]
    assert own == sorted(own)


def test_claims_wishes_and_saves_answer_alike_for_all_tiles(lent, reader):
    answers = []
    for revision, position in enumerate(p[0] for p in kinds(lent).values()):
        marks = {"revision": revision, "seen": [position], "flags": [{"position": position, "reason": "cant_tell"}]}
        answer = reader.put(f"/api/assignments/{lent.pk}/flags/", marks, format="json")
        answers.append((answer.status_code, tuple(answer.json())))
    assert len(set(answers)) == 1
