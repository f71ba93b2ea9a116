"""A check-up: its sample, what it concludes, and what it foresees; then a whole one by its lead."""

import numpy as np
import pytest

from review.consensus import check_up
from review.consensus.check_up import BANDS, BUCKETS, Frame, Looked
from review.models import Campaign
from review.operations import claim, submit
from tests import make


def population(seed: int, n: int = 20_000, wrong: float = 0.03, blind: float = 0.2) -> tuple[np.ndarray, ...]:
    """(labels, suspicion, wrong labels) of items; to a share of the errors suspicion is blind."""
    rng = np.random.default_rng(seed)
    label = rng.integers(0, 40, n)
    amiss = rng.random(n) < wrong * np.where(label < 8, 3.0, 0.5)
    odds = np.where(amiss & (rng.random(n) > blind), rng.normal(1.5, 2, n), rng.normal(-6, 1.5, n))
    return label, 1 / (1 + np.exp(-odds)), amiss


def framed(label: np.ndarray, suspicion: np.ndarray) -> Frame:
    at = label * (len(BUCKETS) + 1) + check_up.bucket_of(suspicion)
    shape = (label.max() + 1, len(BUCKETS) + 1)
    items = np.bincount(at, minlength=shape[0] * shape[1]).astype(float).reshape(shape)
    suspected = np.bincount(at, weights=suspicion, minlength=shape[0] * shape[1]).reshape(shape)
    return Frame(items, suspected)


def looked(ids: np.ndarray, suspicion: np.ndarray, amiss: np.ndarray) -> Looked:
    return Looked(amiss[ids], suspicion[ids])


def test_the_interval_holds_the_true_rate_and_is_narrower_than_a_random_sample_of_the_same_size():
    held, wide, plain = 0, [], []
    for seed in range(60):
        label, suspicion, amiss = population(seed)
        ids = check_up.draw(np.arange(len(label)), suspicion, 300, seed)
        assert len(ids) == 300
        _, low, high = check_up.rate(framed(label, suspicion), looked(ids, suspicion, amiss))
        held += low <= amiss.mean() <= high
        wide.append(high - low)
        random = np.random.default_rng(seed).permutation(len(label))[:300]
        one = check_up.audit.Audit(amiss[random], np.zeros(300, int), np.array([len(label)]), np.array([300]))
        _, low, high = check_up.audit.error_rate(one)
        plain.append(high - low)
    assert held >= 55  # 57 of 60 are expected
    assert np.mean(wide) < 0.85 * np.mean(plain)


def test_the_draw_is_the_same_in_whatever_order_items_come_and_takes_what_there_is():
    label, suspicion, _ = population(3, 2000)
    ids = np.arange(2000) * 7 + 5
    shuffled = np.random.default_rng(0).permutation(2000)
    first = check_up.draw(ids, suspicion, 300, 9)
    assert (check_up.draw(ids[shuffled], suspicion[shuffled], 300, 9) == first).all()
    assert (check_up.draw(ids, suspicion, 300, 10) != first).any()
    assert len(check_up.draw(ids, suspicion, 5000, 9)) == 2000
    nothing_known = check_up.draw(ids, np.full(2000, np.nan), 300, 9)
    assert len(nothing_known) == 300
    assert len(check_up.draw(ids[:3], suspicion[:3], 300, 9)) == 3


def test_bands_end_where_buckets_do():
    assert set(BANDS) <= set(BUCKETS) and (np.diff(BUCKETS) > 0).all()
    frame = Frame(np.ones((1, len(BUCKETS) + 1)), np.zeros((1, len(BUCKETS) + 1)))
    edges = [0.0, *BUCKETS]
    assert frame.band.tolist() == [int(check_up.bucket_of(np.array([e + 1e-9]), BANDS)[0]) for e in edges]


def test_the_worst_classes_hold_most_of_the_errors_and_a_campaign_of_them_is_cheaper():
    label, suspicion, amiss = population(5)
    frame = framed(label, suspicion)
    ids = check_up.draw(np.arange(len(label)), suspicion, 300, 5)
    expected = check_up.believed(frame, looked(ids, suspicion, amiss))
    worst = check_up.worst(expected)
    assert set(range(8)) <= set(worst.tolist()) and len(worst) < 30
    assert np.isin(label[amiss], worst).mean() > 0.7
    whole = check_up.forecast(frame, expected, 0.003)
    some = check_up.forecast(frame, expected, 0.003, worst)
    assert 0 < some.items < whole.items < len(label) and some.looks == 2 * (some.items + some.audited)
    assert whole.left == pytest.approx(0.003) and some.left > whole.left
    assert check_up.forecast(frame, expected, 0.9).items == 0
    assert check_up.forecast(frame, expected, 0.0).items == len(label)


def test_an_empty_sample_says_that_nothing_is_known():
    label, suspicion, amiss = population(1, 100)
    none = looked(np.array([], int), suspicion, amiss)
    rate, low, high = check_up.rate(framed(label, suspicion), none)
    assert np.isnan(rate) and (low, high) == (0.0, 1.0)


@pytest.fixture
def checked(project, dataset, lead):
    started = make.client(lead).post(f"/api/datasets/{dataset.pk}/check-up/", {"items": 30}, format="json")
    assert started.status_code == 202, started.json()
    campaign = Campaign.objects.get(pk=started.json()["id"])
    make.work(campaign.jobs.get())
    campaign.refresh_from_db()
    return campaign


def result(campaign, who) -> dict:
    return make.client(who).get(f"/api/campaigns/{campaign.pk}/check-up/").json()


def test_a_lead_looks_at_the_sample_and_is_told_how_wrong_the_dataset_is(checked, project, dataset, lead, truth, wrong):
    assert (checked.policy, checked.verdicts.count()) == ("solo", 30)
    again = make.client(lead).post(f"/api/datasets/{dataset.pk}/check-up/", {}, format="json").json()
    assert (checked.name, Campaign.objects.get(pk=again["id"]).name) == ("Check-up", "Check-up 2")
    before = result(checked, lead)
    assert (before["drawn"], before["looked"], before["rate"]) == (30, 0, None)
    member = project.members.get(user=lead)
    while isinstance(lent := claim.claim(campaign=checked, member=member), claim.Assignment):
        flags = make.flags_of_truth(lent, truth)
        submit.submit(assignment=lent, revision=0, flags=flags, seen=make.everything(lent))
    after = result(checked, lead)
    assert after["looked"] == 30
    rate, low, high = after["rate"]
    assert low <= 3 / dataset.items.count() <= high and low <= rate <= high
    assert after["worst"] and {row["label"] for row in after["labels"]} >= set(after["worst"])
    # What was mended still counts where it was found.
    assert set(after["worst"]) == set(wrong.values())
    assert sum(row["wrong"] for row in after["labels"]) == pytest.approx(after["found"], rel=0.35)
    whole, some = after["forecasts"]
    assert whole["labels"] is None and some["labels"] == after["worst"]
    assert whole["looks"] >= some["looks"] and whole["hours"] is not None
    assert not after["stale"]
    report = make.client(lead).get(f"/campaigns/{checked.pk}/report/").content.decode()
    assert "drawn by chance, more of those that the ranking suspects; 30 of them were looked at" in report
    assert "Items: those, up to 30 drawn by their suspicion for a check-up, by label." in report


def test_a_check_up_is_for_leads_of_a_ranked_dataset_and_only_of_check_ups(checked, project, dataset, lead, campaign):
    assert make.client(lead).get(f"/api/campaigns/{campaign.pk}/check-up/").status_code == 404
    sue = make.member(project, "sue", "supervisor").user
    assert make.client(sue).post(f"/api/datasets/{dataset.pk}/check-up/", {}, format="json").status_code == 403
    assert isinstance(claim.claim(campaign=checked, member=project.members.get(user=sue)), claim.Nothing)
    for wrong in ({"items": 5}, {"items": 10**7}, {"items": "x"}):
        path = f"/api/datasets/{dataset.pk}/check-up/"
        assert make.client(lead).post(path, wrong, format="json").status_code == 400
    unranked, _ = make.dataset(project, lead, ranked=False)
    answer = make.client(lead).post(f"/api/datasets/{unranked.pk}/check-up/", {}, format="json")
    assert answer.status_code == 400 and "ranked" in answer.json()["detail"]
