"""Compressed bodies, inflated piece by piece under a cap.

A bomb (1 GB in 1 kB) is seen while it goes off: no piece is larger than a chunk or two, and the
pieces of every layer count against the cap, so a bomb inside a bomb ends as soon as a plain one.
"""

from __future__ import annotations

import sys
import zlib
from typing import TYPE_CHECKING, Protocol

import brotli

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

from service.domain import FetchFailure
from service.fetch.faults import FetchFault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

ACCEPT_ENCODING = "gzip, deflate, br, zstd"

_PIECE = 64 * 1024
_MOST_LAYERS = 2
_MOST_MEMBERS = 64  # gzip files, or frames of zstd, put end to end in one body
_LARGEST_WINDOW = 23  # 8 MiB, the most that a server may ask a reader to hold (RFC 9659)
_LARGEST_RATIO = 100  # feeds of real publishers are 5 times their compressed size, repetitive ones 20 times
_UNSUSPICIOUS = 1024 * 1024  # bytes up to which any ratio is harmless
_GZIP_START = 0x1F
_GZIP_WINDOW, _ZLIB_WINDOW, _RAW_WINDOW = 31, 15, -15
_NOT_CODINGS = frozenset({"", "identity", "none", "utf-8"})  # servers do say the last two
_MEND = "Tell the publisher that the server's compression is broken; it is asked again later."


class _Layer(Protocol):
    """One coding of a body."""

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """Inflate some more bytes; no piece is much larger than `_PIECE`."""

    @property
    def is_whole(self) -> bool:
        """Tell whether the coding's own end was seen, or nothing ever came."""


class _Zlib:
    """gzip or deflate, as servers send it.

    A body called gzip that does not start like gzip is passed on as it is: some caches inflate it and
    keep the header. What follows the end of the data is ignored, unless it is another gzip file.
    """

    def __init__(self, window_for: Callable[[int], int | None]) -> None:
        """Take a function that chooses zlib's window bits by the first byte; None means not compressed."""
        self._window_for = window_for
        self._engine: zlib._Decompress | None = None
        self._is_plain = False
        self._members = 0

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """Inflate some more bytes."""
        while data and not self._is_plain:
            if self._engine is None or self._engine.eof:
                self._start(data[0])
            if self._engine is None or self._engine.eof:
                break
            yield from self._run(self._engine, data)
            data = self._engine.unused_data
        if self._is_plain:
            yield data

    def _start(self, first: int) -> None:
        window = self._window_for(first)
        if window is None:
            self._is_plain = self._members == 0
        elif self._members == 0 or (window == _GZIP_WINDOW and self._members < _MOST_MEMBERS):
            self._engine = zlib.decompressobj(window)
            self._members += 1

    @staticmethod
    def _run(engine: zlib._Decompress, data: bytes) -> Iterator[bytes]:
        piece = engine.decompress(data, _PIECE)
        while piece:
            yield piece
            piece = engine.decompress(engine.unconsumed_tail, _PIECE)

    @property
    def is_whole(self) -> bool:
        """Tell whether the end was seen."""
        return self._engine is None or self._engine.eof


class _Brotli:
    """Brotli; bytes after its end make it an error."""

    def __init__(self) -> None:
        """Start a stream."""
        self._engine = brotli.Decompressor()
        self._is_empty = True

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """Inflate some more bytes."""
        self._is_empty = False
        piece: bytes = self._engine.process(data, output_buffer_limit=_PIECE)
        while piece:
            yield piece
            piece = self._engine.process(b"", output_buffer_limit=_PIECE)

    @property
    def is_whole(self) -> bool:
        """Tell whether the end was seen."""
        return self._is_empty or bool(self._engine.is_finished())


class _Zstd:
    """Zstandard (RFC 8878); frames may follow one another, other bytes after the last one are an error."""

    def __init__(self) -> None:
        """Wait for the first byte."""
        self._engine: zstd.ZstdDecompressor | None = None
        self._frames = 0

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """Inflate some more bytes."""
        while data:
            if self._engine is None or self._engine.eof:
                self._engine = self._next()
            yield from self._run(self._engine, data)
            data = self._engine.unused_data if self._engine.eof else b""

    def _next(self) -> zstd.ZstdDecompressor:
        self._frames += 1
        if self._frames > _MOST_MEMBERS:
            message = "too many frames"
            raise zstd.ZstdError(message)
        return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _LARGEST_WINDOW})

    @staticmethod
    def _run(engine: zstd.ZstdDecompressor, data: bytes) -> Iterator[bytes]:
        piece = engine.decompress(data, _PIECE)
        while piece:
            yield piece
            piece = b"" if engine.eof or engine.needs_input else engine.decompress(b"", _PIECE)

    @property
    def is_whole(self) -> bool:
        """Tell whether the end was seen."""
        return self._engine is None or self._engine.eof


def _gzip_window(first: int) -> int | None:
    return _GZIP_WINDOW if first == _GZIP_START else None


def _deflate_window(first: int) -> int:
    """Choose between zlib's wrapping (RFC 1950, low bits 8) and none, which servers send as well."""
    is_wrapped = first & 0x8F == 0x08  # noqa: PLR2004 - the bits of RFC 1950, 2.2
    return _ZLIB_WINDOW if is_wrapped else _RAW_WINDOW


_LAYERS: Mapping[str, Callable[[], _Layer]] = {
    "gzip": lambda: _Zlib(_gzip_window),
    "x-gzip": lambda: _Zlib(_gzip_window),
    "deflate": lambda: _Zlib(_deflate_window),
    "br": _Brotli,
    "zstd": _Zstd,
}


class Inflater:
    """Undo the codings of one body, in pieces, up to `cap` bytes a layer.

    All methods raise FetchFault: TOO_LARGE above the cap, BAD_ENCODING for unknown or damaged codings.
    """

    def __init__(self, content_encoding: str, cap: int) -> None:
        """Take the header as it came; codings are named in the order in which they were applied."""
        names = [name.strip().lower() for name in content_encoding.split(",")]
        codings = [name for name in names if name not in _NOT_CODINGS]
        if len(codings) > _MOST_LAYERS or any(name not in _LAYERS for name in codings):
            shown = ", ".join(codings)[:60]
            raise FetchFault(
                FetchFailure.BAD_ENCODING, f"compressed in a way not asked for ({shown!r})", _MEND
            )
        self._layers = [_LAYERS[name]() for name in reversed(codings)]
        self._cap = cap
        self._came = [0] * (len(self._layers) + 1)

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """Inflate some more bytes of the body."""
        flow: Iterable[bytes] = self._counted(0, (data,))
        for number, layer in enumerate(self._layers, start=1):
            flow = self._counted(number, _through(layer, flow))
        try:
            yield from flow
        except (zlib.error, brotli.error, zstd.ZstdError) as error:
            raise FetchFault(FetchFailure.BAD_ENCODING, "its compression is damaged", _MEND) from error

    def _counted(self, number: int, flow: Iterable[bytes]) -> Iterator[bytes]:
        for piece in flow:
            self._came[number] += len(piece)
            if self._came[number] > self._cap:
                raise too_large(self._cap)
            if self._came[number] > max(_UNSUSPICIOUS, _LARGEST_RATIO * self._came[0]):
                what = f"inflates to more than {_LARGEST_RATIO} times its size, as only a trap does"
                raise FetchFault(FetchFailure.TOO_LARGE, what, _MEND)
            yield piece

    def finish(self) -> None:
        """Check that every coding came to its end; raises FetchFault where it was cut."""
        if not all(layer.is_whole for layer in self._layers):
            raise FetchFault(FetchFailure.BAD_ENCODING, "its compressed body breaks off", _MEND)


def _through(layer: _Layer, flow: Iterable[bytes]) -> Iterator[bytes]:
    for data in flow:
        yield from layer.pieces(data)


def too_large(cap: int) -> FetchFault:
    """Say that a body goes over the cap."""
    return FetchFault(
        FetchFailure.TOO_LARGE,
        f"larger than {cap // 1024:,} KiB",
        "This is no ordinary feed: look for a shorter one on the publisher's site.",
    )
