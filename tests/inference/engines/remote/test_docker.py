"""The files for containers, as far as they can be checked without a Docker engine: commands, variables, extras, files and tags exist."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import click
import pytest
import yaml

from inference.engines.remote.endpoints import Endpoint, read_endpoints
from omniscript_mam.cli import group

ROOT = Path(__file__).resolve().parents[4]
DOCKER = ROOT / "docker"
COMPOSE = yaml.safe_load((DOCKER / "compose.yaml").read_text(encoding="utf-8"))
OURS = {name: service for name, service in COMPOSE["services"].items() if service["image"].startswith("omniscript-mam")}


def parse(command: list[str]) -> None:
    """Let our command line read the arguments, without doing anything."""
    found: click.Command | None = group
    context = click.Context(group)
    while isinstance(found, click.Group) and command:
        found = found.get_command(context, command[0])
        assert found is not None, command[0]
        command = command[1:]
    found.make_context("omniscript", list(command), resilient_parsing=False)


@pytest.mark.parametrize("name", OURS)
def test_the_command_of_a_service_exists(name):
    parse(OURS[name]["command"])


def test_the_default_command_of_the_image_exists():
    text = (DOCKER / "Dockerfile").read_text(encoding="utf-8")
    (command,) = re.findall(r"^CMD (\[.*\])$", text, re.M)
    parse(yaml.safe_load(command))


def test_every_variable_is_read_somewhere():
    code = "".join(
        path.read_text(encoding="utf-8") for package in ("omniscript_mam", "inference") for path in (ROOT / package).rglob("*.py")
    )
    for service in OURS.values():
        for name in service["environment"]:
            short = name.removeprefix("OMNISCRIPT_")
            declared = any(name == found.api_key_env for found in read_endpoints(DOCKER / "endpoints.toml").values())
            assert declared or name in code or f'"{short}"' in code, name


def test_the_endpoints_are_declared_well_and_point_to_the_service():
    found = read_endpoints(DOCKER / "endpoints.toml")
    assert list(found) == ["vllm", "vllm-omni"]
    model = next(flag.partition("=")[2] for flag in COMPOSE["services"]["vllm"]["command"] if "served-model-name" in flag)
    for endpoint in found.values():
        assert isinstance(endpoint, Endpoint), endpoint
        assert (endpoint.host, endpoint.model) == ("vllm:8000", model)
        assert endpoint.api_key_env in OURS["worker"]["environment"]


@pytest.mark.parametrize("name", ["Dockerfile", "vllm.Dockerfile"])
def test_an_image_is_pinned_and_copies_what_is_there(name):
    text = (DOCKER / name).read_text(encoding="utf-8")
    base = re.search(r"^FROM (\S+):(\S+)$", text, re.M)
    assert base is not None and base[2] != "latest"
    kept = set((DOCKER / f"{name}.dockerignore").read_text(encoding="utf-8").split())
    for sources in re.findall(r"^COPY (.+) \S+$", text, re.M):
        for source in sources.split():
            assert (ROOT / source).exists(), source
            assert f"!{source}" in kept, source
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    for named in re.findall(r'"\.\[([^\]]+)\]"', text):
        assert set(named.split(",")) <= set(extras)


def test_a_gpu_is_reserved_and_only_the_page_is_published_to_this_machine():
    (device,) = COMPOSE["services"]["vllm"]["deploy"]["resources"]["reservations"]["devices"]
    assert device["capabilities"] == ["gpu"]
    published = [port for service in COMPOSE["services"].values() for port in service.get("ports", [])]
    assert published == ["127.0.0.1:8000:8000"]
    for service in COMPOSE["services"].values():
        for volume in service["volumes"]:
            source = volume.split(":")[0]
            assert source in COMPOSE["volumes"] or source.startswith(("./", "${MODEL_FOLDER")), volume
