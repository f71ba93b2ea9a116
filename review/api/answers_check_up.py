"""The shape of what a check-up says."""

from rest_framework import serializers as s

from .answers import maybe, shape, share
from .answers_progress import known_rate

CheckedLabel = shape(
    "CheckedLabel", label=s.CharField(), items=s.IntegerField(), wrong=s.FloatField(help_text="Errors to expect.")
)
ForecastOut = shape(
    "Forecast",
    labels=maybe(s.ListField, child=s.CharField(), help_text="Null: all."),
    items=s.IntegerField(help_text="To look at, the most suspected."),
    audited=s.IntegerField(help_text="To look at besides, by chance, which shows what is left."),
    looks=s.IntegerField(),
    hours=maybe(s.FloatField, help_text="At the pace of the check-up itself."),
    left=share(help_text="Of all labels, still wrong then."),
)
CheckUpOut = shape(
    "CheckUp",
    drawn=s.IntegerField(),
    looked=s.IntegerField(),
    found=s.IntegerField(help_text="Wrong ones among those looked at."),
    items=s.IntegerField(help_text="Of the dataset."),
    rate=known_rate("Of the dataset's labels, wrong; by the sample alone."),
    labels=CheckedLabel(many=True, help_text="The worst, which hold most of the errors."),
    worst=s.ListField(child=s.CharField()),
    target=share(),
    forecasts=ForecastOut(many=True, help_text="Of all labels, and of the worst alone; none until something was seen."),
    seconds_a_look=maybe(s.FloatField),
    stale=s.BooleanField(help_text="The dataset was ranked anew since: plan another."),
)
OutlookOut = shape(
    "Outlook",
    items=s.IntegerField(),
    audited=s.IntegerField(help_text="Of them, drawn by chance, to show what is left wrong."),
    looks=s.IntegerField(),
    planted=s.IntegerField(help_text="Looks at planted items, besides."),
    seconds_a_look=maybe(s.FloatField, help_text="Of all that was handed in in the project."),
    hours=maybe(s.FloatField),
    fixed=s.IntegerField(),
    disputed=s.IntegerField(help_text="Items for a supervisor."),
    before=share(help_text="Of the items, wrong, by what they are suspected."),
    left=share(help_text="Of the items, wrong at the end."),
    covered=share(help_text="Of the looks, paid for by the budget."),
    ranked=s.BooleanField(help_text="False: nothing is suspected yet, and a usual share of errors is taken."),
    finds=share(help_text="What people are taken to flag of the wrong labels."),
    overmarks=share(help_text="And of the right ones."),
)
