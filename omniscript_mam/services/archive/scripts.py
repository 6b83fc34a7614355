"""Script revisions: the one way in which a script is stored, for whoever writes it: a job that ends, a page, the API, undo.

The asset's row is locked first. Only then is it read which revision is current, what people corrected, and what whoever asks has seen; so
of two who store at once the second finds what the first stored. A writer's script takes the corrections of people in; a person's change of
an older revision is joined with what others changed meanwhile (:mod:`.correcting`). The new revision is stored whole, with the wish to have
it indexed, in one transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F

from omniscript_mam import corrections as pure
from omniscript_mam.corrections import Correction
from omniscript_mam.errors import NotFoundError
from omniscript_mam.models import Asset, IndexEntry, ScriptRevision
from omniscript_mam.script import Script, to_data, validate
from omniscript_mam.selectors.revisions import PERSON, corrections_of
from omniscript_mam.signals import script_corrected, script_written
from omniscript_mam.viewer import Action, Viewer

from .. import publishing

Kind = ScriptRevision.Kind


@dataclass(frozen=True)
class Held:
    """An asset whose row is locked: nobody else stores a revision of it before the transaction ends. ``current`` is its newest one."""

    viewer: Viewer
    asset: Asset
    current: ScriptRevision | None

    @property
    def next_number(self) -> int:
        """The number that the next revision gets."""
        return self.current.number + 1 if self.current else 1

    def append(self, script: Script, said: Sequence[Correction], row: ScriptRevision, *, wake: bool = True) -> ScriptRevision:
        """Store the next revision, and tell whoever has to know. ``row`` says who wrote it and why; ``said`` is what people corrected.

        Raises:
            ScriptValidationError: the script breaks a rule; nothing is stored.
        """
        validate(script)
        row.author = self.viewer.name[:150]
        row.asset, row.number = self.asset, self.next_number
        row.document, row.corrections = to_data(script), pure.to_data(list(said))
        row.lineage = row.lineage or row.number
        row.save(force_insert=True)
        IndexEntry.objects.update_or_create(asset=self.asset, defaults={"wanted": row.number})
        if wake:
            publishing.wake_for_index()
        signal = script_corrected if row.writer == PERSON else script_written
        transaction.on_commit(lambda: signal.send_robust(Asset, asset=self.asset, revision=row))
        return row


@contextmanager
def held(viewer: Viewer, asset: Asset) -> Iterator[Held]:
    """Lock an asset for a new revision, in a transaction.

    Raises:
        ForbiddenError. NotFoundError: it was deleted.
    """
    viewer.require(Action.CORRECT, asset.collection_id)
    with transaction.atomic():
        # A write, not SELECT FOR UPDATE: SQLite knows no row locks, and there a transaction that begins by reading may not write any more
        # once another one has written.
        if not Asset.objects.filter(id=asset.id).update(updated_at=F("updated_at")):
            raise NotFoundError(f"There is no asset {asset.id} any more.")
        yield Held(viewer, asset, ScriptRevision.objects.filter(asset=asset).order_by("-number").first())


def store_revision(
    viewer: Viewer, asset: Asset, script: Script, writer: str, version: str, note: str = "", *, wake: bool = True
) -> ScriptRevision:
    """Store a script that a writer wrote as the asset's next revision, with everything in it that people corrected.

    Args:
        viewer: who brings it: the system where a writer wrote.
        writer: the writer's name, with ``version``.
        wake: send the message that the index has something to do; the ingest job indexes by itself.

    Raises:
        ForbiddenError. ScriptValidationError: the script breaks a rule; nothing is stored. NotFoundError: the asset was deleted.
    """
    validate(script)
    with held(viewer, asset) as place:
        said = corrections_of(viewer, place.current) if place.current else []
        done = pure.apply_again(said, script)
        words = "; ".join(part for part in (note, _told(done.corrections)) if part)
        row = ScriptRevision(writer=writer, writer_version=version[:100], note=words[:500], kind=Kind.WRITTEN)
        return place.append(done.script, done.corrections, row, wake=wake)


def _told(said: Sequence[Correction]) -> str:
    """How many corrections a new script took in, and how many wait."""
    waiting = sum(bool(each.problem) for each in said)
    kept = len(said) - waiting
    told = [f"{kept} correction{'' if kept == 1 else 's'} kept"] if kept else []
    return ", ".join([*told, f"{waiting} to be decided"] if waiting else told)
