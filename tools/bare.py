"""Run a command as on a machine that has nothing installed: no ffmpeg and no server's program is on its PATH.

    python tools/bare.py COMMAND [ARGUMENT …]

The PATH becomes one folder of links to every other program. Used by ``make test-bare``, with ``tools/services.py --wheels``: so the
packaged ffmpeg and the servers from wheels are tested on machines that have better ones. The exit status is the command's.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HIDDEN = re.compile(r"ff(mpeg|probe|play)|redis-.*|rabbitmq.*|psql|postgres|pg_.*|initdb|createdb|dropdb")
"""Names of the programs that are not there."""


def link_others(folder: Path) -> None:
    """Fill a folder with a link to each program of the PATH that is not hidden; the first of a name counts."""
    for place in map(Path, os.get_exec_path()):
        for program in place.iterdir() if place.is_dir() else ():
            link = folder / program.name
            if not HIDDEN.fullmatch(program.name) and not link.is_symlink() and os.access(program, os.X_OK):
                link.symlink_to(program.absolute())


def main(command: list[str]) -> int:
    """Run the command; returns its exit status."""
    with tempfile.TemporaryDirectory(prefix="omniscript-bare-") as folder:
        link_others(Path(folder))
        environment = {**os.environ, "PATH": folder, "OMNISCRIPT_TEST_BARE": "1"}
        for name in ("ffmpeg", "ffprobe", "redis-server", "rabbitmq-server", "psql", "postgres"):
            assert shutil.which(name, path=folder) is None, name
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1:]))
