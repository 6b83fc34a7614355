"""``omniscript endpoints check``: ask the servers of remote writers what they can do, before a film does."""

from __future__ import annotations

from dataclasses import asdict

import click

from .common import output_options, print_json, say
from .output import echo, styled

COLOURS = {"ok": "green", "note": "yellow", "missing": "red"}


@click.group(name="endpoints")
def command() -> None:
    """Endpoints of remote writers: what they are declared to be, and what they are."""


@command.command(name="check")
@click.argument("name", default="")
@output_options
def check(name: str, as_json: bool, quiet: bool) -> int:
    """Ask the server of endpoint NAME, or of each, for its models, context and senses, and a tiny question."""
    from inference.engines.remote.checking import Finding, check_endpoint
    from inference.engines.remote.endpoints import endpoint_named, read_endpoints
    from inference.errors import EndpointError

    declared = {name: endpoint_named(name)} if name else read_endpoints()
    found = {
        each: [Finding("table", "missing", str(endpoint), endpoint.remedy)]
        if isinstance(endpoint, EndpointError)
        else check_endpoint(endpoint)
        for each, endpoint in declared.items()
    }
    if as_json:
        print_json({each: [asdict(finding) for finding in findings] for each, findings in found.items()})
    elif not quiet:
        for each, findings in found.items():
            for finding in findings:
                echo(styled(f"{finding.state:<8}", fg=COLOURS[finding.state]), f"{each}: {finding.name:<8} {finding.detail}")
                if finding.remedy:
                    echo("         ", finding.remedy)
    if not found:
        say("No endpoint is declared; docs/writers.md shows how.", quiet=quiet)
    return 1 if any(finding.state == "missing" for findings in found.values() for finding in findings) else 0
