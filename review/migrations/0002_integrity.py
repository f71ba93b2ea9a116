"""What Django's constraints cannot say: composite foreign keys, append-only tables, and which state may follow which."""

from django.db import migrations

# (table, columns, far table): each also carries the dataset, so nothing of another dataset can be named.
COMPOSITE = [
    ("review_object", "image_id", "review_image"),
    ("review_item", "object_id", "review_object"),
    ("review_item", "label_id", "review_label"),
    ("review_item", "predicted_id", "review_label"),
    ("review_tile", "item_id", "review_item"),
    ("review_tile", "label_id", "review_label"),
    ("review_look", "item_id", "review_item"),
    ("review_look", "label_id", "review_label"),
    ("review_look", "suggested_id", "review_label"),
    ("review_look", "campaign_id", "review_campaign"),
    ("review_verdict", "campaign_id", "review_campaign"),
    ("review_verdict", "item_id", "review_item"),
    ("review_verdict", "label_id", "review_label"),
    ("review_verdict", "suggested_id", "review_label"),
    ("review_resolution", "label_id", "review_label"),
    ("review_revision", "item_id", "review_item"),
    ("review_fix", "campaign_id", "review_campaign"),
    ("review_fix", "item_id", "review_item"),
    ("review_fix", "old_label_id", "review_label"),
    ("review_fix", "new_label_id", "review_label"),
]
APPEND_ONLY = ["review_revision", "review_auditevent"]
FOLLOWS = {
    "review_campaign": "draft>planning planning>open planning>draft open>paused open>closed paused>open paused>closed",
    "review_assignment": "lent>handed_in lent>lapsed lent>released lapsed>handed_in",
    "review_job": "queued>running queued>cancelled running>done running>failed running>cancelled running>interrupted "
    "running>queued interrupted>queued interrupted>cancelled cancelled>queued failed>queued",
    "review_fix": "applied>reverted",
}


def statements() -> list[tuple[str, str]]:
    """(forward, backward) SQL."""
    pairs = []
    for table, column, far in COMPOSITE:
        name = f"{table}_{column}_same_dataset"
        pairs.append(
            (
                f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY (dataset_id, {column}) "
                f"REFERENCES {far} (dataset_id, id) DEFERRABLE INITIALLY DEFERRED",
                f"ALTER TABLE {table} DROP CONSTRAINT {name}",
            )
        )
    pairs.append(
        (
            """CREATE FUNCTION mlfix_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$""",
            "DROP FUNCTION mlfix_append_only",
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
    pairs.append(
        (
            """CREATE FUNCTION mlfix_follows() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
              IF NOT (OLD.state || '>' || NEW.state = ANY (string_to_array(TG_ARGV[0], ' '))) THEN
                RAISE EXCEPTION '% may not go from % to %', TG_TABLE_NAME, OLD.state, NEW.state
                USING ERRCODE = 'check_violation';
              END IF;
              RETURN NEW;
            END $$""",
            "DROP FUNCTION mlfix_follows",
        )
    )
    for table, allowed in FOLLOWS.items():
        pairs.append(
            (
                f"CREATE TRIGGER follows BEFORE UPDATE OF state ON {table} "
                f"FOR EACH ROW WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION mlfix_follows('{allowed}')",
                f"DROP TRIGGER follows ON {table}",
            )
        )
    return pairs


class Migration(migrations.Migration):
    dependencies = [("review", "0001_initial")]
    operations = [migrations.RunSQL(forward, backward) for forward, backward in statements()]
