"""``manage.py omniscript …``: the program ``omniscript`` inside a site, with the site's settings and database."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    """Hands everything behind ``omniscript`` to the command line, ``--help`` too."""

    help = "OmniScript's command line: ingest, search, script, jobs, worker, index, doctor … (`manage.py omniscript --help`)."
    requires_system_checks: list[str] = []

    def run_from_argv(self, argv: list[str]) -> None:
        """Without Django's own parser, which would take options that are ours."""
        from omniscript_mam.cli import main

        main(argv[2:])

    def add_arguments(self, parser: CommandParser) -> None:
        """For ``call_command``: the words behind ``omniscript``."""
        parser.add_argument("words", nargs="*")

    def handle(self, *args: Any, **options: Any) -> None:
        """The same, called from Python.

        Raises:
            SystemExit: as the program ends.
        """
        from omniscript_mam.cli import main

        main(list(options["words"]))
