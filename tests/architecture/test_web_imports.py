"""The web process stays light: a clean interpreter serves the page and loads no model library."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

HEAVY = (
    "torch",
    "transformers",
    "onnxruntime",
    "ctranslate2",
    "cv2",
    "faster_whisper",
    "dlib",
    "ai_edge_litert",
    "rapidocr",
    "scenedetect",
)

PROGRAM = """
import sys
from omniscript_mam.config.wsgi import application
from django.core.management import call_command
call_command("migrate", verbosity=0)
from django.test import Client
client = Client(headers={"host": "localhost"})
for address in ("/", "/search", "/search?q=someone+says+hello", "/api/v1/", "/api/v1/assets", "/api/v1/jobs", "/api/v1/search?q=hello"):
    response = client.get(address, follow=True)
    assert response.status_code == 200, (address, response.status_code)
print(",".join(sorted({name.partition(".")[0] for name in sys.modules})))
"""


@pytest.mark.parametrize("embedder", ["auto", "none"])
def test_the_web_process_loads_no_model_library(tmp_path, embedder):
    environment = {**os.environ, "OMNISCRIPT_DATA_DIR": str(tmp_path), "OMNISCRIPT_EMBEDDER": embedder}
    environment.pop("OMNISCRIPT_DATABASE_URL", None)
    found = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert found.returncode == 0, found.stderr[-3000:]
    loaded = set(found.stdout.strip().splitlines()[-1].split(","))
    assert "django" in loaded
    assert loaded.isdisjoint(HEAVY), loaded & set(HEAVY)


def test_the_command_line_starts_without_django(tmp_path):
    code = "import sys; from omniscript_mam.cli import group; group.main(['--help'], standalone_mode=False); "
    code += "print(sorted(sys.modules), file=sys.stderr)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert "ingest" in found.stdout
    for name in ("'django'", "'celery'", "'numpy'", "'pydantic'", "'rich'"):
        assert name not in found.stderr
