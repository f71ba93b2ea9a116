"""Disputes as questions: what one decision may settle, and how much of it is worth deciding."""

import random

import pytest

from review.models import Reason
from review.operations.judge import Seen
from review.queries.clusters import Case, clusters, parted, remaining
from review.queries.proposals import Proposal, acceptable, answer, proposed

RELABEL = "relabel"


def case(verdict: int, label: int = 1, to: int | None = 2, place: int = 0, thing: str = "", sure: float = 0.8) -> Case:
    return Case(verdict, label, place, thing, 0.9, Proposal(RELABEL, to, sure) if to else None)


def test_cases_of_one_label_with_one_proposal_are_one_question_with_look_alikes_adjacent():
    found = clusters([case(1, place=9), case(2, to=3), case(3, place=4), case(4, label=5), case(5, to=None)])
    assert [[one.verdict for one in cluster.cases] for cluster in found if len(cluster.cases) > 1] == [[3, 1]]
    assert len(found) == 4
    assert [cluster.risk for cluster in found] == sorted((cluster.risk for cluster in found), reverse=True)


def test_frames_of_one_sign_are_one_question_whatever_each_was_said_to_be():
    frames = [case(1, thing="sign"), case(2, thing="sign"), case(3, to=3, thing="sign", sure=0.5), case(4, to=3)]
    found = clusters(frames)
    assert {tuple(one.verdict for one in cluster.cases) for cluster in found} == {(1, 2, 3), (4,)}
    odd = next(one for cluster in found for one in cluster.cases if one.verdict == 3)
    assert odd.answer == Proposal(RELABEL, 2, 0.0) and odd.risk == 1.0  # nobody said so of this frame


def test_the_same_thing_under_two_labels_is_two_questions():
    assert len(clusters([case(1, thing="sign"), case(2, label=7, thing="sign")])) == 2


def test_a_large_question_is_cut_where_look_alikes_are_farthest_apart_and_never_inside_one_place():
    places = [1, 2, 3, 50, 51, 90, 91, 92]
    some = [case(k, place=place) for k, place in enumerate(places)]
    assert [[one.place for one in part] for part in parted(some, 3)] == [[1, 2, 3], [50, 51], [90, 91, 92]]
    assert len(parted([case(k) for k in range(9)], 3)) == 1


def test_clusters_are_the_same_in_whatever_order_the_cases_come():
    rng = random.Random(3)
    some = [
        case(k, rng.randrange(4), rng.choice([5, 6, None]), rng.randrange(300), rng.choice(["", "a", "b", "c"]))
        for k in range(200)
    ]
    first = clusters(some)
    for _ in range(5):
        rng.shuffle(some)
        assert clusters(some) == first
    assert sorted(one.verdict for cluster in first for one in cluster.cases) == list(range(200))


def test_what_remains_is_said_by_the_riskiest_questions():
    found = clusters([case(1, to=2, sure=0.1), case(2, to=3, sure=0.2), case(3, to=4, sure=0.95)])
    left = remaining(found, 12.0)
    assert left["decisions"] == 2 and left["seconds"] == 24.0
    assert left["share"] == pytest.approx(1.7 / 1.75) and left["errors"] == pytest.approx(1.75)
    assert remaining([], 12.0) == {"decisions": 0, "share": 1.0, "seconds": 0.0, "errors": 0}


def looks(*said: tuple[Reason | str, int | None]) -> list[Seen]:
    return [Seen(1, reviewer, str(reason), label) for reviewer, (reason, label) in enumerate(said)]


def test_the_commonest_reason_leads_what_is_proposed():
    ranked = [(7, 0.6), (8, 0.3)]
    assert proposed(looks((Reason.WRONG_LABEL, 7), ("", None)), 0.5, ranked) == Proposal(RELABEL, 7, 0.3)
    assert proposed(looks((Reason.BAD_BOX, None), ("", None)), 0.1, ranked) == Proposal("redraw", None, 0.5)
    gone = proposed(looks((Reason.NOT_AN_OBJECT, None), ("", None)), 0.8, [(-1, 0.5), (7, 0.2)])
    assert gone == Proposal("remove", None, 0.4)
    assert proposed(looks((Reason.WRONG_LABEL, None)), 0.8, []) is None


def test_the_answer_leaves_what_is_rather_right_and_never_guesses_a_label_or_a_box():
    relabel = Proposal(RELABEL, 7, 0.6)
    assert answer(relabel, 0.8) == relabel and acceptable(relabel)
    assert answer(relabel, 0.3) == Proposal("clean", None, 0.7)
    assert answer(None, 0.8) is None and not acceptable(None)
    assert not acceptable(answer(Proposal("redraw", None, 0.5), 0.8))


def test_what_is_rather_right_is_one_question_a_label_whatever_each_was_said_to_be():
    some = [
        Case(k, label, k, "", 0.2, answer(Proposal(RELABEL, to, 0.1), 0.2))
        for k, (label, to) in enumerate([(1, 2), (1, 3), (1, 4), (5, 2)])
    ]
    found = clusters(some)
    keys = [(cluster.key, len(cluster.cases)) for cluster in found]
    assert keys == [((1, "clean", None), 3), ((5, "clean", None), 1)]
    assert found[0].risk == pytest.approx(0.6)
