"""The schemas for editors, beside the files they are for: `avizor schema`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.errors import SettingsError
from service.watchlists import FEEDS_FOLDER, is_id, list_yaml_files, schema_texts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def write_schemas(folder: Path) -> Iterator[str]:
    """Write each schema of a folder of watchlists that is not current; say of each what was done.

    Raises:
        SettingsError: a file cannot be written.
    """
    packs = [path.stem for path in list_yaml_files(folder / FEEDS_FOLDER) if is_id(path.stem)]
    for name, text in schema_texts(packs).items():
        yield f"{folder.name}/{name}: {_write(folder / name, text)}"


def _write(path: Path, text: str) -> str:
    try:
        if path.exists() and path.read_text(encoding="utf-8") == text:
            return "is current"
        path.write_text(text, encoding="utf-8")
    except OSError as fault:
        message = f"{path.name} cannot be written: {fault.strerror}"
        mend = "Let the user that runs this write into the folder of watchlists."
        raise SettingsError(message, resource=str(path.parent), mend=mend) from fault
    return "written"
