"""Script revisions: a new one is stored whole, with the wish to have it indexed, in one transaction."""

from __future__ import annotations

from django.db import transaction

from omniscript_mam.models import Asset, IndexEntry, ScriptRevision
from omniscript_mam.script import Script, to_data, validate
from omniscript_mam.signals import script_corrected, script_written
from omniscript_mam.viewer import Action, Viewer

from .. import publishing

PERSON = "person"
"""What a revision names as its writer when somebody corrected the script."""


def store_revision(
    viewer: Viewer, asset: Asset, script: Script, writer: str, version: str, note: str = "", *, wake: bool = True
) -> ScriptRevision:
    """Store a script as the asset's next revision.

    Args:
        viewer: who corrects: the revision's author; the system, which has no name, where a writer wrote.
        writer: who wrote it (a writer's name, or :data:`PERSON`), with ``version``.
        wake: send the message that the index has something to do; the ingest job indexes by itself.

    Raises:
        ForbiddenError. ScriptValidationError: the script breaks a rule; nothing is stored.
    """
    viewer.require(Action.CORRECT, asset.collection_id)
    validate(script)
    with transaction.atomic():
        locked = Asset.objects.select_for_update().get(id=asset.id)
        last = ScriptRevision.objects.filter(asset=locked).order_by("-number").first()
        revision = ScriptRevision.objects.create(
            asset=locked,
            number=last.number + 1 if last else 1,
            document=to_data(script),
            writer=writer,
            writer_version=version[:100],
            author=viewer.name[:150],
            note=note[:500],
        )
        IndexEntry.objects.update_or_create(asset=locked, defaults={"wanted": revision.number})
        if wake:
            publishing.wake_for_index()
        signal = script_corrected if writer == PERSON else script_written
        transaction.on_commit(lambda: signal.send_robust(Asset, asset=locked, revision=revision))
    return revision
