"""Look for bytes that break a target, guided by what they reach in our code (atheris, libFuzzer).

    python -m tests.fuzz.campaign [--seconds 24] [--target NAME ...] [--findings FOLDER]

The seconds are shared out among the targets, each of which runs in a process of its own, from the seeds
of the property tests on. Bytes that break one are kept in FOLDER (`.fuzz`), their fault is printed, and
the program ends with 1. Run it on such a file again with `--again FILE --target NAME`.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

LONGEST = 4096  # bytes of an input: what takes more of them is in the list of hostile feeds
SLOWEST = 10  # seconds that one input may take
NAMES = ("parse", "loose", "json", "encoding", "dates", "urls", "headers", "inflate", "site")
_DONE = re.compile(r"Done (\d+) runs")


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="campaign", description=__doc__)
    parser.add_argument("--seconds", type=int, default=24, help="for all targets together")
    parser.add_argument("--target", action="append", choices=NAMES, help="only this one; may be repeated")
    parser.add_argument(
        "--findings", type=Path, default=Path(".fuzz"), help="folder for what breaks a target"
    )
    parser.add_argument("--again", type=Path, help="run the target on this file, and nothing else")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def run(name: str, seconds: int, findings: Path) -> bool:
    """Run one target in a process of its own; tell whether it held."""
    findings.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        words = ["--target", name, "--seconds", str(seconds), "--findings", str(findings), "--inside", folder]
        told = subprocess.run(
            [sys.executable, "-m", "tests.fuzz.campaign", *words],
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    done = _DONE.search(told.stderr)
    runs = f"{int(done[1]):,} runs" if done else "broken off"
    print(f"{name:10} {seconds:5} s {runs:>18}", "" if told.returncode == 0 else "FAILED", flush=True)
    if told.returncode != 0:
        print(told.stderr[-4000:], flush=True)
    return told.returncode == 0


def fuzz(name: str, seconds: int, findings: Path, corpus: Path) -> None:
    """Be the process of one target; libFuzzer ends it."""
    import atheris

    with atheris.instrument_imports(include=["service"]):
        from tests.fuzz.targets import TARGETS
    from tests.test_strangers_bytes import SEEDS

    for number, seed in enumerate(SEEDS[name]):
        (corpus / f"seed-{number}").write_bytes(seed[:LONGEST])
    limits = [
        f"-max_total_time={seconds}",
        f"-max_len={LONGEST}",
        f"-timeout={SLOWEST}",
        "-rss_limit_mb=2048",
    ]
    atheris.Setup([name, *limits, f"-artifact_prefix={findings}/{name}-", str(corpus)], TARGETS[name])
    atheris.Fuzz()


def main() -> int:
    """Run what the command line asks for; give the exit code."""
    asked = options()
    names = asked.target or NAMES
    if asked.again:
        from tests.fuzz.targets import TARGETS

        TARGETS[names[0]](asked.again.read_bytes())
        print("It holds.")
        return 0
    if asked.inside:
        fuzz(names[0], asked.seconds, asked.findings, asked.inside)
        return 0
    each = max(asked.seconds // len(names), 1)
    held = [run(name, each, asked.findings) for name in names]
    return int(not all(held))


if __name__ == "__main__":
    sys.exit(main())
