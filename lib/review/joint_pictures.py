"""Pictures by CLIP or SigLIP, beside the embedders of clusters: words reach them without a map to be learnt."""

from __future__ import annotations

from lib.embedding.base import Embedder
from lib.embedding.registry import check_method, make_embedder, methods
from lib.errors import InvalidInput
from lib.review.agreement.joint_model import JointModel, JointPictures
from lib.settings import Settings

JOINT = "siglip"
"""The name under which it is chosen. It is whatever model lies in the folder of that name: a CLIP, too."""


def picture_methods() -> list[str]:
    """What the pictures of a search can be compared by, the default first."""
    return [*methods("images"), JOINT]


def check_pictures(name: str) -> None:
    """Raises InvalidInput for a name that is none of `picture_methods`."""
    if name == JOINT:
        return
    try:
        check_method(name, "images")
    except InvalidInput as error:
        raise InvalidInput(error.message, f"Choose one of: {', '.join(picture_methods())}.") from error


def embedder_named(name: str, settings: Settings) -> Embedder:
    """A new embedder, nothing loaded yet. Raises InvalidInput."""
    return JointModel(settings).pictures if name == JOINT else make_embedder(name, settings)


def reader_of(pictures: Embedder) -> Embedder | None:
    """What reads words into the space of these pictures; None where they have none for words."""
    return pictures.texts if isinstance(pictures, JointPictures) else None
