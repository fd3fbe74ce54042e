"""What an import found, or brought: problems first, then each table with its captions, then what is not read."""

from __future__ import annotations

import streamlit as st

from app.export.refusals import refusals
from app.session.messages import notice, plain
from lib.importing.account import ImportAccount
from lib.text import counted

_TABLES = 20


def account_panel(account: ImportAccount, key: str, way_out: str) -> None:
    """Show it; nothing where there is nothing to say. `way_out`: what helps where a table was not understood."""
    if account.not_understood:
        files = counted(len(account.not_understood), "file")
        what = f"Not understood, though they may hold captions: {files}."
        notice("warning", what, way_out)
        refusals(account.not_understood, "not understood", f"{key}.not_understood", expanded=True)
    refusals(account.refused, "refused", f"{key}.refused", expanded=True)
    lines = [f"{name}: {words}" for name, words in account.notes]
    if account.beside:
        lines.append(f"Captions in files beside their images: {account.beside:,}.")
    for table in account.tables[:_TABLES]:
        lines.append(
            f"{table.name}: {counted(table.captions, 'caption')}{f'; {table.reason}' if table.reason else ''}."
        )
    if (more := len(account.tables) - _TABLES) > 0:
        lines.append(f"{counted(more, 'table')} more.")
    if account.ignored:
        lines.append(f"Not read: {account.ignored_words()}.")
    if lines:
        st.caption("  \n".join(map(plain, lines)))
