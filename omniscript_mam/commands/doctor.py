"""``omniscript doctor``: what works, what is missing, and how to get it. Exit code 4 if something that is needed is missing."""

from __future__ import annotations

from dataclasses import asdict

import click

from .common import output_options, print_json, say
from .output import echo, styled

MARKS = {"ok": ("✓", "green"), "note": ("·", "yellow"), "missing": ("✗", "red")}


@click.command(name="doctor")
@output_options
def command(as_json: bool, quiet: bool) -> int:
    """Say what is missing and how to get it."""
    from .checks import run_all

    checks = run_all()
    if as_json:
        print_json([asdict(check) for check in checks])
    else:
        for check in checks:
            if quiet and check.state == "ok":
                continue
            mark, colour = MARKS[check.state]
            echo(styled(mark, fg=colour), f" {check.name:<12} {check.detail}")
            if check.remedy:
                echo(f"  {'':<12} ", styled("→ " + check.remedy, dim=True))
    num_missing = sum(check.state == "missing" for check in checks)
    if not as_json:
        say("Everything that is needed is here." if not num_missing else f"{num_missing} needed things are missing.", quiet=quiet)
    return 4 if num_missing else 0
