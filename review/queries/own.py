"""What users' own models brought, as supervisors and leads see it."""

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery, TextField
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.urls import reverse

from ..models import Dataset, Job, OwnEncoder, Predictions


def predictions_of(dataset: Dataset) -> QuerySet[Predictions]:
    return dataset.predictions_in.annotate(job=last_job(Job.Kind.PREDICTIONS, "predictions"))


def encoders_of(dataset: Dataset) -> QuerySet[OwnEncoder]:
    return dataset.encoders.annotate(job=last_job(Job.Kind.ENCODER, "encoder"))


def last_job(kind: str, name: str) -> Subquery:
    jobs = Job.objects.filter(kind=kind, dataset=OuterRef("dataset")).annotate(of=KT(f"parameters__{name}"))
    return Subquery(jobs.filter(of=Cast(OuterRef("pk"), TextField())).order_by("-pk").values("pk")[:1])


def predictions_json(one: Any, dataset: Dataset) -> dict[str, Any]:
    return {
        "id": one.pk,
        "name": one.name,
        "holds": one.holds,
        "items": one.items,
        "refused": one.refused,
        "rejected": reverse("api:predictions-rejected", args=[one.pk]) if one.rejected and one.refused else None,
        "used": one.pk == dataset.predictions_id,
        "job": one.job,
        "at": one.created_at,
    }


def encoder_json(one: Any, dataset: Dataset) -> dict[str, Any]:
    return {
        "id": one.pk,
        "name": one.name,
        "dim": one.dim,
        "takes": one.takes,
        "used": bool(dataset.ranking and dataset.ranking.encoder == one.name),
        "job": one.job,
        "at": one.created_at,
    }
