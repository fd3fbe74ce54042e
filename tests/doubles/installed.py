"""Streamlit's scan for installed components, made once: it reads the metadata of every installed package, and would do
so again for each server and each AppTest."""

from __future__ import annotations

import functools

from streamlit.components.v2 import manifest_scanner

manifest_scanner.scan_component_manifests = functools.cache(manifest_scanner.scan_component_manifests)
manifest_scanner.scan_component_manifests()
