"""Certificates that nobody should believe, from an authority that this process believes."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
from typing import TYPE_CHECKING

import pytest

from service import loop
from service.domain import Fetched, FetchFailed, FetchFailure
from tests.partners.feed_server import RSS, FeedServer, a_fetcher, answer, fetch_once

if TYPE_CHECKING:
    from pathlib import Path

    from service.domain import FetchResult

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="makes its certificates with openssl")

HOST = "paper.example"
_KEY = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
_AUTHORITY = "-days 2 -subj /CN=Authority -addext basicConstraints=critical,CA:TRUE"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the key and the certificate of an authority."""
    folder = tmp_path_factory.mktemp("authority")
    run_openssl(folder, f"req -x509 {_KEY} {_AUTHORITY} -keyout ca.key -out ca.pem")
    return folder


@pytest.fixture
def believed(authority: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The authority, believed as those of the system are."""
    context = ssl.create_default_context(cafile=str(authority / "ca.pem"))
    monkeypatch.setattr("aiohttp.connector._SSL_CONTEXT_VERIFIED", context)
    return authority


def run_openssl(folder: Path, words: str) -> None:
    subprocess.run(["openssl", *words.split()], cwd=folder, check=True, capture_output=True)


def certified(folder: Path, *, name: str = HOST, how: str = "-days 1 -sha256") -> ssl.SSLContext:
    """Give what a server shows whose certificate the authority has made."""
    run_openssl(
        folder, f"req {_KEY} -subj /CN={name} -addext subjectAltName=DNS:{name} -keyout key.pem -out r.pem"
    )
    signed = "-CA ca.pem -CAkey ca.key -copy_extensions copy -out cert.pem"
    run_openssl(folder, f"x509 -req -in r.pem {signed} {how}")
    return shown(folder)


def shown(folder: Path, ciphers: str = "DEFAULT@SECLEVEL=0") -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.set_ciphers(ciphers)  # a careless server shows whatever it has
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


def visit(tls: ssl.SSLContext) -> tuple[FetchResult, FeedServer]:
    def lookup(_host: str, port: int, *_: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    async def run() -> tuple[FetchResult, FeedServer]:
        async with FeedServer({"/feed": answer(RSS)}, tls=tls) as server:
            return await fetch_once(server.url(host=HOST), fetcher=a_fetcher(lookup=lookup)), server

    return loop.run(run())


def assert_refused(tls: ssl.SSLContext, words: str) -> None:
    result, server = visit(tls)
    assert isinstance(result, FetchFailed)
    assert result.reason is FetchFailure.UNREACHABLE
    assert f"no safe connection ({words}" in result.words
    assert "certificate" in result.mend
    assert not server.requests


def test_a_certificate_in_order_is_believed(believed: Path) -> None:
    assert isinstance(visit(certified(believed))[0], Fetched)


def test_f30_a_certificate_that_has_expired_is_refused(believed: Path) -> None:
    assert_refused(certified(believed, how="-days -1 -sha256"), "certificate has expired")


def test_f30_a_certificate_of_another_name_is_refused(believed: Path) -> None:
    assert_refused(certified(believed, name="other.example"), "Hostname mismatch")


def test_f30_a_certificate_signed_with_sha_1_is_refused(believed: Path) -> None:
    assert_refused(certified(believed, how="-days 1 -sha1"), "")


def test_f30_a_certificate_that_vouches_for_itself_is_refused(tmp_path: Path) -> None:
    run_openssl(tmp_path, f"req -x509 {_KEY} -days 1 -subj /CN={HOST} -keyout key.pem -out cert.pem")
    assert_refused(shown(tmp_path), "self")
