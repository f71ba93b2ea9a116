"""Labels that are called otherwise, by more names, or merged, as revisions of the dataset."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# (table, column): see 0002_integrity.
COMPOSITE = [
    ("review_label", "merged_into_id"),
    ("review_labelalias", "label_id"),
    ("review_labelchange", "label_id"),
    ("review_labelchange", "into_id"),
    ("review_revision", "label_id"),
]
COUNTED = """
    UPDATE review_fit f SET label_count = (
      SELECT count(*) FROM review_label l JOIN review_campaign c ON c.dataset_id = l.dataset_id WHERE c.id = f.campaign_id)
"""


def statements() -> list[tuple[str, str]]:
    """(forward, backward) SQL."""
    pairs = []
    for table, column in COMPOSITE:
        name = f"{table}_{column}_same_dataset"
        pairs.append(
            (
                f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY (dataset_id, {column}) "
                "REFERENCES review_label (dataset_id, id) DEFERRABLE INITIALLY DEFERRED",
                f"ALTER TABLE {table} DROP CONSTRAINT {name}",
            )
        )
    follows = (
        "CREATE TRIGGER follows BEFORE UPDATE OF state ON review_labelchange FOR EACH ROW "
        "WHEN (OLD.state <> NEW.state) "
        "EXECUTE FUNCTION mlfix_follows('proposed>done proposed>declined done>undone')",
        "DROP TRIGGER follows ON review_labelchange",
    )
    return [*pairs, follows, (COUNTED, migrations.RunSQL.noop)]


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0023_message"),
    ]

    operations = [
        migrations.CreateModel(
            name="LabelAlias",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=300)),
            ],
        ),
        migrations.CreateModel(
            name="LabelChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("rename", "Rename"), ("alias", "Alias"), ("merge", "Merge"), ("add", "Add")],
                        max_length=6,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "Proposed"),
                            ("done", "Done"),
                            ("declined", "Declined"),
                            ("undone", "Undone"),
                        ],
                        default="proposed",
                        max_length=8,
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=300)),
                ("old_name", models.CharField(blank=True, max_length=300)),
                ("note", models.CharField(blank=True, max_length=1000)),
                ("revision", models.BigIntegerField(null=True)),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("decided_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="revision",
            name="revision_chain",
        ),
        migrations.RemoveConstraint(
            model_name="revision",
            name="revision_field",
        ),
        migrations.RemoveField(
            model_name="label",
            name="outside_id",
        ),
        migrations.RemoveField(
            model_name="label",
            name="synonyms",
        ),
        migrations.AddField(
            model_name="fit",
            name="label_count",
            field=models.IntegerField(default=0),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="label",
            name="merged_into",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merged",
                to="review.label",
            ),
        ),
        migrations.AddField(
            model_name="revision",
            name="label",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="revisions",
                to="review.label",
            ),
        ),
        migrations.AlterField(
            model_name="revision",
            name="field",
            field=models.CharField(
                choices=[
                    ("label", "Label"),
                    ("removed", "Removed"),
                    ("box", "Box"),
                    ("name", "Name"),
                    ("aliases", "Aliases"),
                    ("merged", "Merged"),
                ],
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="revision",
            name="item",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="revisions",
                to="review.item",
            ),
        ),
        migrations.AddConstraint(
            model_name="label",
            constraint=models.CheckConstraint(
                condition=models.Q(("merged_into", models.F("id")), _negated=True), name="label_not_merged_into_itself"
            ),
        ),
        migrations.AddConstraint(
            model_name="revision",
            constraint=models.UniqueConstraint(
                fields=("item", "label", "field", "previous"), name="revision_chain", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="revision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("field__in", ["label", "removed", "box"]), ("item__isnull", False), ("label__isnull", True)
                    ),
                    models.Q(
                        ("field__in", ["name", "aliases", "merged"]), ("item__isnull", True), ("label__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="revision_field",
            ),
        ),
        migrations.AddField(
            model_name="labelalias",
            name="dataset",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="aliases", to="review.dataset"
            ),
        ),
        migrations.AddField(
            model_name="labelalias",
            name="label",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="aliases",
                to="review.label",
            ),
        ),
        migrations.AddField(
            model_name="labelchange",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="labelchange",
            name="dataset",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="label_changes", to="review.dataset"
            ),
        ),
        migrations.AddField(
            model_name="labelchange",
            name="decided_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="labelchange",
            name="into",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="review.label",
            ),
        ),
        migrations.AddField(
            model_name="labelchange",
            name="label",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="changes",
                to="review.label",
            ),
        ),
        migrations.AddConstraint(
            model_name="labelalias",
            constraint=models.UniqueConstraint(fields=("dataset", "name"), name="alias_once"),
        ),
        migrations.AddConstraint(
            model_name="labelalias",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="alias_says_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="labelchange",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["rename", "alias", "merge", "add"])), name="label_change_kind"
            ),
        ),
        migrations.AddConstraint(
            model_name="labelchange",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["proposed", "done", "declined", "undone"])), name="label_change_state"
            ),
        ),
        migrations.AddConstraint(
            model_name="labelchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("into__isnull", False), ("kind", "merge"), ("name", "")),
                    models.Q(
                        models.Q(("kind", "merge"), _negated=True),
                        ("into__isnull", True),
                        models.Q(("name", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="label_change_says_what",
            ),
        ),
        migrations.AddConstraint(
            model_name="labelchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("label__isnull", False),
                    models.Q(("kind", "add"), models.Q(("state", "done"), _negated=True)),
                    _connector="OR",
                ),
                name="label_change_of_a_label",
            ),
        ),
        migrations.AddConstraint(
            model_name="labelchange",
            constraint=models.CheckConstraint(
                condition=models.Q(("into", models.F("label")), _negated=True), name="label_change_into_another"
            ),
        ),
        migrations.AddConstraint(
            model_name="labelchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at__isnull", True), ("decided_by__isnull", True), ("state", "proposed")),
                    models.Q(
                        models.Q(("state", "proposed"), _negated=True),
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="label_change_decided",
            ),
        ),
        *(migrations.RunSQL(forward, backward) for forward, backward in statements()),
    ]
