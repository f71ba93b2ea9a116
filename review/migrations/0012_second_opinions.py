"""What another supervisor says of a decided case without knowing that it was decided."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0011_recut"),
    ]

    operations = [
        migrations.CreateModel(
            name="SecondOpinion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("clean", "Clean"),
                            ("relabel", "Relabel"),
                            ("remove", "Remove"),
                            ("redraw", "Redraw"),
                            ("unclear", "Unclear"),
                        ],
                        max_length=8,
                    ),
                ),
                ("note", models.TextField(blank=True)),
                ("agrees", models.BooleanField()),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "dataset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="review.dataset"
                    ),
                ),
                (
                    "label",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="review.label",
                    ),
                ),
                (
                    "resolution",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="second", to="review.resolution"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("action__in", ["clean", "relabel", "remove", "redraw", "unclear"])),
                        name="second_action",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("action", "relabel"), ("label__isnull", False)),
                            models.Q(models.Q(("action", "relabel"), _negated=True), ("label__isnull", True)),
                            _connector="OR",
                        ),
                        name="second_label",
                    ),
                ],
            },
        ),
    ]
