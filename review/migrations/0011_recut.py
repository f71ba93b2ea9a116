"""Crops cut anew: a kind of job, the crops that wait for the rest, and shards that nothing lies in any more."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0010_quality"),
    ]

    operations = [
        migrations.CreateModel(
            name="NewCrop",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("box", django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), null=True, size=4)),
                ("small_offset", models.BigIntegerField()),
                ("small_length", models.IntegerField()),
                ("large_offset", models.BigIntegerField()),
                ("large_length", models.IntegerField()),
                ("inner", django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), null=True, size=4)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="job",
            name="job_kind",
        ),
        migrations.RemoveConstraint(
            model_name="job",
            name="job_of_dataset",
        ),
        migrations.AddField(
            model_name="shard",
            name="left_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name="job",
            name="kind",
            field=models.CharField(
                choices=[
                    ("check", "Check"),
                    ("import", "Import"),
                    ("rank", "Rank"),
                    ("plan", "Plan"),
                    ("export", "Export"),
                    ("predict", "Predictions"),
                    ("encoder", "Encoder"),
                    ("train", "Train"),
                    ("recut", "Recut"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="job",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["check", "import", "rank", "plan", "export", "predict", "encoder", "train", "recut"])
                ),
                name="job_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="job",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("kind__in", ["check", "import", "rank", "train", "recut"]),
                    ("state__in", ["queued", "running", "interrupted"]),
                ),
                fields=("kind", "dataset"),
                name="job_of_dataset",
            ),
        ),
        migrations.AddField(
            model_name="newcrop",
            name="job",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="new_crops", to="review.job"
            ),
        ),
        migrations.AddField(
            model_name="newcrop",
            name="object",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="review.object"
            ),
        ),
        migrations.AddField(
            model_name="newcrop",
            name="shard",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="review.shard"),
        ),
        migrations.AddConstraint(
            model_name="newcrop",
            constraint=models.UniqueConstraint(fields=("object", "job"), name="new_crop_once"),
        ),
    ]
