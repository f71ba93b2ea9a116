"""A person was offered the tutorial of a campaign: they went through it, or left it out."""

from ..models import Campaign, Tutorial, User


def note(*, campaign: Campaign, user: User, skipped: bool) -> None:
    """Once is enough; whoever skips it after going through it has gone through it."""
    made, new = Tutorial.objects.get_or_create(campaign=campaign, user=user, defaults={"skipped": skipped})
    if not new and made.skipped and not skipped:
        Tutorial.objects.filter(pk=made.pk).update(skipped=False)
