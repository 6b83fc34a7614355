"""Segments keep what was cut, repaired, replaced or lost of what their writer said, and how much of it was borne out."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Two columns; segments that were written before have neither."""

    dependencies = [("omniscript_mam", "0007_folded_text_and_what_is_indexed")]

    operations = [
        migrations.AddField(model_name="segment", name="repairs", field=models.JSONField(blank=True, default=list)),
        migrations.AddField(model_name="segment", name="claims", field=models.JSONField(blank=True, default=dict)),
    ]
