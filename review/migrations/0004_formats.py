"""Datasets that are only looked through, and which state of a dataset may follow which."""

from django.db import migrations, models

FOLLOWS = (
    "checking>checked checking>failed checked>checking checked>importing failed>checking failed>importing "
    "importing>ready importing>failed"
)


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0003_place"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="dataset",
            name="dataset_state",
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
            model_name="dataset",
            name="state",
            field=models.CharField(
                choices=[
                    ("checking", "Checking"),
                    ("checked", "Checked"),
                    ("importing", "Importing"),
                    ("ready", "Ready"),
                    ("failed", "Failed"),
                ],
                default="importing",
                max_length=10,
            ),
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
                ],
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="dataset",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["checking", "checked", "importing", "ready", "failed"])),
                name="dataset_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="job",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["check", "import", "rank", "plan", "export"])), name="job_kind"
            ),
        ),
        migrations.AddConstraint(
            model_name="job",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("kind__in", ["check", "import", "rank"]), ("state__in", ["queued", "running", "interrupted"])
                ),
                fields=("kind", "dataset"),
                name="job_of_dataset",
            ),
        ),
        migrations.RunSQL(
            "CREATE TRIGGER follows BEFORE UPDATE OF state ON review_dataset "
            f"FOR EACH ROW WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION mlfix_follows('{FOLLOWS}')",
            "DROP TRIGGER follows ON review_dataset",
        ),
    ]
