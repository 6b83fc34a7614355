"""``omniscript serve``: the web page, and the workers under supervision."""

from __future__ import annotations

import contextlib
import fcntl
import ipaddress
import signal
import socket
import struct
from pathlib import Path
from types import FrameType
from typing import Any

import click

from .common import is_own_project, say, start_django

SIOCGIFADDR = 0x8915
"""Linux: the address of an interface, by its name."""


@click.command(name="serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Any address but this machine's own loop needs the next option.")
@click.option(
    "--anyone-may-change-everything",
    "is_open",
    is_flag=True,
    help="Serve beyond this machine although there are no accounts: whoever reaches the address sees, changes and deletes every film.",
)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0 takes any free one.")
@click.option("--worker/--no-worker", default=True, show_default=True, help="Run the workers too.")
@click.option("--quiet", "-q", is_flag=True)
def command(host: str, is_open: bool, port: int, worker: bool, quiet: bool) -> int:
    """Serve the web page and run the worker. Ctrl-C stops both; unfinished jobs go on at the next start."""
    from omniscript_mam.config.environment import data_dir, is_read_only, make_data_dir
    from omniscript_mam.errors import AppError

    if not is_own_project():
        raise AppError("The site has a server of its own.", remedy="Run it, and `manage.py omniscript worker` beside it.")
    _refuse_open(host, is_open=is_open)
    _allow_host(host)
    listener = _listen(host, port)
    start_django(log_level="INFO")
    from omniscript_mam.config.server import make_server
    from omniscript_mam.config.wsgi import application

    folder = make_data_dir(data_dir())
    server = make_server(application, listener, **_proxy_settings())
    signal.signal(signal.SIGTERM, _stop)
    if is_read_only(folder):
        say(f"The data folder {folder} cannot be written: films can be searched and watched, nothing can be changed.", quiet=quiet)
        worker = False
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


def _refuse_open(host: str, *, is_open: bool) -> None:
    """There are no accounts: who may reach the page may do everything.

    Raises:
        OpenError: the address can be reached from elsewhere, and nobody has said that this is meant.
    """
    from omniscript_mam.errors import OpenError

    if is_open or is_loopback(host):
        return
    raise OpenError(
        f"{host} can be reached from other machines, and there are no accounts: whoever asks may see, change and delete every film.",
        remedy="Serve on 127.0.0.1 behind a proxy that asks for a password (docs/proxy.md), or add --anyone-may-change-everything.",
    )


def is_loopback(host: str) -> bool:
    """True if the address can only be reached from this machine."""
    if host.casefold() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False  # a name: it may stand for anything


def _allow_host(host: str) -> None:
    """A page is asked for under the address it is bound to; one that is bound to all of them, under each that this machine has."""
    import os

    if is_loopback(host) or os.environ.get("OMNISCRIPT_ALLOWED_HOSTS"):
        return
    names = {"localhost", "127.0.0.1", "[::1]", socket.gethostname(), socket.getfqdn()}
    for address in own_addresses() if host in ("0.0.0.0", "::") else {host}:  # noqa: S104 - compared, not bound
        names.add(f"[{address}]" if ":" in address else address)
    os.environ["OMNISCRIPT_ALLOWED_HOSTS"] = ",".join(sorted(name for name in names if name))


def own_addresses() -> set[str]:
    """The addresses of this machine, as far as its name and its ways out tell them; nothing is sent."""
    addresses: set[str] = set()
    with contextlib.suppress(OSError):
        addresses |= {str(info[4][0]).partition("%")[0] for info in socket.getaddrinfo(socket.gethostname(), None)}
    for family, elsewhere in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):  # documentation's addresses: nobody's
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as way:
            way.connect((elsewhere, 9))
            addresses.add(way.getsockname()[0])
    for _, name in socket.if_nameindex():
        with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
            answer = fcntl.ioctl(asked.fileno(), SIOCGIFADDR, struct.pack("256s", name.encode()[:15]))
            addresses.add(socket.inet_ntoa(answer[20:24]))
    return addresses


def _proxy_settings() -> dict[str, Any]:
    """waitress' settings for the proxy before us: whose word is believed, and under which path we are served."""
    from django.conf import settings

    told: dict[str, Any] = {"clear_untrusted_proxy_headers": bool(settings.TRUSTED_PROXY)}
    if settings.TRUSTED_PROXY:
        believed = {"x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-port"}
        told |= {"trusted_proxy": settings.TRUSTED_PROXY, "trusted_proxy_headers": believed}
    return {**told, "url_prefix": settings.PREFIX} if settings.PREFIX else told


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
