"""What our own project adds to the app's settings: the variables of a site that is nothing but the archive.

A site that adds the app has its own database, key and language; there these variables mean nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from omniscript_mam.conf import setting


@dataclass(frozen=True)
class Project:
    """Variables of our own Django project (``omniscript serve``), each ``OMNISCRIPT_`` and the field's name in capitals."""

    database_url: str = setting("", "`sqlite:///…`, or `postgres://…` for a server", shown="SQLite in the data folder")
    secret_key: str = setting("", "signs cookies", shown="made once, kept in the data folder")
    allowed_hosts: tuple[str, ...] = setting(
        ("localhost", "127.0.0.1", "[::1]"), "host names under which the page may be asked for", shown="this machine only"
    )
    trusted_origins: tuple[str, ...] = setting((), "origins behind a proxy (`https://mam.example.org`)")
    trusted_proxy: str = setting(
        "", "address of the reverse proxy whose `X-Forwarded-Proto`, `-Host` and `-For` are believed ([behind a proxy](docs/proxy.md))"
    )
    prefix: str = setting("", "path under which the proxy serves the archive, such as `/mam`")
    secure: bool = setting(False, "the page is served over HTTPS: cookies say so")
    debug: bool = setting(False, "tracebacks in the browser; never in public")
    language: str = setting("en", "language of the page")
    time_zone: str = setting("UTC", "time zone of the page")
    log_level: str = setting("INFO", "what is logged: `DEBUG`, `INFO`, `WARNING`, `ERROR`")
