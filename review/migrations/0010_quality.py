"""What keeps a crowd honest: the bar, a budget and a target for a campaign, pauses with their reason, contests, and pairs."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0009_suggestions"),
    ]

    operations = [
        migrations.CreateModel(
            name="Contest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("comment", models.TextField(blank=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("upheld", "Upheld"), ("rejected", "Rejected")],
                        default="open",
                        max_length=8,
                    ),
                ),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("answered_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Pair",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[("suspected", "Suspected"), ("one", "One"), ("two", "Two")],
                        default="suspected",
                        max_length=9,
                    ),
                ),
                ("common", models.IntegerField()),
                ("both", models.IntegerField()),
                ("expected", models.FloatField()),
                ("decided_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(model_name="fit", name="aliases", field=models.JSONField(default=dict)),
        migrations.AddField(model_name="fit", name="audited", field=models.JSONField(default=dict)),
        migrations.AddField(
            model_name="campaign",
            name="budget",
            field=models.IntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1)]),
        ),
        migrations.AddField(
            model_name="campaign",
            name="quality_min",
            field=models.FloatField(
                default=0.5,
                validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(0.9)],
            ),
        ),
        migrations.AddField(
            model_name="campaign",
            name="target_rate",
            field=models.FloatField(
                blank=True,
                null=True,
                validators=[
                    django.core.validators.MinValueValidator(0.0001),
                    django.core.validators.MaxValueValidator(0.2),
                ],
            ),
        ),
        migrations.AddField(
            model_name="member",
            name="admitted_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="member",
            name="labels",
            field=models.ManyToManyField(blank=True, related_name="+", to="review.label"),
        ),
        migrations.AddField(
            model_name="member",
            name="paused_why",
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("quality_min__gte", 0),
                    ("quality_min__lte", 0.9),
                    models.Q(("budget__isnull", True), ("budget__gte", 1), _connector="OR"),
                    models.Q(
                        ("target_rate__isnull", True),
                        models.Q(("target_rate__gte", 0.0001), ("target_rate__lte", 0.2)),
                        _connector="OR",
                    ),
                ),
                name="campaign_limits",
            ),
        ),
        migrations.AddField(
            model_name="contest",
            name="answered_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="contest",
            name="campaign",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="contests", to="review.campaign"
            ),
        ),
        migrations.AddField(
            model_name="contest",
            name="look",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="contest", to="review.look"
            ),
        ),
        migrations.AddField(
            model_name="pair",
            name="campaign",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="pairs", to="review.campaign"
            ),
        ),
        migrations.AddField(
            model_name="pair",
            name="decided_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="pair",
            name="one",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="pair",
            name="other",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddIndex(
            model_name="contest",
            index=models.Index(condition=models.Q(("state", "open")), fields=["campaign"], name="contest_open"),
        ),
        migrations.AddConstraint(
            model_name="contest",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["open", "upheld", "rejected"])), name="contest_state"
            ),
        ),
        migrations.AddConstraint(
            model_name="contest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answered_at__isnull", True), ("answered_by__isnull", True), ("state", "open")),
                    models.Q(
                        models.Q(("state", "open"), _negated=True),
                        ("answered_at__isnull", False),
                        ("answered_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="contest_answered",
            ),
        ),
        migrations.AddConstraint(
            model_name="pair",
            constraint=models.UniqueConstraint(fields=("campaign", "one", "other"), name="pair_once"),
        ),
        migrations.AddConstraint(
            model_name="pair",
            constraint=models.CheckConstraint(condition=models.Q(("one__lt", models.F("other"))), name="pair_ordered"),
        ),
        migrations.AddConstraint(
            model_name="pair",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["suspected", "one", "two"])), name="pair_state"
            ),
        ),
    ]
