"""A reason more: no label of the dataset fits."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0018_asking"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="look",
            name="look_reason",
        ),
        migrations.AlterField(
            model_name="look",
            name="reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("wrong_label", "Wrong Label"),
                    ("not_an_object", "Not An Object"),
                    ("bad_box", "Bad Box"),
                    ("cant_tell", "Cant Tell"),
                    ("no_label", "No Label"),
                    ("other", "Other"),
                ],
                max_length=14,
            ),
        ),
        migrations.AddConstraint(
            model_name="look",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("reason__in", ["", "wrong_label", "not_an_object", "bad_box", "cant_tell", "no_label", "other"])
                ),
                name="look_reason",
            ),
        ),
    ]
