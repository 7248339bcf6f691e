"""What a service that only polls does not carry along."""

from __future__ import annotations

import gc
import subprocess
import sys

from service.wiring import settled


def test_apprise_is_loaded_by_nothing_but_what_sends() -> None:
    asked = "import sys, service.cli; print(sorted({'apprise', 'requests', 'urllib3'} & sys.modules.keys()))"
    told = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True)
    assert told.stdout.strip() == "[]"


def test_while_a_service_is_settled_garbage_is_looked_for_less_often_and_as_usual_afterwards() -> None:
    before = gc.get_threshold()
    with settled():
        assert gc.get_threshold()[0] > before[0]
        assert gc.get_freeze_count() > 0
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0
