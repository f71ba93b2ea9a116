"""The shapes of answers to whoever explores a dataset."""

from rest_framework import serializers as s

from .answers import ItemOut, shape

SliceOut = shape("Slice", count=s.IntegerField(), ids=s.ListField(child=s.IntegerField()))
SliceItem = type(
    "SliceItem",
    (ItemOut,),
    {
        "width": s.FloatField(help_text="Of the box, or of the whole image, in pixels of the photo."),
        "height": s.FloatField(),
    },
)
SliceItems = shape("SliceItems", results=SliceItem(many=True))
AlikeOut = shape(
    "Alike",
    in_label=s.ListField(child=s.IntegerField()),
    in_any=s.ListField(child=s.IntegerField()),
    said=s.CharField(help_text="Why it is not known, where it is not."),
)
