"""What visitors do beside walking through pictures: filters, uploads, and what one of them does for all."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from typing import TYPE_CHECKING

from lib.embedding.tfidf import TfIdf
from lib.exporting.webdata_zip import WebdataZip
from tests.doubles.visitor import ask
from tests.soak.pictures import RARE, count_of_rare, small_jpeg
from tests.soak.tab import Fault, Tab

if TYPE_CHECKING:
    from tests.soak.walker import Walker

Errand = tuple[str, Callable[[Tab, "Walker"], None]]
"""A kind of action, and how it is done."""

_UPLOADED = 3
_LINK = re.compile(r"href='([^']+)'")


def filter_words(tab: Tab, visitor: Walker) -> None:
    """Look for a word, see that as many as hold it are found, and go back to one's picture."""
    tab.turn_to("Keyword Filter")
    tab.fill(scope__query=RARE)
    count = visitor.captions.count
    if f"{count_of_rare(count):,} of {count:,}" not in tab.texts().replace("\\", ""):
        raise Fault(f"“{RARE}” was not found {count_of_rare(count)} times of {count}")
    if not tab.data("filter.samples")["items"]:
        raise Fault("a filter that found something shows nothing")
    tab.fill(scope__query="")
    tab.turn_to("Tagging")


def upload(visitor: Walker) -> None:
    """Bring pictures from a tab of their own, and see them opened."""
    with Tab(visitor.port, visitor.cookie) as tab:
        tab.open()
        tab.fill(picker__upload_name=f"set {visitor.chance.randrange(10**9)}")
        tab.upload("picker.files.False", {f"{place}.jpg": small_jpeg(place) for place in range(_UPLOADED)})
        tab.press("picker.upload")
        if tab.data("tagging.viewer")["id"] != "0.jpg" or f"of {_UPLOADED} tagged" not in str(tab.shown):
            raise Fault("what was uploaded was not opened")


def cluster(tab: Tab, visitor: Walker) -> None:
    """Clusters of all captions, by their words."""
    tab.turn_to("Clusters")
    tab.fill(clusters__method__tags=TfIdf.label)
    tab.press("clusters.load")
    tab.until(lambda: not tab.has("clusters.cancel") and tab.has("clusters.csv"), "a map of the captions", seconds=120)
    tab.turn_to("Tagging")


def replace(tab: Tab, visitor: Walker) -> None:
    """Find and replace in the captions of every second picture; there and back by turns."""
    old, new = visitor.captions.to_replace()
    tab.turn_to("Bulk Ops")
    tab.fill(bulk__tool=["Find and replace"])
    tab.fill(bulk__find=old, bulk__with=new)
    tab.press("bulk.preview")
    tab.until(lambda: tab.has("bulk.apply"), "a preview of the bulk edit")
    tab.press("bulk.apply")
    tab.until(lambda: tab.has("told.undo"), "the outcome of the bulk edit", seconds=120)
    changed = visitor.captions.replaced(old, new)
    if f"{changed:,} files changed" not in tab.texts():
        raise Fault(f"{changed} files were to be changed: {tab.texts()[-400:]}")
    tab.press("told.dismiss")
    tab.turn_to("Tagging")


def export(tab: Tab, visitor: Walker) -> None:
    """All pictures with their captions in one zip, taken home."""
    tab.turn_to("Export")
    tab.fill(export__format=WebdataZip.label)
    tab.press("export.start")
    tab.until(lambda: tab.has("export.dismiss"), "an export", seconds=120)
    found = _LINK.search(tab.texts())
    if found is None:
        raise Fault("there is no way to the file that was exported")
    response, body = ask(visitor.port, "/" + found[1].lstrip("/"), cookie=visitor.cookie)
    pictures = [name for name in zipfile.ZipFile(io.BytesIO(body)).namelist() if name.endswith(".jpg")]
    if response.status != 200 or len(pictures) != visitor.captions.count:
        raise Fault(f"{len(pictures)} pictures were exported")
    tab.press("export.dismiss")
    tab.turn_to("Tagging")


ONE_BY_ONE: tuple[Errand, ...] = (("clustering", cluster), ("bulk edit", replace), ("export", export))
"""What one visitor does for all, in this order."""
