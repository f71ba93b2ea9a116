"""The shapes of a reviewer as their supervisor sees them."""

from rest_framework import serializers as s

from ..models import Role, Verdict
from .answers import interval, maybe, one_of, page_of, shape, share
from .answers_progress import ReviewerProgress

HONEYPOTS = ReviewerProgress().fields["honeypots"]
PICTURES = {"crop": s.URLField(), "context": s.URLField()}
MessageOut = shape(
    "Message",
    id=s.IntegerField(),
    project=s.IntegerField(),
    to=s.CharField(),
    by=s.CharField(),
    text=s.CharField(),
    at=s.DateTimeField(),
    read_at=maybe(s.DateTimeField),
)
MessagePage = page_of(MessageOut)
HandedInBatch = shape(
    "HandedInBatch",
    id=s.IntegerField(),
    at=s.DateTimeField(),
    tiles=s.IntegerField(),
    flags=s.IntegerField(),
    counted=s.IntegerField(),
    planted=s.IntegerField(help_text="Planted errors among them."),
    found=s.IntegerField(),
    sent_back=s.BooleanField(),
)
SeenOtherwise = shape(
    "SeenOtherwise",
    item=s.IntegerField(),
    key=s.CharField(),
    label=s.CharField(),
    reason=s.CharField(allow_blank=True, help_text="Empty: left as it was."),
    said=maybe(),
    state=one_of(Verdict.State),
    became=maybe(),
    at=s.DateTimeField(),
    **PICTURES,
)
ReviewerOut = shape(
    "Reviewer",
    username=s.CharField(),
    role=s.ChoiceField(Role.choices, allow_null=True, help_text="Null: no member any more."),
    paused=s.BooleanField(),
    paused_why=s.CharField(allow_blank=True),
    labels=s.ListField(child=s.CharField(), help_text="The labels that they are lent; none: all."),
    in_hand=shape("InHand", batches=s.IntegerField(), tiles=s.IntegerField(), until=s.DateTimeField(allow_null=True))(
        help_text="What is lent to them now, and until when at the latest."
    ),
    looks=s.IntegerField(),
    flags=s.IntegerField(),
    sensitivity=share(allow_null=True),
    specificity=share(allow_null=True),
    honeypots=HONEYPOTS,
    agreement=shape("Agreed", settled=s.IntegerField(), agreed=s.IntegerField(), interval=interval())(),
    batches=HandedInBatch(many=True),
    otherwise=SeenOtherwise(many=True, help_text="Items settled otherwise than this person said."),
)
BatchTile = shape(
    "BatchTile",
    position=s.IntegerField(),
    item=s.IntegerField(),
    label=s.CharField(help_text="That it was shown under."),
    own_label=s.CharField(),
    planted=s.BooleanField(),
    seen=s.BooleanField(),
    reason=s.CharField(allow_blank=True, help_text="Empty: left as it was."),
    said=maybe(),
    comment=s.CharField(allow_blank=True),
    **PICTURES,
)
BatchOut = shape(
    "Batch",
    id=s.IntegerField(),
    campaign=s.IntegerField(),
    reviewer=s.CharField(),
    at=s.DateTimeField(),
    counted=s.IntegerField(),
    sent_back=maybe(help_text="Why, where it was."),
    tiles=BatchTile(many=True),
)
