"""The options of an export, as far as a format has them, and what it will hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from app.export.download import in_megabytes
from app.export.refusals import refusals
from app.samples.scope import left_out_now
from app.samples.scope_bar import scope_note
from app.session.owner import LOCAL
from app.session.state import AppState
from lib.dataset.base import Dataset
from lib.domain import ImageRecord
from lib.exporting.base import ExportOptions, ExportPlan
from lib.exporting.planning import estimate_bytes, plan_export
from lib.exporting.registry import EXPORTERS

_ZIPPED = "export.zipped"
_SAMPLES, _MEGABYTES = "export.shard_samples", "export.shard_mb"
_SHUFFLE, _SEED = "export.shuffle", "export.seed"
_VALIDATION = "export.validation"
_SIDE, _ENCODING = "export.max_side", "export.encoding"
_PATHS, _UNCAPTIONED = "export.paths", "export.uncaptioned"

_PATH_WORDS = {"relative": "below the folder", "absolute": "by whole paths"}
_ENCODINGS = {"keep": "As they are", "jpeg": "JPEG", "webp": "WebP"}


def zip_switch(state: AppState) -> None:
    """Whether a format that is a folder becomes one file. A visitor's always does: nobody can download a folder."""
    if state.owner == LOCAL:
        st.checkbox("In one zip, to download", value=True, key=_ZIPPED, persist_state="session")


def export_options(format: str) -> None:
    """Show the fields of a format."""
    asked = EXPORTERS[format].options
    if "splits" in asked:
        st.slider(
            "Held back for validation",
            0,
            50,
            key=_VALIDATION,
            format="%d%%",
            help="These samples go into a split of their own.",
            persist_state="session",
        )
    if "shards" in asked:
        _shards()
    if "images" in asked:
        _images()
    if "paths" in asked:
        st.segmented_control(
            "Images are named",
            list(_PATH_WORDS),
            default="relative",
            format_func=_PATH_WORDS.__getitem__,
            key=_PATHS,
            help="By their path below the folder, or by the whole one on this machine.",
            required=True,
            persist_state="session",
        )
    if "uncaptioned" in asked:
        st.checkbox("Images without a caption, too", key=_UNCAPTIONED, persist_state="session")
    if not EXPORTERS[format].has_images:
        st.caption("This format holds captions alone.")


def _shards() -> None:
    samples, size = st.columns(2)
    samples.number_input("Samples a shard", 1, value=10_000, step=1_000, key=_SAMPLES, persist_state="session")
    size.number_input("MB a shard", 1, value=1_000, step=100, key=_MEGABYTES, persist_state="session")
    shuffle, seed = st.columns(2, vertical_alignment="bottom")
    if shuffle.checkbox("Shuffle", key=_SHUFFLE, persist_state="session"):
        seed.number_input("Seed", 0, key=_SEED, persist_state="session", help="The same seed, the same order.")


def _images() -> None:
    with st.container(key="export-images"):
        encoding, side = st.columns(2)
    encoding.selectbox(
        "Images",
        list(_ENCODINGS),
        format_func=_ENCODINGS.__getitem__,
        key=_ENCODING,
        help="As they are, byte by byte, those excepted that EXIF turns: they go out upright. Or all written anew.",
        persist_state="session",
    )
    side.number_input(
        "Longest side (px)",
        1,
        value=None,
        step=64,
        placeholder="as they are",
        key=_SIDE,
        help="Larger images are shrunk to it.",
        persist_state="session",
    )


def present_options(state: AppState, format: str) -> ExportOptions:
    """What the fields hold now, as far as they belong to the format."""
    kept = st.session_state
    asked = EXPORTERS[format].options
    options: dict[str, Any] = {}
    if EXPORTERS[format].is_folder:
        options |= {"zipped": state.owner != LOCAL or kept.get(_ZIPPED, True)}
    if "splits" in asked:
        options |= {"validation": kept.get(_VALIDATION, 0) / 100}
    if "shards" in asked:
        options |= {
            "shard_samples": int(kept.get(_SAMPLES) or 10_000),
            "shard_bytes": int(kept.get(_MEGABYTES) or 1_000) * 1_000_000,
            "seed": int(kept.get(_SEED) or 0) if kept.get(_SHUFFLE) else None,
        }
    if "images" in asked:
        side = kept.get(_SIDE)
        options |= {"max_side": int(side) if side else None, "encoding": kept.get(_ENCODING, "keep")}
    if "paths" in asked:
        options |= {"absolute": kept.get(_PATHS) == "absolute"}
    if "uncaptioned" in asked:
        options |= {"uncaptioned": bool(kept.get(_UNCAPTIONED))}
    return ExportOptions(**options)


def plan_note(state: AppState, dataset: Dataset, records: Sequence[ImageRecord], format: str) -> ExportPlan:
    """Show how many samples go out, about how large that is, and what is left out and why; gives the plan."""
    options = present_options(state, format)
    marked = [record.name for record in left_out_now(state)]
    plan = plan_export(dataset.root, records, dataset.unreadable, options, marked=marked)
    scope_note(state, records)
    count = len(plan.records)
    size = in_megabytes(estimate_bytes(plan, images=EXPORTERS[format].has_images))
    splits = f" ({len(plan.train):,} for training, {len(plan.validation):,} for validation)" if plan.validation else ""
    anew = options.max_side is not None or options.encoding != "keep"
    st.markdown(
        f"**{count:,} {'sample' if count == 1 else 'samples'}** go out{splits}, about {size}"
        f"{' before the images are written anew' if anew else ''}."
    )
    refusals(plan.left_out, "not exported", "export.left_out")
    return plan
