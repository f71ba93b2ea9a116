"""Guidelines with versions and rulings, reviewers' questions, and who was offered the tutorial."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# (table, columns, far table, its columns): see 0002_integrity; versions and tiles are referred to in the same way.
COMPOSITE = [
    ("guideline", ("dataset_id", "label_id"), "label", ("dataset_id", "id")),
    ("guidelineread", ("label_id", "number"), "guideline", ("label_id", "number")),
    ("ruling", ("dataset_id", "label_id"), "label", ("dataset_id", "id")),
    ("ruling", ("label_id", "guideline_id"), "guideline", ("label_id", "id")),
    ("ruling", ("dataset_id", "item_id"), "item", ("dataset_id", "id")),
    ("question", ("dataset_id", "campaign_id"), "campaign", ("dataset_id", "id")),
    ("question", ("dataset_id", "label_id"), "label", ("dataset_id", "id")),
    ("question", ("dataset_id", "item_id"), "item", ("dataset_id", "id")),
    ("question", ("assignment_id", "item_id"), "tile", ("assignment_id", "item_id")),
    ("question", ("label_id", "ruling_id"), "ruling", ("label_id", "id")),
]
APPEND_ONLY = ["review_guideline", "review_ruling"]
# What labels had as their guideline becomes its first version. The checks are made at once, so that the column may go.
FIRST_VERSIONS = """
    INSERT INTO review_guideline (dataset_id, label_id, number, text, cause, at)
    SELECT dataset_id, id, 1, guideline, 'edited', now() FROM review_label WHERE guideline <> '';
    SET CONSTRAINTS ALL IMMEDIATE"""
AS_BEFORE = """
    UPDATE review_label l SET guideline = g.text FROM review_guideline g WHERE g.label_id = l.id
      AND NOT EXISTS (SELECT 1 FROM review_guideline n WHERE n.label_id = l.id AND n.number > g.number);
    SET CONSTRAINTS ALL IMMEDIATE"""


def statements() -> list[tuple[str, str]]:
    """(forward, backward) SQL."""
    pairs = []
    for table, columns, far, theirs in COMPOSITE:
        name = f"review_{table}_{columns[0]}_{columns[1]}_same"
        pairs.append(
            (
                f"ALTER TABLE review_{table} ADD CONSTRAINT {name} FOREIGN KEY ({', '.join(columns)}) "
                f"REFERENCES review_{far} ({', '.join(theirs)}) DEFERRABLE INITIALLY DEFERRED",
                f"ALTER TABLE review_{table} DROP CONSTRAINT {name}",
            )
        )
    for table in APPEND_ONLY:
        pairs.append(
            (
                f"CREATE TRIGGER append_only BEFORE UPDATE ON {table} "
                "FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION mlfix_append_only()",
                f"DROP TRIGGER append_only ON {table}",
            )
        )
    return [*pairs, (FIRST_VERSIONS, AS_BEFORE)]


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0017_refits"),
    ]

    operations = [
        migrations.CreateModel(
            name="Guideline",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.IntegerField()),
                ("text", models.TextField(blank=True)),
                ("cause", models.CharField(choices=[("edited", "Edited"), ("answered", "Answered")], max_length=8)),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "dataset",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="review.dataset",
                    ),
                ),
                (
                    "label",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="guidelines",
                        to="review.label",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="GuidelineRead",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.IntegerField()),
                (
                    "label",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="review.label",
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
        ),
        migrations.CreateModel(
            name="Ruling",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.IntegerField()),
                ("asked", models.TextField(blank=True)),
                ("said", models.TextField()),
                ("shows", models.CharField(blank=True, choices=[("yes", "Yes"), ("no", "No")], max_length=3)),
                (
                    "dataset",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="review.dataset",
                    ),
                ),
                (
                    "guideline",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rulings",
                        to="review.guideline",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="review.item",
                    ),
                ),
                (
                    "label",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="review.label",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Question",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.CharField(max_length=500)),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("ask_key", models.CharField(max_length=200)),
                ("answer", models.TextField(blank=True)),
                ("answered_at", models.DateTimeField(null=True)),
                ("told_at", models.DateTimeField(null=True)),
                (
                    "answered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "assignment",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="review.assignment",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="questions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="questions",
                        to="review.campaign",
                    ),
                ),
                (
                    "dataset",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="review.dataset",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="review.item",
                    ),
                ),
                (
                    "label",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="review.label",
                    ),
                ),
                (
                    "ruling",
                    models.OneToOneField(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="question",
                        to="review.ruling",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Tutorial",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("skipped", models.BooleanField()),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "campaign",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tutorials",
                        to="review.campaign",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="guideline",
            constraint=models.UniqueConstraint(fields=("label", "number"), name="guideline_number"),
        ),
        migrations.AddConstraint(
            model_name="guideline",
            constraint=models.UniqueConstraint(fields=("label", "id"), name="guideline_of_label"),
        ),
        migrations.AddConstraint(
            model_name="guideline",
            constraint=models.CheckConstraint(condition=models.Q(("number__gte", 1)), name="guideline_counts_from_one"),
        ),
        migrations.AddConstraint(
            model_name="guideline",
            constraint=models.CheckConstraint(
                condition=models.Q(("cause__in", ["edited", "answered"])), name="guideline_cause"
            ),
        ),
        migrations.AddConstraint(
            model_name="guidelineread",
            constraint=models.UniqueConstraint(fields=("user", "label"), name="guideline_read_once"),
        ),
        migrations.AddConstraint(
            model_name="ruling",
            constraint=models.UniqueConstraint(fields=("guideline", "position"), name="ruling_place"),
        ),
        migrations.AddConstraint(
            model_name="ruling",
            constraint=models.UniqueConstraint(fields=("label", "id"), name="ruling_of_label"),
        ),
        migrations.AddConstraint(
            model_name="ruling",
            constraint=models.CheckConstraint(
                condition=models.Q(("said", ""), _negated=True), name="ruling_says_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="ruling",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("item__isnull", True), ("shows", "")),
                    models.Q(("item__isnull", False), ("shows__in", ["yes", "no"])),
                    _connector="OR",
                ),
                name="ruling_shows",
            ),
        ),
        migrations.AddIndex(
            model_name="question",
            index=models.Index(
                condition=models.Q(("answered_at__isnull", True)), fields=["campaign", "label"], name="question_open"
            ),
        ),
        migrations.AddConstraint(
            model_name="question",
            constraint=models.UniqueConstraint(fields=("by", "campaign", "ask_key"), name="question_once"),
        ),
        migrations.AddConstraint(
            model_name="question",
            constraint=models.CheckConstraint(
                condition=models.Q(("text", ""), _negated=True), name="question_asks_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="question",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("assignment__isnull", True), ("item__isnull", True)),
                    models.Q(("assignment__isnull", False), ("item__isnull", False)),
                    _connector="OR",
                ),
                name="question_tile",
            ),
        ),
        migrations.AddConstraint(
            model_name="question",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("answer", ""),
                        ("answered_at__isnull", True),
                        ("answered_by__isnull", True),
                        ("ruling__isnull", True),
                    ),
                    models.Q(
                        models.Q(("answer", ""), _negated=True),
                        ("answered_at__isnull", False),
                        ("answered_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="question_answered",
            ),
        ),
        migrations.AddConstraint(
            model_name="question",
            constraint=models.CheckConstraint(
                condition=models.Q(("told_at__isnull", True), ("answered_at__isnull", False), _connector="OR"),
                name="question_told",
            ),
        ),
        migrations.AddConstraint(
            model_name="tutorial",
            constraint=models.UniqueConstraint(fields=("campaign", "user"), name="tutorial_once"),
        ),
        *(migrations.RunSQL(forward, backward) for forward, backward in statements()),
        migrations.RemoveField(model_name="label", name="guideline"),
    ]
