"""Make ``.envs/llama``: llama.cpp's own HTTP server from a wheel, and what writes a model file. Nothing is done where it is there."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / ".envs" / "llama"
PACKAGES = ("xllamacpp==2026.10.11549", "gguf==0.19.0")


def main() -> None:
    """Make it."""
    python = FOLDER / "bin" / "python"
    if python.exists() and subprocess.run([python, "-c", "import xllamacpp, gguf"], check=False).returncode == 0:
        return
    venv.create(FOLDER, with_pip=True)
    sys.exit(subprocess.run([python, "-m", "pip", "install", "-q", "--only-binary=:all:", *PACKAGES], check=False).returncode)


if __name__ == "__main__":
    main()
