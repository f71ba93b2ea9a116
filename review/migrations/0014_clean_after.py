from django.core import validators
from django.db import migrations, models
from django.db.models import F, Q

SAID = (
    "Looks without a flag that settle an item as clean are named under the policy first_agree alone, and are at most "
    "looks_max. Name fewer, or leave it out."
)


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0013_audit"),
    ]

    operations = [
        migrations.AddField(
            model_name="campaign",
            name="clean_after",
            field=models.IntegerField(
                blank=True, null=True, validators=[validators.MinValueValidator(1), validators.MaxValueValidator(15)]
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=Q(clean_after__isnull=True)
                | Q(policy="first_agree", clean_after__gte=1, clean_after__lte=F("looks_max")),
                name="campaign_clean_after",
                violation_error_message=SAID,
            ),
        ),
    ]
