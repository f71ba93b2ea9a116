import re

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

SAID = {
    "missed": re.compile(r"Of (\d+) wrong labels that were planted to check, you flagged (\d+)\."),
    "overmarked": re.compile(r"Of (\d+) labels that are known to be right, you flagged (\d+)\."),
}


def take_apart(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """What was a sentence becomes what it says."""
    for member in apps.get_model("review", "Member").objects.filter(paused=True).exclude(paused_why=""):
        for why, sentence in SAID.items():
            if found := sentence.fullmatch(member.paused_why):
                member.paused_for, member.paused_of, member.paused_flagged = why, int(found[1]), int(found[2])
                member.save(update_fields=["paused_for", "paused_of", "paused_flagged"])


class Migration(migrations.Migration):
    dependencies = [("review", "0027_verdict_free")]

    operations = [
        migrations.AddField(
            model_name="member",
            name="paused_for",
            field=models.CharField(
                blank=True,
                choices=[
                    ("missed", "Of %(of)d wrong labels that were planted to check, you flagged %(flagged)d."),
                    ("overmarked", "Of %(of)d labels that are known to be right, you flagged %(flagged)d."),
                ],
                max_length=10,
            ),
        ),
        migrations.AddField(model_name="member", name="paused_of", field=models.IntegerField(default=0)),
        migrations.AddField(model_name="member", name="paused_flagged", field=models.IntegerField(default=0)),
        migrations.RunPython(take_apart, migrations.RunPython.noop),
        migrations.RemoveField(model_name="member", name="paused_why"),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("paused_for", ""),
                    models.Q(("paused", True), ("paused_for__in", ["missed", "overmarked"])),
                    _connector="OR",
                ),
                name="member_paused_for",
            ),
        ),
    ]
