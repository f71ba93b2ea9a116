"""A verdict keeps what the classifier suggested when its campaign was planned; those there are take it from their items."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0008_slices"),
    ]

    operations = [
        migrations.AddField(
            model_name="verdict",
            name="suggestions",
            field=models.JSONField(default=list),
        ),
        migrations.RunSQL(
            "UPDATE review_verdict v SET suggestions = i.suggestions FROM review_item i WHERE i.id = v.item_id",
            migrations.RunSQL.noop,
        ),
    ]
