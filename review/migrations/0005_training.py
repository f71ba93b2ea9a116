"""A kind of job more: training on a dataset's own crops."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0004_formats"),
    ]

    operations = [
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
                    ("train", "Train"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="job",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["check", "import", "rank", "plan", "export", "train"])),
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
    ]
