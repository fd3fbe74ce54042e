"""The current image, large and zoomable."""

from __future__ import annotations

from app.elements.element import element
from app.elements.gallery import data_url

_viewer = element(
    "viewer",
    "<div class='frame'><img alt='' draggable='false'><p role='alert'></p><div class='tools'>"
    "<button type='button' data-do='out' title='Zoom out' aria-label='Zoom out'>&minus;</button>"
    "<span class='level'>Fit</span>"
    "<button type='button' data-do='in' title='Zoom in' aria-label='Zoom in'>+</button>"
    "<button type='button' data-do='fit' title='Fit' aria-label='Fit'>&#x2922;</button></div></div>",
)


def viewer(jpeg: bytes, *, image_id: str, alt: str, key: str, instead: str = "", height: str = "") -> None:
    """Show a JPEG, or a text `instead` of one, in the same place; the zoom returns to fit when `image_id` changes.

    `height` is a CSS length, for places with less room than the Tagging page.
    """
    src = "" if instead else data_url(jpeg)
    _viewer(data={"id": image_id, "src": src, "alt": alt, "instead": instead, "height": height}, key=key)
