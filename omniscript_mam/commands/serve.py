"""``omniscript serve``: the web page, and the workers under supervision."""

from __future__ import annotations

import signal
import socket
from pathlib import Path
from types import FrameType

import click

from .common import is_own_project, say, start_django


@click.command(name="serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="0.0.0.0 opens it to the network; there are no accounts yet.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0 takes any free one.")
@click.option("--worker/--no-worker", default=True, show_default=True, help="Run the workers too.")
@click.option("--quiet", "-q", is_flag=True)
def command(host: str, port: int, worker: bool, quiet: bool) -> int:
    """Serve the web page and run the worker. Ctrl-C stops both; unfinished jobs go on at the next start."""
    from omniscript_mam.config.environment import data_dir, make_data_dir
    from omniscript_mam.errors import AppError

    if not is_own_project():
        raise AppError("The site has a server of its own.", remedy="Run it, and `manage.py omniscript worker` beside it.")
    _allow_host(host)
    listener = _listen(host, port)
    start_django(log_level="INFO")
    from omniscript_mam.config.server import make_server
    from omniscript_mam.config.wsgi import application

    folder = make_data_dir(data_dir())
    server = make_server(application, listener)
    signal.signal(signal.SIGTERM, _stop)
    workers = _start_workers(folder, quiet=quiet) if worker else None
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared, not bound
    say(f"OmniScript MAM is at http://{f'[{shown}]' if ':' in shown else shown}:{listener.getsockname()[1]}/   (Ctrl-C stops it)")
    try:
        server.run()
    except KeyboardInterrupt:
        say("Stopping …", quiet=quiet)
    finally:
        server.close()
        if workers is not None:
            workers.stop()
    return 0


def _start_workers(folder: Path, *, quiet: bool):  # type: ignore[no-untyped-def]  # noqa: ANN202 - imported late
    from omniscript_mam.conf import conf

    from .supervisor import HUNG_LEASES, LEAST_HUNG_S, Supervisor

    log = folder / "logs" / "worker.log"
    workers = Supervisor(["ingest", "index"], log, max(LEAST_HUNG_S, HUNG_LEASES * conf.lease_s))
    workers.start()
    say(f"Data folder: {folder}; log of the workers: {log}", quiet=quiet)
    return workers


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _allow_host(host: str) -> None:
    """A page bound to one address may be asked for under it."""
    import os

    if host not in ("127.0.0.1", "localhost", "::1") and not os.environ.get("OMNISCRIPT_ALLOWED_HOSTS"):
        names = {"localhost", "127.0.0.1", "[::1]", host, socket.gethostname(), socket.getfqdn()} - {"0.0.0.0", "::"}  # noqa: S104
        os.environ["OMNISCRIPT_ALLOWED_HOSTS"] = ",".join(sorted(names))


def _listen(host: str, port: int) -> socket.socket:
    """Bind first: a taken port is said before anything is started.

    Raises:
        PortError: the address cannot be had.
    """
    from omniscript_mam.errors import PortError

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        reason = error.strerror or error
        raise PortError(
            f"http://{host}:{port} cannot be opened: {reason}.", remedy="Choose another with --port (0 takes any free one)."
        ) from error
    return listener
