"""What the Clusters page keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

# Imported with the page table, and with it what is kept: that follows a rename before any page was opened.
from app.samples.kept_clusters import KeptClusters as KeptClusters
from app.session.state import AppState, RoomState, Selected
from lib.clustering import ClusterResult
from lib.clustering.map_sample import Window
from lib.domain import ClusterSpec
from lib.jobs.runner import Job
from lib.scope import Scope


@dataclass(frozen=True)
class Contents:
    """Samples that were loaded from a cluster, the map or the table, by name, and what they are called.

    `cluster`: the number of the cluster that they are, None for any others, and `of` the id of its result.
    """

    label: str
    names: tuple[str, ...]
    cluster: int | None = None
    of: str = ""

    def number_in(self, result: ClusterResult) -> int | None:
        """The number of the cluster of this very result that they are, None where they are none of it."""
        return self.cluster if self.of == result.id else None


@dataclass
class ClustersState(RoomState):
    """What the form holds, and what was loaded from the clusters."""

    spec: ClusterSpec | None = None
    """None until the page was opened."""
    shown: str = ""
    """The job whose result the form and the contents are about."""
    reported: tuple[int, int] = (0, 0)
    """What slider and number box held when one of them was moved last."""
    moved_at: float = float("-inf")
    """When that was, on the monotonic clock, in seconds."""
    most: int = 50
    """The end of the slider: it grows with the number of clusters."""
    contents: Contents | None = None
    """Loaded from either map, it stands out on both."""
    window: tuple[str, Window] | None = None
    """The layout, and the part of its map that is looked at closer."""
    selected: tuple[str, Window] | None = None
    """The layout, and the part of its map where samples were selected last."""
    pointed: tuple[str, int] | None = None
    """The result and the number of the cluster that the mouse rests upon in the list."""
    on_map: str = ""
    """The layout that was drawn on the map last."""
    wanted_tab: str = ""
    """The tab of the inspector that is to be in front next."""
    has_begun: bool = False
    """The first map was asked for, so that the page opens with one."""
    awaits_map: bool = False
    """The first map was asked for, and is still to be waited for."""
    is_prepared: bool = False
    """What the first map is made from was asked for, before the page is opened."""
    in_scope: Selected | None = None
    """What of the contents the scope selects."""
    light: Scope = field(default_factory=Scope)
    """What is typed to be lit up on the map."""
    lit: Selected | None = None
    """What that selects, or what the last good one did."""
    not_lit: Selected | None = None
    """Why it selects nothing, where it cannot be used."""
    compared: tuple[ClusterResult, tuple[int, int, int]] | None = None
    """Which result the comparison is about, and with which version of the folder."""
    comparison: Job | None = None

    def rename(self, new_names: Mapping[str, str]) -> None:
        """What was loaded follows images that have new names."""
        if (loaded := self.contents) is not None:
            self.contents = replace(loaded, names=tuple(new_names.get(name, name) for name in loaded.names))

    def image_renamed(self, state: AppState, old: str, new: str) -> None:
        """What was loaded stays loaded."""
        self.rename({old: new})
