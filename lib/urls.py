"""Where data may lie: plain paths, and addresses of the few kinds that are read. A password in one is refused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lib.errors import FolderRefused, InvalidInput

BUCKETS = ("s3", "gs", "hf")
"""What is read through fsspec. `file` and plain paths are folders of this machine."""

# One letter before a colon is a drive of Windows.
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")
_KNOWN = "Known are plain paths, file://, s3://, gs:// and hf://."
_KEYS = "Keys come from the environment of whoever reads it, as AWS_ACCESS_KEY_ID or HF_TOKEN."


@dataclass(frozen=True, slots=True)
class Url:
    """A folder by its kind and path. `path` is a bucket with what is below it, without slashes at its ends."""

    scheme: str
    path: str

    @property
    def is_local(self) -> bool:
        return self.scheme == "file"

    def __str__(self) -> str:
        """What `parse_url` reads back, plain for a folder of this machine."""
        return self.path if self.is_local else f"{self.scheme}://{self.path}"


def parse_url(text: str) -> Url:
    """The place that a path or an address names; paths become absolute.

    Raises InvalidInput for another kind, for a name or password in it, for a query and for no bucket. What may be a
    password is never repeated.
    """
    text = text.strip()
    found = _SCHEME.match(text)
    if not text:
        raise InvalidInput("No path or address is given.", _KNOWN)
    if found is None:
        return Url("file", str(Path(text).expanduser().absolute()))
    scheme = found[1].lower()
    if scheme != "file" and scheme not in BUCKETS:
        raise InvalidInput(f"“{scheme}” is no kind of address that is read here.", _KNOWN)
    parts = urlsplit(text)
    if "@" in parts.netloc:
        raise InvalidInput(f"The address ({scheme}://…) has a name or a password in it.", f"Leave it out. {_KEYS}")
    if parts.query or parts.fragment or "::" in text or not text[len(scheme) :].startswith("://"):
        raise InvalidInput(f"The address ({scheme}://…) holds more than a place: “?”, “#” or “::”.", _KNOWN)
    if scheme == "file":
        if parts.netloc not in ("", "localhost") or not parts.path.startswith("/"):
            raise InvalidInput("A file:// address names a folder of this machine.", "Write it as file:///folder.")
        return Url("file", str(Path(unquote(parts.path)).absolute()))
    path = f"{parts.netloc}{parts.path}".strip("/")
    if not parts.netloc or any(part in ("", ".", "..") for part in path.split("/")):
        raise InvalidInput(f"“{scheme}://{path}” names no place.", f"Write it as {scheme}://bucket/folder.")
    return Url(scheme, path)


def check_page_may_open(url: Url, allowed: Sequence[str]) -> None:
    """Raises FolderRefused unless the place is one of `allowed` (addresses; TOOLKIT_URLS), or lies below one.

    The command line asks nobody: who sits there may read what their own keys may. Folders of this machine have rules
    of their own (TOOLKIT_ROOTS).
    """
    for entry in allowed:
        known = parse_url(entry)
        if known.scheme == url.scheme and (url.path == known.path or url.path.startswith(known.path + "/")):
            return
    raise FolderRefused(
        f"“{url}” may not be opened on a page.",
        "Nothing was read. The administrator lists in TOOLKIT_URLS what may be.",
    )
