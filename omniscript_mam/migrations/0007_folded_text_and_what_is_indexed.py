"""Titles and names as they are compared, and what the index was told of each asset. The folded columns are filled here."""

from typing import Any

from django.db import migrations, models

import omniscript_mam.models.catalogue
from omniscript_mam.script.folding import fold

FOLDED = (("Collection", "name", "folded_name"), ("Asset", "title", "folded_title"), ("Essence", "original_name", "folded_name"))


def fill(apps: Any, schema_editor: Any) -> None:
    """Fold what is there, a few hundred rows at a time."""
    for model, source, target in FOLDED:
        rows = apps.get_model("omniscript_mam", model).objects
        for key, text in rows.values_list("pk", source).iterator():
            rows.filter(pk=key).update(**{target: fold(text)})


class Migration(migrations.Migration):
    dependencies = [("omniscript_mam", "0006_sidecars")]

    operations = [
        *(
            migrations.AddField(
                model_name=model.lower(),
                name=target,
                field=omniscript_mam.models.catalogue.Folded(default="", editable=False, of=source),
            )
            for model, source, target in FOLDED
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
        migrations.AlterModelOptions(name="collection", options={"ordering": ["folded_name", "name"]}),
        migrations.AddField(model_name="indexentry", name="title", field=models.CharField(blank=True, default="", max_length=500)),
        migrations.AddField(model_name="indexentry", name="collection", field=models.UUIDField(blank=True, null=True)),
        migrations.AddField(model_name="indexentry", name="digest", field=models.CharField(blank=True, default="", max_length=64)),
        migrations.AddField(model_name="indexentry", name="error", field=models.CharField(blank=True, default="", max_length=500)),
    ]
