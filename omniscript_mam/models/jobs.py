"""Work in progress. These rows are the truth; a broker message only wakes a worker, which then claims the row.

A claim is a compare-and-set with a lease and a fencing token: a worker that lost its lease can write nothing more.
"""

from __future__ import annotations

import uuid

from django.db import models

from .catalogue import Asset


class State(models.TextChoices):
    """States of a job, a step and a segment."""

    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


CANCELLING = "cancelling"
"""Shown state of a job that a person cancelled and whose work has not stopped yet; in its row it is still running."""


class Job(models.Model):
    """One ingest (or re-run) of an asset.

    ``attempt`` counts claims; ``token`` is the fencing token of the present claim; ``lease_until`` when it lapses. ``progress`` is
    0..1 over all steps. ``error_code``, ``error`` and ``remedy`` say why it failed, for people. ``published_at`` is when a broker message
    was last sent for it. At most one job of an asset is queued or running.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, related_name="jobs")
    kind = models.CharField(max_length=20, default="ingest")
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED, db_index=True)
    progress = models.FloatField(default=0.0)
    message = models.CharField(max_length=500, blank=True)
    attempt = models.PositiveIntegerField(default=0)
    token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    cancel_requested = models.BooleanField(default=False)
    error_code = models.CharField(max_length=100, blank=True)
    error = models.TextField(blank=True)
    remedy = models.TextField(blank=True)
    writer = models.CharField(max_length=50, default="lite")
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["asset"], condition=models.Q(state__in=["queued", "running"]), name="one_active_job_of_an_asset"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id} ({self.state})"

    @property
    def is_active(self) -> bool:
        """True while a worker may still have something to do."""
        return self.state in (State.QUEUED, State.RUNNING)

    @property
    def shown_state(self) -> str:
        """The state as people are told it: its row's, or :data:`CANCELLING`."""
        return CANCELLING if self.state == State.RUNNING and self.cancel_requested else str(self.state)


class Step(models.Model):
    """One step of a job, of those in :mod:`omniscript_mam.steps`. ``result`` is its checkpoint (plain JSON)."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="steps")
    name = models.CharField(max_length=30)
    position = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    progress = models.FloatField(default=0.0)
    message = models.CharField(max_length=500, blank=True)
    result = models.JSONField(default=dict, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["job", "name"], name="one_step_of_a_name")]

    def __str__(self) -> str:
        return self.name


class PlanSummary(models.Model):
    """What is asked of a job's plan again and again; the plan itself is the checkpoint of the step that made it.

    ``num_tokens`` and ``cost`` (in ``currency``; ``None``: no price is declared) are what planning spent. ``profiles`` is the planner's
    book of people (plain JSON; empty where the writer plans without).
    """

    job = models.OneToOneField(Job, on_delete=models.CASCADE, related_name="plan_summary")
    num_tokens = models.PositiveIntegerField(default=0)
    cost = models.FloatField(null=True, blank=True)
    currency = models.CharField(max_length=10, blank=True)
    profiles = models.JSONField(default=dict, blank=True)

    def __str__(self) -> str:
        return f"plan of {self.job_id}"


class Segment(models.Model):
    """One segment of the writer's plan; ``draft`` is its checkpoint, ``num_writes`` how often one was stored (1 when all is well).

    Segments of one job are written by several workers at once: ``token`` is the fencing token of the worker that has it in hand, and
    ``lease_until`` when its hold lapses. ``live`` holds the newest events while it is being written. ``writer`` and
    ``writer_version`` say who wrote the draft; ``fault`` why the asked-for writer could not ("" = it did). ``num_retries`` counts
    how often people asked for it again. ``repairs`` is what was cut, repaired, replaced or lost of what its writer said (a list of code,
    place and detail), and ``claims`` how much of it was borne out; both are empty for a writer that compares nothing.
    """

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="segments")
    index = models.PositiveIntegerField()
    start_s = models.FloatField()
    end_s = models.FloatField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    draft = models.TextField(blank=True)
    num_writes = models.PositiveIntegerField(default=0)
    num_retries = models.PositiveIntegerField(default=0)
    token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    live = models.JSONField(default=list, blank=True)
    writer = models.CharField(max_length=50, blank=True)
    writer_version = models.CharField(max_length=100, blank=True)
    fault = models.TextField(blank=True)
    repairs = models.JSONField(default=list, blank=True)
    claims = models.JSONField(default=dict, blank=True)
    num_tokens = models.PositiveIntegerField(default=0)
    cost = models.FloatField(null=True, blank=True)
    currency = models.CharField(max_length=10, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["index"]
        constraints = [models.UniqueConstraint(fields=["job", "index"], name="one_segment_of_an_index")]

    def __str__(self) -> str:
        return f"segment {self.index}"
