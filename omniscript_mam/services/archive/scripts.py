"""Script revisions: a new one is stored whole, with its characters and the wish to have it indexed, in one transaction."""

from __future__ import annotations

from collections import Counter

from django.db import transaction

from omniscript_mam.models import Asset, Character, IndexEntry, ScriptRevision
from omniscript_mam.script import Script, to_data, validate

from .. import publishing


def store_revision(
    asset: Asset, script: Script, writer: str, version: str, author: str = "", note: str = "", *, wake: bool = True
) -> ScriptRevision:
    """Store a script as the asset's next revision.

    Args:
        writer: who wrote it (a writer's name, or ``person``), with ``version``.
        author: user name of a person, or "".
        wake: send the message that the index has something to do; the ingest job indexes by itself.

    Raises:
        ScriptValidationError: the script breaks a rule; nothing is stored.
    """
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
            author=author[:150],
            note=note[:500],
        )
        _project_characters(locked, script)
        IndexEntry.objects.update_or_create(asset=locked, defaults={"wanted": revision.number})
        if wake:
            publishing.wake_for_index()
    return revision


def _project_characters(asset: Asset, script: Script) -> None:
    num_events = Counter(event.character_id for event in script.events())
    Character.objects.filter(asset=asset).delete()
    Character.objects.bulk_create(
        [
            Character(
                asset=asset, identifier=found.id, name=found.name, named=found.named, aliases=found.aliases, num_events=num_events[found.id]
            )
            for found in script.characters
        ]
    )
