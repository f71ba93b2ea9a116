"""Teams: who is lent what, and how much a day."""

import django.db.models.deletion
from django.db import migrations, models

# A member's team is of the member's project: see 0002_integrity.
SAME_PROJECT = (
    "ALTER TABLE review_member ADD CONSTRAINT review_member_team_same_project FOREIGN KEY (project_id, team_id) "
    "REFERENCES review_team (project_id, id) DEFERRABLE INITIALLY DEFERRED",
    "ALTER TABLE review_member DROP CONSTRAINT review_member_team_same_project",
)


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0024_label_changes"),
    ]

    operations = [
        migrations.AddField(
            model_name="member",
            name="daily_looks",
            field=models.IntegerField(null=True),
        ),
        migrations.CreateModel(
            name="Team",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100)),
                ("daily_looks", models.IntegerField(null=True)),
                ("labels", models.ManyToManyField(blank=True, related_name="+", to="review.label")),
                (
                    "project",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="teams",
                        to="review.project",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="campaign",
            name="team",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="review.team"
            ),
        ),
        migrations.AddField(
            model_name="member",
            name="team",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="members",
                to="review.team",
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(
                condition=models.Q(("daily_looks__isnull", True), ("daily_looks__gte", 1), _connector="OR"),
                name="member_daily_looks",
            ),
        ),
        migrations.AddConstraint(
            model_name="team",
            constraint=models.UniqueConstraint(fields=("project", "name"), name="team_once"),
        ),
        migrations.AddConstraint(
            model_name="team",
            constraint=models.UniqueConstraint(fields=("project", "id"), name="team_of_project"),
        ),
        migrations.AddConstraint(
            model_name="team",
            constraint=models.CheckConstraint(condition=models.Q(("name", ""), _negated=True), name="team_has_a_name"),
        ),
        migrations.AddConstraint(
            model_name="team",
            constraint=models.CheckConstraint(
                condition=models.Q(("daily_looks__isnull", True), ("daily_looks__gte", 1), _connector="OR"),
                name="team_daily_looks",
            ),
        ),
        migrations.RunSQL(*SAME_PROJECT),
    ]
