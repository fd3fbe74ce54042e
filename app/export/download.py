"""A file to take home: sent piece by piece where the server can, from memory up to a size, else its path."""

from __future__ import annotations

import html
from pathlib import Path

import streamlit as st

from app.session.downloads import link_for

BUTTON_MB = 100
"""Streamlit's own button holds the whole file in memory."""


def download(path: Path, key: str, *, label: str = "Download", primary: bool = True) -> None:
    """Show the way to a file; for a folder, or a large file where nothing sends it, show where it lies."""
    if path.is_dir():
        where(path)
    elif link := link_for(path):
        kind = " primary" if primary else ""
        # A manifest is hidden where it lies.
        name = html.escape(path.name.lstrip("."))
        about = f"href='{link}' download='{name}' aria-label='Download {name}'"
        st.html(f"<a class='toolkit-download{kind}' {about}>{label}</a>", width="content")
    elif path.stat().st_size <= BUTTON_MB * 1_000_000:
        st.download_button(
            label,
            path.read_bytes,
            file_name=path.name.lstrip("."),
            key=key,
            on_click="ignore",
            type="primary" if primary else "secondary",
        )
    else:
        where(path)


def size_of(path: Path) -> str:
    """A file's size in words."""
    return in_megabytes(path.stat().st_size)


def in_megabytes(size: int) -> str:
    """Bytes in words: "12 kB", "4.1 MB", "2.3 GB"."""
    if size < 1_000_000:
        return f"{max(1, round(size / 1000)):,} kB"
    return f"{size / 1e6:.1f} MB" if size < 1_000_000_000 else f"{size / 1e9:.2f} GB"


def where(path: Path) -> None:
    """Show where a file or folder lies."""
    st.caption("On this server:")
    st.code(str(path), language=None, wrap_lines=True)
