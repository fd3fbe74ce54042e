"""Frozen values that every room shares. No input or output happens here."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import PurePosixPath
from typing import Literal

from lib.errors import ToolkitError

Length = Literal["short", "long"]
Style = Literal["sentence", "tags"]
Existing = Literal["skip", "overwrite", "prepend", "append"]
ParamValue = int | float
By = Literal["tags", "images"]
"""What samples are compared by: the text of their tags, or what the picture shows."""


Mark = Literal["left_out", "rating"]
"""What a person says of an image: that it is left out of what is made of the dataset, and stars."""

MOST_STARS = 5


class SidecarState(Enum):
    """How the tag file of an image stands."""

    MISSING = "missing"
    TEXT = "text"
    UNDECODABLE = "undecodable"


@dataclass(frozen=True, slots=True)
class ImageRecord:
    """One image of a dataset as the scan saw it.

    `name` is the image's path relative to the dataset's root, with forward slashes: its identity.
    `text` is the caption at the time of the scan or of the latest save here ("" where there is none).
    `shared` is true while another image has the same tag file and nobody has settled that.
    """

    name: str
    suffix: str = ".txt"
    text: str = ""
    state: SidecarState = SidecarState.MISSING
    shared: bool = False

    @property
    def sidecar(self) -> str:
        """The tag file's relative path: the last suffix alone is replaced."""
        return self.stem + self.suffix

    @property
    def stem(self) -> str:
        """The relative path without its last suffix."""
        base = self.name.rpartition(".")
        return base[0]

    @property
    def folder(self) -> str:
        """The relative folder, "" for the root."""
        parent = PurePosixPath(self.name).parent.as_posix()
        return "" if parent == "." else parent

    @property
    def is_tagged(self) -> bool:
        return bool(self.text.strip())

    @property
    def is_empty(self) -> bool:
        """There is a tag file, and nothing in it."""
        return not self.text and self.state is SidecarState.TEXT


@dataclass(frozen=True, slots=True)
class ImageMarks:
    """What is said of one image. `rating`: 1 to 5 stars, 0 for none."""

    left_out: bool = False
    rating: int = 0


@dataclass(frozen=True, slots=True)
class Selection:
    """Images chosen by hand or by a clustering, too many for a link, which carries `id` instead."""

    names: frozenset[str]
    label: str = ""

    @property
    def id(self) -> str:
        """The same names and the same label have the same id."""
        return hashlib.sha256("\0".join([self.label, *sorted(self.names)]).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a caption came from: typed by hand, or written by a model."""

    kind: Literal["edit", "generate", "create", "convert", "rename", "import"] = "edit"
    model: str = ""
    prompt: str = ""
    params: Mapping[str, ParamValue] = field(default_factory=dict)
    edited: bool = False
    """True where a person changed the model's words before saving."""
    run: str = ""
    """The run over many images that wrote it, "" for a caption that was written on its own."""
    told_at: str = ""
    """When it was written, as an imported file tells (UTC, ISO 8601)."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote a caption. Times are UTC in ISO 8601.

    An import's `model` and `prompt` are what the imported file told of the caption.
    """

    by: Literal["model", "hand", "import"]
    at: str
    model: str = ""
    prompt: str = ""
    params: Mapping[str, ParamValue] = field(default_factory=dict)
    edited_at: str = ""
    """When a person changed it last, before or after it was saved; "" where nobody did."""
    told_at: str = ""
    """When it was written, as an imported file tells."""


@dataclass(frozen=True, slots=True)
class ParamSpec:
    """One parameter that a model takes, with its range (both ends included)."""

    name: str
    kind: Literal["int", "float"]
    default: ParamValue | None
    minimum: float
    maximum: float


@dataclass(frozen=True, slots=True)
class ImageLimit:
    """What a model accepts: longest side in pixels, and length of the base64 text (0: no limit)."""

    max_side: int = 1024
    max_base64: int = 0


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """One entry of models.toml."""

    id: str
    label: str
    provider: str
    target: str
    """The endpoint's URL path, the repository on the Hub, or the id that a server lists."""
    form: str = "chat"
    """How the request is written; each provider names its own forms."""
    prompts: bool = True
    """False for models that take no prompt (BLIP)."""
    params: tuple[ParamSpec, ...] = ()
    limit: ImageLimit = ImageLimit()
    revision: str = ""
    download_mb: int = 0
    note: str = ""
    price_in: float = 0.0
    """Dollars for a million tokens that it reads, 0 where nobody has said; `price_out` for those that it writes."""
    price_out: float = 0.0


@dataclass(frozen=True, slots=True)
class PreparedImage:
    """An image ready to be sent: upright, stripped of EXIF, within a model's limit."""

    data: bytes
    mime: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class CaptionRequest:
    """All that a captioner needs to write one caption."""

    image: PreparedImage
    model: ModelSpec
    prompt: str
    params: Mapping[str, ParamValue] = field(default_factory=dict)
    style: Style = "sentence"
    """How the answer is cleaned: as a sentence, or as comma-separated tags."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens that a service says it read and wrote (0: it did not say)."""

    read: int = 0
    written: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(self.read + other.read, self.written + other.written)


@dataclass(frozen=True, slots=True)
class Caption:
    """A model's answer, cleaned. `truncated`: cut off at max_tokens.

    `params`: what was really sent, where a service refused some of what was asked for; None where all was sent.
    `unmet`: the wishes that it misses, after one more try. `requests`, `seconds`, `usage`: of all its tries.
    """

    text: str
    truncated: bool = False
    seconds: float = 0.0
    params: Mapping[str, ParamValue] | None = None
    usage: Usage = Usage()
    requests: int = 1
    unmet: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one image in a run: a caption, a skip, or the reason of a failure."""

    name: str
    status: Literal["done", "skipped", "failed"]
    caption: Caption | None = None
    reason: str = ""
    ends_run: ToolkitError | None = None
    """Set where the run ends here: every further image would fail the same way."""

    @property
    def ok(self) -> bool:
        return self.status != "failed"

    @property
    def mark(self) -> str:
        """What the caption misses of what was wished for, "" where nothing."""
        return f"The caption {' and '.join(self.caption.unmet)}." if self.caption and self.caption.unmet else ""


@dataclass(frozen=True, slots=True)
class ClusterSpec:
    """What to make clusters of: `method` is an embedder's name, `k` the number of clusters (at least 1).

    `layout` is the name of what places the samples on the map.
    """

    by: By = "tags"
    method: str = "sbert"
    k: int = 8
    seed: int = 0
    layout: str = "umap"
