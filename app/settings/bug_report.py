"""What a bug report should say of the program and the machine: one text to copy, without keys, names or paths."""

from __future__ import annotations

import platform
from importlib import metadata

import streamlit as st

from lib.commands.version import version

_PACKAGES = (
    "streamlit", "streamlit-plotly-events", "plotly", "pillow", "pillow-heif", "pillow-jxl-plugin", "numpy", "pandas",
    "pyarrow", "scikit-learn", "scipy", "umap-learn", "torch", "transformers", "sentence-transformers", "tensorflow",
    "keras", "huggingface_hub", "wordcloud",
)  # fmt: skip


def bug_report_panel() -> None:
    st.subheader("For a bug report", anchor=False)
    st.caption("Copy this into it. No key, no name and no path is in it.")
    st.code(versions(str(st.context.headers.get("User-Agent", ""))), language=None, wrap_lines=True)


def versions(browser: str) -> str:
    """The versions of the toolkit, of Python, the system and the packages that matter, and the browser's own words."""
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    lines = [
        f"Image Captioning and Visualization Toolkit {version()}",
        f"Python {platform.python_version()}, {system}",
        ", ".join(f"{name} {found}" for name in _PACKAGES if (found := _installed(name))),
        f"not installed: {', '.join(name for name in _PACKAGES if not _installed(name)) or 'nothing'}",
    ]
    return "\n".join([*lines, f"browser: {browser[:300]}"] if browser else lines)


def _installed(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
