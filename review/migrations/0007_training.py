"""Training as a kind of job; leases of crop shards, so that several workers embed a dataset."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0006_models"),
    ]

    operations = [
        migrations.CreateModel(
            name="EmbeddingLease",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("holder", models.UUIDField()),
                ("fence", models.IntegerField()),
                ("until", models.DateTimeField()),
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
                ],
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="job",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["check", "import", "rank", "plan", "export", "predict", "encoder", "train"])
                ),
                name="job_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="job",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("kind__in", ["check", "import", "rank", "train"]),
                    ("state__in", ["queued", "running", "interrupted"]),
                ),
                fields=("kind", "dataset"),
                name="job_of_dataset",
            ),
        ),
        migrations.AddField(
            model_name="embeddinglease",
            name="ranking",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="leases", to="review.ranking"
            ),
        ),
        migrations.AddField(
            model_name="embeddinglease",
            name="shard",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="review.shard"),
        ),
        migrations.AddConstraint(
            model_name="embeddinglease",
            constraint=models.UniqueConstraint(fields=("ranking", "shard"), name="lease_once"),
        ),
    ]
