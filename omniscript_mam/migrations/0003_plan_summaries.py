"""What a plan spent, and whom it met, become columns; what nobody reads goes.

Nothing is lost: the plan's own checkpoint keeps what is copied, an asset's description was never written by anybody, and the characters are
in every script. On the way back they are read from there.
"""

from collections import Counter
from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def copy_plans(apps: Any, schema_editor: Any) -> None:
    """Read what the plans of finished plan steps hold; plain JSON, so that no other package is needed."""
    Step = apps.get_model("omniscript_mam", "Step")
    PlanSummary = apps.get_model("omniscript_mam", "PlanSummary")
    for job_id, result in Step.objects.filter(name="plan").values_list("job_id", "result").iterator():
        if not result.get("plan"):
            continue
        notes = result["plan"].get("notes") or {}
        usage = notes.get("usage") or {}
        PlanSummary.objects.create(
            job_id=job_id,
            num_tokens=usage.get("num_prompt_tokens", 0) + usage.get("num_new_tokens", 0),
            cost=usage.get("cost"),
            currency=usage.get("currency") or "",
            profiles=notes.get("profiles") or {},
        )


def project_characters(apps: Any, schema_editor: Any) -> None:
    """Make the characters' rows again from the current scripts."""
    Asset = apps.get_model("omniscript_mam", "Asset")
    Character = apps.get_model("omniscript_mam", "Character")
    ScriptRevision = apps.get_model("omniscript_mam", "ScriptRevision")
    for asset in Asset.objects.iterator():
        revision = ScriptRevision.objects.filter(asset=asset).order_by("-number").first()
        if revision is None:
            continue
        events = [event for scene in revision.document.get("scenes", []) for event in scene.get("events", [])]
        num_events = Counter(event.get("character_id") for event in events)
        for person in revision.document.get("characters", []):
            Character.objects.create(
                asset=asset,
                identifier=person["id"],
                name=person.get("name", ""),
                named=person.get("named", False),
                aliases=person.get("aliases", []),
                num_events=num_events[person["id"]],
            )


class Migration(migrations.Migration):

    dependencies = [
        ("omniscript_mam", "0002_collections_and_segment_leases"),
    ]

    operations = [
        migrations.CreateModel(
            name="PlanSummary",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("num_tokens", models.PositiveIntegerField(default=0)),
                ("cost", models.FloatField(blank=True, null=True)),
                ("currency", models.CharField(blank=True, max_length=10)),
                ("profiles", models.JSONField(blank=True, default=dict)),
                (
                    "job",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="plan_summary", to="omniscript_mam.job"
                    ),
                ),
            ],
        ),
        migrations.RunPython(copy_plans, migrations.RunPython.noop, elidable=True),
        migrations.RunPython(migrations.RunPython.noop, project_characters, elidable=True),
        migrations.DeleteModel(name="Character"),
        migrations.RemoveField(model_name="asset", name="description"),
        migrations.RemoveField(model_name="job", name="heartbeat_at"),
    ]
