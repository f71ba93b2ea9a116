from django.db import migrations, models
from django.db.models import Q

SECOND = Q(second=False) | Q(planted=True)


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0015_value"),
    ]

    operations = [
        migrations.AddField(model_name="tile", name="second", field=models.BooleanField(default=False)),
        migrations.AddField(model_name="look", name="second", field=models.BooleanField(default=False)),
        migrations.AddConstraint(
            model_name="tile", constraint=models.CheckConstraint(condition=SECOND, name="tile_second")
        ),
        migrations.AddConstraint(
            model_name="look", constraint=models.CheckConstraint(condition=SECOND, name="look_second")
        ),
    ]
