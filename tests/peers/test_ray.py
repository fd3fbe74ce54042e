"""Our plain functions in the processes of a Ray cluster: they need nothing of ours but the code."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest

from lib.dataset.sample.folder import make_sample
from lib.text import about_clip_tokens, split_tags
from tests.exporting.conftest import captions_of
from tests.peers.conftest import ROOT, Peer

pytestmark = pytest.mark.ray

_THROUGH_RAY = """
import json, sys, ray
from lib.text import about_clip_tokens, split_tags

def count(texts):
    return [[about_clip_tokens(text), split_tags(text)] for text in texts]

captions, temporary = json.load(open(sys.argv[1])), sys.argv[2]
ray.init(address="local", num_cpus=2, include_dashboard=False, log_to_driver=False, _temp_dir=temporary)
remote = ray.remote(count)
parts = ray.get([remote.remote(captions[start : start + 40]) for start in range(0, len(captions), 40)])
ray.shutdown()
print(json.dumps([one for part in parts for one in part]))
"""


def test_captions_are_counted_in_a_cluster_as_they_are_here(tmp_path: Path, peer: Peer) -> None:
    captions = [*captions_of(make_sample(tmp_path / "sample", 120)).values(), "", "猫, café ☕", "a" * 5_000]
    (tmp_path / "captions.json").write_text(json.dumps(captions))
    # The names of Ray's sockets have to be short. What it keeps in the home folder is not for the developer's.
    with tempfile.TemporaryDirectory(prefix="ray") as temporary:
        done = peer("python", "-c", _THROUGH_RAY, "captions.json", temporary, PYTHONPATH=str(ROOT), HOME=str(tmp_path))
    assert json.loads(done.stdout) == [[about_clip_tokens(text), split_tags(text)] for text in captions]
