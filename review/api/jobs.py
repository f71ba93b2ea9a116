"""Long work: how far it is, and stopping or resuming it."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from .. import rules
from ..models import Job
from ..operations import jobs
from ..queries.workers import worker_seen
from . import answers
from .access import find
from .errors import conflicts


def job_json(job: Job) -> dict[str, Any]:
    return {
        "id": job.pk,
        "kind": job.kind,
        "state": job.state,
        "done": job.done,
        "total": job.total,
        "message": job.message,
        "result": job.result,
        "dataset": job.dataset_id,
        "campaign": job.campaign_id,
        "export": job.export_id,
        "heartbeat_at": job.heartbeat_at,
        "created_at": job.created_at,
        "worker": worker_seen(job),
    }


class OneJob(APIView):
    @extend_schema(responses={200: answers.JobOut})
    def get(self, request: Request, pk: int) -> Response:
        """How far long work is."""
        job, _ = find(request, Job.objects.all(), pk, rules.can_see)
        return Response(job_json(job))


class Cancel(APIView):
    @extend_schema(request=None, responses={200: answers.JobOut})
    def post(self, request: Request, pk: int) -> Response:
        """Stop it. What was done is kept."""
        job, _ = find(request, Job.objects.all(), pk, rules.can_lead)
        return Response(job_json(jobs.cancel(job=job)))


class Resume(APIView):
    @extend_schema(request=None, responses={200: answers.JobOut})
    def post(self, request: Request, pk: int) -> Response:
        """Go on where it stopped."""
        job, _ = find(request, Job.objects.all(), pk, rules.can_lead)
        with conflicts():
            return Response(job_json(jobs.resume(job=job)))
