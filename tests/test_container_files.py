"""The container files: a setting that they forget could not be set there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from service.config import PREFIX, Settings

PROJECT = Path(__file__).parents[1]
_YAML = YAML(typ="safe")


def _environment(file: str) -> dict[str, str]:
    known: dict[str, str] = _YAML.load(PROJECT / file)["services"]["avizor"]["environment"]
    return known


def test_every_setting_can_be_set_in_a_container() -> None:
    fixed = set(re.findall(rf"^\s+({PREFIX}\w+)=", (PROJECT / "Dockerfile").read_text(), re.MULTILINE))
    named = {*_environment("docker-compose.yml"), *fixed}
    wanted = {PREFIX + name.upper() for name in Settings.model_fields}
    # The image keeps the watchlists where the service looks by default.
    assert wanted - named == {"AVIZOR_WATCHLISTS"}
    assert named <= wanted


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(_environment("docker-compose.yml")))
def test_a_setting_of_a_container_may_be_left_out(name: str) -> None:
    assert _environment("docker-compose.yml")[name] == f"${{{name}:-}}"


@pytest.mark.promise("P24", size="the compose file")
def test_the_service_may_do_nothing_that_it_does_not_need() -> None:
    service = _YAML.load(PROJECT / "docker-compose.yml")["services"]["avizor"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
