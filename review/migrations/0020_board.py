"""The ledger of hand-ins, how long people are at them, what work costs, and the boards' snapshots."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

# Of what was handed in before signs were kept: from the opening to the hand-in, but no more than two minutes for each
# time that marks were saved.
ACTIVE = """UPDATE review_assignment SET sign_at = ended_at, active_seconds = greatest(0, least(
    extract(epoch FROM ended_at - coalesce(opened_at, lent_at)), 120 * (revision + 1))) WHERE state = 'handed_in'"""
LEDGER = """INSERT INTO review_handin (project_id, campaign_id, reviewer_id, assignment_id, at, looks, seconds, late)
  SELECT d.project_id, a.campaign_id, a.reviewer_id, a.id, a.ended_at, coalesce(a.counted, 0) + coalesce(a.surplus, 0),
    a.active_seconds, coalesce(e.late, FALSE)
  FROM review_assignment a JOIN review_campaign c ON c.id = a.campaign_id JOIN review_dataset d ON d.id = c.dataset_id
  LEFT JOIN (SELECT (data->>'assignment')::bigint AS assignment, bool_or((data->>'late')::bool) AS late
    FROM review_auditevent WHERE verb = 'handed in' GROUP BY 1) e ON e.assignment = a.id
  WHERE a.state = 'handed_in' ORDER BY a.ended_at, a.id"""
TRIGGERS = [
    (
        "CREATE TRIGGER append_only BEFORE UPDATE ON review_handin FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) "
        "EXECUTE FUNCTION mlfix_append_only()",
        "DROP TRIGGER append_only ON review_handin",
    ),
    (
        "CREATE TRIGGER never_deleted BEFORE DELETE ON review_handin FOR EACH ROW EXECUTE FUNCTION mlfix_append_only()",
        "DROP TRIGGER never_deleted ON review_handin",
    ),
]


def within(low, high):
    return [django.core.validators.MinValueValidator(low), django.core.validators.MaxValueValidator(high)]


def kept(to, related_name, **options):
    return models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name=related_name, to=to, **options)


class Migration(migrations.Migration):
    dependencies = [("review", "0019_no_label")]
    operations = [
        migrations.AddField("assignment", "sign_at", models.DateTimeField(null=True)),
        migrations.AddField("assignment", "active_seconds", models.FloatField(default=0)),
        migrations.AddField(
            "campaign", "price", models.FloatField(blank=True, null=True, validators=within(0, 1_000_000))
        ),
        migrations.AddField(
            "campaign",
            "price_per",
            models.CharField(choices=[("look", "Look"), ("hour", "Hour")], default="hour", max_length=4),
        ),
        migrations.AddField(
            "campaign", "currency", models.CharField(blank=True, default="", max_length=8), preserve_default=False
        ),
        migrations.AddField(
            "campaign", "one_by_one_seconds", models.FloatField(blank=True, null=True, validators=within(0.1, 3600))
        ),
        migrations.AddConstraint(
            "campaign",
            models.CheckConstraint(
                condition=(Q(price__isnull=True) | Q(price__gte=0, price__lte=1_000_000))
                & Q(price_per__in=["look", "hour"])
                & (Q(one_by_one_seconds__isnull=True) | Q(one_by_one_seconds__gte=0.1, one_by_one_seconds__lte=3600)),
                name="campaign_price",
            ),
        ),
        migrations.CreateModel(
            "Snapshot",
            [
                (
                    "campaign",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="snapshot",
                        serialize=False,
                        to="review.campaign",
                    ),
                ),
                ("version", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("seconds", models.FloatField()),
                ("asked_at", models.DateTimeField(null=True)),
                ("body", models.JSONField()),
            ],
            {"constraints": [models.CheckConstraint(condition=Q(seconds__gte=0), name="snapshot_seconds")]},
        ),
        migrations.CreateModel(
            "HandIn",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("looks", models.IntegerField()),
                ("seconds", models.FloatField()),
                ("late", models.BooleanField(default=False)),
                (
                    "assignment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="hand_in", to="review.assignment"
                    ),
                ),
                ("campaign", kept("review.campaign", "hand_ins", db_index=False)),
                ("project", kept("review.project", "hand_ins", db_index=False)),
                ("reviewer", kept(settings.AUTH_USER_MODEL, "hand_ins", db_index=False)),
            ],
            {
                "constraints": [
                    models.CheckConstraint(condition=Q(looks__gte=0, seconds__gte=0), name="hand_in_amounts")
                ],
                "indexes": [
                    models.Index(fields=["project", "at"], name="hand_in_project"),
                    models.Index(fields=["campaign", "at"], name="hand_in_campaign"),
                    models.Index(fields=["reviewer", "at"], name="hand_in_reviewer"),
                ],
            },
        ),
        *(migrations.RunSQL(forward, backward) for forward, backward in TRIGGERS),
        migrations.RunSQL(ACTIVE, migrations.RunSQL.noop),
        migrations.RunSQL(LEDGER, migrations.RunSQL.noop),
    ]
