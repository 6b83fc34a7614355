"""Stored scripts: every revision of an asset's Script, and what the search index holds of it."""

from __future__ import annotations

from django.db import models

from .catalogue import Asset


class ScriptRevision(models.Model):
    """One revision of an asset's Script. Revisions are never changed; the highest number is the current one.

    ``kind`` says how it came about; ``restores`` is the revision whose document an undone, redone or restored one brings back (0: none).
    ``lineage`` is the number of the revision that a writer wrote and that this one goes back to: ids mean the same in all of it.
    ``corrections`` is what people said of the film, as far as it holds with this revision (:mod:`omniscript_mam.corrections`), with what
    does not fit; ``None`` for a revision of a release that kept no list.
    """

    class Kind(models.TextChoices):
        WRITTEN = "written", "Written"
        CORRECTED = "corrected", "Corrected"
        UNDONE = "undone", "Undone"
        REDONE = "redone", "Redone"
        RESTORED = "restored", "Restored"

    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    document = models.JSONField()
    writer = models.CharField(max_length=50)
    writer_version = models.CharField(max_length=100, blank=True)
    author = models.CharField(max_length=150, blank=True)
    note = models.CharField(max_length=500, blank=True)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.WRITTEN)
    restores = models.PositiveIntegerField(default=0)
    lineage = models.PositiveIntegerField(default=0)
    corrections = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["asset", "number"], name="one_revision_of_a_number")]

    def __str__(self) -> str:
        return f"revision {self.number} of {self.asset_id}"


class IndexEntry(models.Model):
    """What the search index should hold of an asset and what it was last told: an outbox row that also shows drift.

    ``wanted`` is the revision to be indexed (0 = none), ``indexed`` the one that is; ``generation`` names searcher, format and
    embedding model, so that a change of any of them shows as stale.
    """

    asset = models.OneToOneField(Asset, on_delete=models.CASCADE, related_name="index_entry")
    wanted = models.PositiveIntegerField(default=0)
    indexed = models.PositiveIntegerField(default=0)
    generation = models.CharField(max_length=200, blank=True)
    num_records = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.asset_id}: {self.indexed} of {self.wanted}"
