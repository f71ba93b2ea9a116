"""The board's numbers: the database adds up what numpy would, once for all who watch; and each sees what they may."""

import datetime

import numpy as np
import pytest
from django.utils import timezone

from review.arrays import clusters, or_nan
from review.consensus import agreement, calibration, residual
from review.consensus.calibration import Prior
from review.consensus.fit import Fit as Estimate
from review.consensus.votes import Votes, sigmoid
from review.models import Assignment, Campaign, Fix, HandIn, Look, Snapshot, Verdict
from review.operations import change, claim, refit, resolve, snapshots, submit
from review.operations.judge import SAID
from review.queries import report, tallies
from review.queries.agreement import agreements
from tests import make


@pytest.fixture
def grouped(project, lead, dataset, truth):
    """Items in groups that cross labels; some looked at twice, one fixed by a supervisor, priors known of some."""
    dataset.group_by = "camera"
    dataset.save()
    for k, item in enumerate(dataset.items.order_by("pk")):
        item.group = "" if k % 5 == 0 else f"track-{k // 3}"
        item.save()
    campaign = make.campaign(dataset, lead, policy="evidence", looks_min=2, looks_max=4)
    for k, verdict in enumerate(campaign.verdicts.order_by("pk")):
        Verdict.objects.filter(pk=verdict.pk).update(prior=None if k % 4 == 0 else (k % 10) / 20)
    for name, flags in (("ann", True), ("ben", False)):
        member = make.member(project, name)
        for _ in range(3 if flags else 2):
            lent = claim.claim(campaign=campaign, member=member)
            marks = make.flags_of_truth(lent, truth) if flags else [{"position": 0, "reason": "cant_tell"}]
            submit.submit(assignment=lent, revision=0, flags=marks, seen=make.everything(lent))
    resolve.resolve(verdict=campaign.verdicts.filter(counted__gt=0).last(), by=lead, action="remove")
    refit.refit(campaign.pk)
    campaign.refresh_from_db()
    return campaign


def arrays(campaign):
    """What the sums are of, item by item: (label, probability, fixed, group)."""
    rows = list(campaign.verdicts.order_by("pk").values_list("label_id", "probability", "prior", "item__group", "pk"))
    labels = np.array([row[0] for row in rows])
    fit = Estimate.from_json(campaign.fit.parameters)
    prior = sigmoid(calibration.log_odds(fit, Prior(or_nan([row[2] for row in rows]), labels)))
    known = or_nan([row[1] for row in rows])
    mended = set(Fix.objects.filter(campaign=campaign, state="applied").values_list("verdict", flat=True))
    fixed = np.array([row[4] in mended for row in rows])
    return labels, np.where(np.isnan(known), prior, known), fixed, clusters([row[3] for row in rows])


def test_the_database_adds_up_the_same_rates_and_intervals_as_numpy(grouped):
    labels, probability, fixed, group = arrays(grouped)
    tally = tallies.tally(grouped)
    assert fixed.any() and (~np.isnan(probability)).all() and grouped.verdicts.filter(probability=None).exists()
    found = tally.rate(tally.sum())
    assert [found["now"], *found["interval"]] == pytest.approx(residual.residual(probability, fixed, group), abs=1e-9)
    assert found["before"] == pytest.approx(probability.mean(), abs=1e-9)
    alone = residual.residual(probability, fixed)
    assert found["interval"][1] > alone[2]  # what hangs together is less certain
    for label, cell in tally.by(0).items():
        of, looked = labels == label, grouped.verdicts.filter(label=label, counted__gt=0).exists()
        expected = residual.residual(probability[of], fixed[of], np.unique(group[of], return_inverse=True)[1])
        rate = tally.rate(cell, label)
        assert [rate["now"], *(rate["interval"] or ())] == (pytest.approx(expected, abs=1e-9) if looked else [None])


def test_the_database_counts_the_same_agreement_as_numpy(grouped):
    rows = list(Look.objects.filter(campaign=grouped, counted=True, planted=False))
    items = sorted({row.item_id for row in rows})
    users = sorted({row.reviewer_id for row in rows})
    votes = Votes.of([(items.index(row.item_id), users.index(row.reviewer_id), SAID[row.reason]) for row in rows])
    said, alphas = agreements(grouped, tallies.items(grouped))
    assert said["alpha"] == pytest.approx(agreement.krippendorff_alpha(votes, len(items)))
    assert said["flag_agreement"] == agreement.flag_agreement(votes, len(items))
    label = {row.item_id: row.label_id for row in rows}
    for key, alpha in alphas.items():
        mine = [item for item in items if label[item] == key]
        only = [(mine.index(r.item_id), users.index(r.reviewer_id), SAID[r.reason]) for r in rows if r.label_id == key]
        assert alpha == agreement.krippendorff_alpha(Votes.of(only), len(mine))
    both = tallies.pairs(grouped, 1)
    pair = agreement.by_pair(votes, len(users))
    assert [row[2] for row in both] == pair.common.tolist() and len(both) == 1
    found = agreement.pairs_of(*np.array(both, float).T)
    assert found.alpha == pytest.approx(pair.alpha, nan_ok=True) and found.flags == pytest.approx(
        pair.flags, nan_ok=True
    )


def test_pairs_of_a_large_campaign_stand_until_the_looks_have_grown(grouped, monkeypatch):
    from review.queries import agreement

    old = {"of": 1000, "rows": ["of then"]}
    assert agreement.pairs(grouped, 1010, old) == {"of": 1010, "rows": []}  # a small one's are always of now
    monkeypatch.setattr(agreement, "MANY", 1000)
    assert agreement.pairs(grouped, 1010, old) is old
    for looks in (990, 1030):
        assert agreement.pairs(grouped, looks, old) == {"of": looks, "rows": []}
    assert agreement.pairs(grouped, 1000, None) == {"of": 1000, "rows": []}


def board(who, campaign):
    return make.client(getattr(who, "user", who)).get(f"/api/campaigns/{campaign.pk}/progress/").json()


def test_rounds_add_up_and_the_chart_ends_where_the_counts_do(grouped, lead):
    seen = make.numbers(lead, grouped)
    first, *later = seen["by_round"]
    assert first["items"] == seen["items"] and later and later[0]["items"] < first["items"]
    assert sum(row["settled"] for row in seen["by_round"]) == round(seen["settled"] * seen["items"])
    last = seen["found"][-1]
    assert last["looks"] == seen["looks"]["counted"]
    assert last["fixes"] == sum(pair["count"] for pair in seen["confusion"]) > 0
    assert last["any_order"] == pytest.approx(seen["error_rate"]["before"] * seen["looked"], abs=0.01)
    assert {pair["to"] for pair in seen["confusion"] if pair["to"] is None} == {None}


def test_a_reviewer_sees_of_the_reviewers_their_own_row_and_nothing_of_others_agreement_or_money(grouped, project):
    ann = project.members.get(user__username="ann")
    seen = make.numbers(ann.user, grouped)
    assert [row["username"] for row in seen["reviewers"]] == ["ann"]
    assert seen["agreement"]["pairs"] == [] and {row["alpha"] for row in seen["by_label"]} == {None}
    assert seen["cost"] is None and seen["found"] == []
    sue = make.member(project, "sue", "supervisor")
    assert {row["username"] for row in make.numbers(sue.user, grouped)["reviewers"]} == {"ann", "ben"}
    assert board(make.member(project, "new"), grouped)["reviewers"] == []


def test_a_snapshot_is_made_once_and_again_when_something_moved(campaign, lead, project):
    Snapshot.objects.all().delete()
    first = board(lead, campaign)
    kept = Snapshot.objects.get()
    assert board(lead, campaign) == first and Snapshot.objects.get().at == kept.at and first["look_again"] is None
    lent = claim.claim(campaign=campaign, member=make.member(project, "ann"))
    submit.submit(assignment=lent, revision=0, flags=[], seen=make.everything(lent))
    Snapshot.objects.update(at=timezone.now() - datetime.timedelta(minutes=1), seconds=0.01)
    second = board(lead, campaign)
    assert second["version"] > first["version"] and second["looks"]["counted"] == lent.tiles.count()


@pytest.fixture
def slow(campaign, lead, project):
    """A campaign whose numbers take their time, and that has moved since."""
    board(lead, campaign)
    lent = claim.claim(campaign=campaign, member=make.member(project, "ann"))
    submit.submit(assignment=lent, revision=0, flags=[], seen=make.everything(lent))
    Snapshot.objects.update(seconds=2.0, at=timezone.now() - datetime.timedelta(seconds=60))
    return campaign


def test_where_numbers_take_long_nobody_waits_for_them_and_one_worker_is_asked_once(slow, lead):
    old = Snapshot.objects.get()
    for _ in range(3):
        seen = board(lead, slow)
        assert seen["looks"]["counted"] == 0 and seen["look_again"] >= 1
    asked = Snapshot.objects.get()
    assert asked.at == old.at and asked.asked_at is not None
    snapshots.make(slow.pk)  # as the worker does
    fresh = board(lead, slow)
    assert fresh["looks"]["counted"] > 0 and fresh["look_again"] is None and fresh["at"] != str(old.at)


def test_where_no_worker_comes_whoever_asks_reckons(slow, lead):
    board(lead, slow)
    Snapshot.objects.update(asked_at=timezone.now() - datetime.timedelta(seconds=7))
    assert board(lead, slow)["looks"]["counted"] == 0
    Snapshot.objects.update(asked_at=timezone.now() - datetime.timedelta(seconds=10))
    assert board(lead, slow)["looks"]["counted"] > 0


def test_numbers_rest_in_proportion_to_what_they_took(slow, lead):
    at = timezone.now() - datetime.timedelta(seconds=3)
    Snapshot.objects.update(seconds=2.0, at=at)
    seen = board(lead, slow)
    gone = (timezone.now() - at).total_seconds()
    assert Snapshot.objects.get().asked_at is None and 10 - gone <= seen["look_again"] <= 7


def test_an_event_that_is_seen_late_moves_the_version_too(campaign):
    from review.models import AuditEvent
    from review.queries.version import version

    last = AuditEvent.objects.order_by("-pk").first().pk
    event = AuditEvent.objects.create(pk=last + 5, project_id=campaign.dataset.project_id, campaign=campaign, verb="x")
    before = version(campaign)
    AuditEvent.objects.create(pk=last + 3, project_id=event.project_id, campaign=campaign, verb="committed late")
    assert version(campaign) > before


def test_the_cost_follows_the_price_and_stands_beside_other_ways(grouped, lead):
    assert {plan["money"] for plan in make.numbers(lead, grouped)["cost"]["plans"]} == {None}
    change.change(campaign=grouped, by=lead, settings={"price": 0.5, "price_per": "look", "currency": "EUR"})
    cost = make.numbers(lead, grouped)["cost"]
    plans = {plan["name"]: plan for plan in cost["plans"]}
    looks = sum(HandIn.objects.filter(campaign=grouped).values_list("looks", flat=True))
    assert plans["so_far"]["looks"] == looks == cost["looks"] and plans["so_far"]["money"] == looks / 2
    assert plans["three_looks"]["looks"] == 3 * 48 and plans["one_by_one"] == {
        "name": "one_by_one", "looks": 48, "seconds": None, "money": 24.0,
    }  # fmt: skip
    change.change(campaign=grouped, by=lead, settings={"price_per": "hour", "one_by_one_seconds": 75})
    plans = {plan["name"]: plan for plan in make.numbers(lead, grouped)["cost"]["plans"]}
    assert plans["one_by_one"]["seconds"] == 3600 and plans["one_by_one"]["money"] == 0.5


@pytest.mark.parametrize(
    "bad", [{"price": -1}, {"price_per": "day"}, {"one_by_one_seconds": 0}, {"currency": "too long a text"}]
)
def test_a_price_that_is_none_is_refused_by_field(campaign, lead, bad):
    answer = make.client(lead).patch(f"/api/campaigns/{campaign.pk}/", bad, format="json")
    assert answer.status_code == 400 and set(answer.json()["errors"]) == set(bad)


def csv_of(who, campaign, table=""):
    make.numbers(who, campaign)
    answer = make.client(who).get(f"/api/campaigns/{campaign.pk}/progress.csv{table}")
    return answer.status_code, b"".join(answer.streaming_content).decode() if answer.status_code == 200 else ""


@pytest.mark.parametrize("table", ["labels", "rounds", "reviewers", "confusion", "looks", "cost"])
def test_each_table_is_a_file(grouped, lead, table):
    code, text = csv_of(lead, grouped, f"?table={table}")
    lines = text.splitlines()
    assert code == 200 and len(lines) > 1 and len({line.count(",") for line in lines}) == 1


def test_no_cell_is_a_formula_and_no_table_is_made_up(grouped, lead):
    grouped.dataset.labels.filter(name="disc").update(name='=HYPERLINK("http://x")', readable_name="@disc")
    Snapshot.objects.all().delete()
    _, text = csv_of(lead, grouped)
    assert '"\'=HYPERLINK(""http://x"")"' in text and "'@disc" in text
    assert csv_of(lead, grouped, "?table=secrets")[0] == 400 and csv_of(lead, grouped, "?tabel=looks")[0] == 400


def test_the_report_says_what_it_is_of_and_what_nobody_checked(grouped, lead):
    seen = make.numbers(lead, grouped)
    page = make.client(lead).get(f"/campaigns/{grouped.pk}/report/").content.decode()
    for said in (
        f"version {seen['version']}",
        f"<dd>{grouped.seed}</dd>",
        f"<dd>{grouped.fit.number}</dd>",
        f"{48 - seen['looked']} of 48 items were looked at by nobody",
        "→ no object",
        "style=",
    ):
        assert (said in page) == (said != "style="), said  # fmt: skip


@pytest.mark.parametrize(
    ("slice", "said"),
    [
        ({}, "all, by label"),
        ({"by": "label_predicted", "labels": ["a", "b"]}, "those, of a, b, by label and by what each is taken for"),
        ({"by": "attribute", "attribute": "camera"}, "all, by label and camera"),
        (
            {"labels": ["a"], "subtree": True, "where": {"suspicion_min": 0.2, "attributes": {"camera": ["x", "y"]}}},
            "those, of a and all below, with camera x, y, of a suspicion from 0.2, by label",
        ),
    ],
)
def test_a_slice_is_said_in_words(slice, said):
    assert report.cut(slice) == said


def test_the_end_is_reckoned_from_the_pace_and_its_spread(project, lead):
    dataset, _ = make.dataset(project, lead, each=60)
    campaign = make.campaign(dataset, lead, batch_size=40, policy="fixed", looks_min=2, looks_max=2)
    now = timezone.now()
    Campaign.objects.filter(pk=campaign.pk).update(opened_at=now - datetime.timedelta(hours=8))
    assert board(lead, campaign)["eta"] is None
    for k in range(3):
        lent = claim.claim(campaign=campaign, member=make.member(project, f"ann-{k}"))
        assert isinstance(lent, Assignment)
        submit.submit(assignment=lent, revision=0, flags=[], seen=make.everything(lent))
    eta, looks = make.numbers(lead, campaign)["eta"], campaign.looks.count()
    at, low = (datetime.datetime.fromisoformat(eta[name]) - now for name in ("at", "low"))
    # All came in one of eight hours, so nothing says when it ends at the latest.
    assert at / datetime.timedelta(hours=8) == pytest.approx((480 - looks) / looks, rel=0.02)
    assert low < at and eta["high"] is None


def test_a_snapshot_of_another_release_is_made_anew(campaign, lead):
    before = make.numbers(lead, campaign)
    Snapshot.objects.filter(campaign=campaign).update(body={"items": 1, "shape": 0})
    assert make.numbers(lead, campaign)["items"] == before["items"] > 1
    Snapshot.objects.filter(campaign=campaign).update(body={"items": 1})
    assert make.numbers(lead, campaign)["items"] == before["items"]
