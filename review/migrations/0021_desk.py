import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0020_board"),
    ]

    operations = [
        migrations.AddField(model_name="verdict", name="least", field=models.IntegerField(default=0, db_default=0)),
        migrations.AddConstraint(
            model_name="verdict",
            constraint=models.CheckConstraint(condition=Q(least__gte=0), name="verdict_least"),
        ),
        migrations.AddField(model_name="resolution", name="looked", field=models.BooleanField(default=True)),
        migrations.CreateModel(
            name="DeskPlace",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                (
                    "verdicts",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="desk_places",
                        to="review.campaign",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=["user", "campaign"], name="desk_place_once")],
            },
        ),
    ]
