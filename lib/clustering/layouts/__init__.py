"""Where samples lie on the map: one file for each way, by its name here."""

from lib.clustering.layouts.base import Layout
from lib.registry import Registry

LAYOUTS = Registry[Layout](
    {
        "umap": "lib.clustering.layouts.umap:Umap",
        "axes": "lib.clustering.layouts.axes:PrincipalAxes",
    },
    unknown="There is no layout “{name}”.",
    known="Choose one of: {names}.",
)
"""The first is the default. The last needs no time: a map by it stands while another is made."""

QUICK = "axes"
"""The layout that costs nothing."""

__all__ = ["LAYOUTS", "QUICK", "Layout"]
