"""The catalogue: collections, assets, their original files (essences) and derived files (renditions).

Files are content-addressed: ``path`` is relative to the data folder and made from the SHA-256, so the same bytes are kept once.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse

from omniscript_mam.script.folding import fold


class Folded(models.TextField):
    """Another field's text as it is compared (:func:`omniscript_mam.script.folding.fold`), the same on every database."""

    def __init__(self, of: str = "", **options: Any) -> None:
        """A column that follows the field ``of``."""
        super().__init__(**{"default": "", "editable": False, **options})
        self.of = of

    def deconstruct(self) -> tuple[Any, ...]:
        """See :class:`django.db.models.Field`."""
        name, path, args, options = super().deconstruct()
        return name, path, args, {**options, "of": self.of}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        """See :class:`django.db.models.Field`."""
        folded = fold(getattr(model_instance, self.of))
        setattr(model_instance, self.attname, folded)
        return folded


class Collection(models.Model):
    """Films that belong together. ``writer`` writes their scripts ("" = the installation's own choice) with ``options``."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    folded_name = Folded(of="name")
    description = models.TextField(blank=True)
    writer = models.CharField(max_length=50, blank=True)
    options = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["folded_name", "name"]
        constraints = [models.UniqueConstraint(Lower("name"), name="one_collection_of_a_name")]

    def __str__(self) -> str:
        return self.name


class Asset(models.Model):
    """A catalogue entry: one film, whatever files it has. ``options`` are ingest settings (writer, languages …)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField(max_length=500)
    folded_title = Folded(of="title")
    duration_s = models.FloatField(default=0.0)
    collection = models.ForeignKey(Collection, on_delete=models.SET_NULL, null=True, blank=True, related_name="assets")
    options = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **options: Any) -> None:
        """The folded title goes wherever the title goes."""
        if options.get("update_fields") is not None and "title" in options["update_fields"]:
            options["update_fields"] = [*options["update_fields"], "folded_title"]
        super().save(*args, **options)


class Essence(models.Model):
    """The original file of an asset, never changed. ``media_info`` is what the probe found (plain JSON)."""

    asset = models.OneToOneField(Asset, on_delete=models.CASCADE, related_name="essence")
    path = models.CharField(max_length=1000)
    original_name = models.CharField(max_length=500)
    folded_name = Folded(of="original_name")
    num_bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64, unique=True)
    media_info = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.original_name


DIGEST_LENGTH = 16
"""Hexadecimal digits of a rendition's SHA-256 that its address and its file name hold."""


class Rendition(models.Model):
    """A file derived from the essence; can be made again at any time."""

    class Kind(models.TextChoices):
        PROXY = "proxy", "Proxy"
        POSTER = "poster", "Poster"
        SPRITE = "sprite", "Sprite sheet"
        SPRITE_VTT = "sprite_vtt", "Sprite sheet index"
        WAVEFORM = "waveform", "Waveform"

    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, related_name="renditions")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    path = models.CharField(max_length=1000)
    mime_type = models.CharField(max_length=100)
    num_bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    details = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["asset", "kind"], name="one_rendition_of_a_kind")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.asset_id}"

    @property
    def digest(self) -> str:
        """The beginning of the content's SHA-256."""
        return self.sha256[:DIGEST_LENGTH]

    @property
    def address(self) -> str:
        """Where the file is served. It changes with the content, so that it may be cached for ever."""
        return reverse("omniscript:media", args=[self.pk, self.digest])
