"""A grammar of RELAX NG, and documents held against it by the system's libxml2.

`make test-real` installs the library where it is missing; nothing of Python brings it.
"""

from __future__ import annotations

import ctypes
from ctypes.util import find_library
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

_NO_NETWORK_NOR_NOISE = 0x800 | 0x20 | 0x40
_Report = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)


class _Fault(ctypes.Structure):
    """The first fields of `xmlError`, up to the line."""

    _fields_ = (
        ("domain", ctypes.c_int),
        ("code", ctypes.c_int),
        ("message", ctypes.c_char_p),
        ("level", ctypes.c_int),
        ("file", ctypes.c_char_p),
        ("line", ctypes.c_int),
    )


class Grammar:
    """A grammar, read once."""

    def __init__(self, path: Path) -> None:
        """Take the file of the grammar, in XML."""
        self._path = path

    @cached_property
    def _library(self) -> Any:  # noqa: ANN401 -- functions of C have no types
        name = find_library("xml2")
        assert name, "libxml2 is not installed: run `make test-real`"
        library = ctypes.CDLL(name)
        for made in ("xmlRelaxNGNewParserCtxt", "xmlRelaxNGParse", "xmlRelaxNGNewValidCtxt", "xmlReadMemory"):
            getattr(library, made).restype = ctypes.c_void_p
        return library

    @cached_property
    def _schema(self) -> Any:  # noqa: ANN401
        context = ctypes.c_void_p(self._library.xmlRelaxNGNewParserCtxt(str(self._path).encode()))
        schema = self._library.xmlRelaxNGParse(context)
        assert schema, f"{self._path} is no grammar"
        return ctypes.c_void_p(schema)

    def judge(self, document: bytes) -> list[str]:
        """Give what is wrong with a document by the grammar; nothing where all is well."""
        library, found = self._library, []
        read = library.xmlReadMemory(document, len(document), b"document", None, _NO_NETWORK_NOR_NOISE)
        if not read:
            return ["this is no XML"]
        tree, context = ctypes.c_void_p(read), ctypes.c_void_p(library.xmlRelaxNGNewValidCtxt(self._schema))

        def note(_: object, fault: int) -> None:
            said = ctypes.cast(fault, ctypes.POINTER(_Fault)).contents
            found.append(f"line {said.line}: {(said.message or b'').decode().strip()}")

        report = _Report(note)  # kept by its name while C may call it
        library.xmlRelaxNGSetValidStructuredErrors(context, report, None)
        verdict = library.xmlRelaxNGValidateDoc(context, tree)
        library.xmlRelaxNGFreeValidCtxt(context)
        library.xmlFreeDoc(tree)
        return found or ([] if verdict == 0 else [f"libxml2 answers {verdict}"])
