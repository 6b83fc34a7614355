"""Ties between the rows of the site that we are added to and our assets."""

from __future__ import annotations

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models

from .catalogue import Asset


class Link(models.Model):
    """A row of the site's own, of whatever model, and the asset that holds its film. A row has one asset; an asset may serve many rows."""

    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, related_name="links")
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_id = models.CharField(max_length=255)
    object = GenericForeignKey("content_type", "object_id")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["content_type", "object_id"], name="one_asset_of_an_object")]

    def __str__(self) -> str:
        return f"{self.content_type_id}:{self.object_id} → {self.asset_id}"
