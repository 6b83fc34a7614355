"""Searches that people keep, and the moments that fit them: what is new among these since somebody last looked."""

from __future__ import annotations

import uuid

from django.db import models

from .catalogue import Asset


class SavedSearch(models.Model):
    """A question that somebody keeps. ``owner`` is the viewer's ``user_id``: "" is everybody who is known by no name.

    ``filters`` are facet → values. What was found after ``looked_at`` is new. ``is_whole``: every moment that fitted when it was saved is
    known, so that whatever else fits an old film later is new as well.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.CharField(max_length=200, blank=True)
    name = models.CharField(max_length=200)
    text = models.TextField(blank=True)
    filters = models.JSONField(default=dict, blank=True)
    is_soft = models.BooleanField(default=False)
    is_whole = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    looked_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "created_at"]
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="one_saved_search_of_a_name")]

    def __str__(self) -> str:
        return self.name


class SavedMoment(models.Model):
    """A moment that fits a saved search: times in seconds of the film. It stays the same one while its time overlaps."""

    search = models.ForeignKey(SavedSearch, on_delete=models.CASCADE, related_name="moments")
    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, related_name="saved_moments")
    start_s = models.FloatField()
    end_s = models.FloatField()
    found_at = models.DateTimeField()

    class Meta:
        ordering = ["asset_id", "start_s"]
        indexes = [models.Index(fields=["search", "found_at"], name="saved_moment_by_time")]

    def __str__(self) -> str:
        return f"{self.search_id}: {self.asset_id} at {self.start_s:.3f} s"
