from django.db import migrations, models
from django.db.models import F, Q

FREE = Q(value__isnull=False, wanted__gt=F("lent") + F("counted"))


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0014_clean_after"),
    ]

    operations = [
        migrations.AddField(model_name="verdict", name="value", field=models.FloatField(null=True)),
        migrations.AddIndex(
            model_name="verdict",
            index=models.Index(fields=["campaign", "-value", "place"], condition=FREE, name="verdict_worth"),
        ),
        migrations.AddIndex(
            model_name="verdict",
            index=models.Index(fields=["campaign", "label", "-value"], condition=FREE, name="verdict_worth_in_label"),
        ),
    ]
