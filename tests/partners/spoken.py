"""What modules say in English: the texts they hand to errors, give back, or keep under a name."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

HOLE = "9"
"""What stands in place of each value that a text holds."""


def spoken(path: Path, sayers: Collection[str]) -> Iterator[str]:
    """Give what a module hands to calls of these names, gives back or keeps under a name, if it has words."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            if (getattr(node.func, "id", "") or getattr(node.func, "attr", "")) in sayers:
                yield from _texts([*node.args, *(one.value for one in node.keywords)])
        elif isinstance(node, ast.Return | ast.Assign | ast.AnnAssign) and node.value is not None:
            yield from _texts([node.value])


def _texts(nodes: Iterable[ast.expr]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant | ast.JoinedStr):
            text = _text(node)
            if " " in text:
                yield text
        elif isinstance(node, ast.Dict | ast.BoolOp):
            yield from _texts(node.values)
        elif isinstance(node, ast.Tuple | ast.List):
            yield from _texts(node.elts)
        elif isinstance(node, ast.IfExp):
            yield from _texts([node.body, node.orelse])


def _text(node: ast.Constant | ast.JoinedStr) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    return "".join(str(part.value) if isinstance(part, ast.Constant) else HOLE for part in node.values)
