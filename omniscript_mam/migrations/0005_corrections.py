from typing import Any

from django.db import migrations, models

KINDS = [("written", "Written"), ("corrected", "Corrected"), ("undone", "Undone"), ("redone", "Redone"), ("restored", "Restored")]


def name_lineages(apps: Any, schema_editor: Any) -> None:
    """Say of every revision whether a person made it, and which writer's revision it goes back to."""
    ScriptRevision = apps.get_model("omniscript_mam", "ScriptRevision")
    lineage, asset_id = 0, None
    rows = ScriptRevision.objects.order_by("asset_id", "number").values_list("id", "asset_id", "number", "writer")
    for row_id, its_asset, number, writer in list(rows):
        if writer != "person" or its_asset != asset_id:
            lineage = number
        asset_id = its_asset
        kind = "corrected" if writer == "person" else "written"
        ScriptRevision.objects.filter(id=row_id).update(lineage=lineage, kind=kind)


class Migration(migrations.Migration):
    dependencies = [
        ("omniscript_mam", "0004_host_links"),
    ]

    operations = [
        migrations.AddField(model_name="scriptrevision", name="corrections", field=models.JSONField(blank=True, null=True)),
        migrations.AddField(
            model_name="scriptrevision", name="kind", field=models.CharField(choices=KINDS, default="written", max_length=10)
        ),
        migrations.AddField(model_name="scriptrevision", name="lineage", field=models.PositiveIntegerField(default=0)),
        migrations.AddField(model_name="scriptrevision", name="restores", field=models.PositiveIntegerField(default=0)),
        migrations.RunPython(name_lineages, migrations.RunPython.noop, elidable=True),
    ]
