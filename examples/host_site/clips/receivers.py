"""What the newsroom does when OmniScript has written a script, or a person has corrected one."""

from typing import Any

from django.db.models.signals import post_delete
from django.dispatch import receiver

from omniscript_mam.models import Asset, ScriptRevision
from omniscript_mam.services.links import objects_of, unlink
from omniscript_mam.signals import script_corrected, script_written
from omniscript_mam.viewer import SYSTEM

from .models import Clip


@receiver(script_written)
def note_the_script(asset: Asset, **_: Any) -> None:
    """Its own list shows which clips can be read."""
    for clip in objects_of(SYSTEM, asset):
        Clip.objects.filter(pk=clip.pk).update(has_script=True)


@receiver(script_corrected)
def note_the_correction(asset: Asset, revision: ScriptRevision, **_: Any) -> None:
    """Its own page says what was corrected last."""
    for clip in objects_of(SYSTEM, asset):
        Clip.objects.filter(pk=clip.pk).update(last_correction=revision.note)


@receiver(post_delete, sender=Clip)
def forget_the_link(instance: Clip, **_: Any) -> None:
    """A clip that is gone has no film."""
    unlink(SYSTEM, instance)
