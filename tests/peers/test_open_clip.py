"""open_clip: it reads our shards as its training does, and its tokenizer says how many tokens a caption has."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lib.dataset.sample.folder import make_sample
from lib.exporting.base import ExportOptions
from lib.text import about_clip_tokens, clip_tokens
from tests.exporting.conftest import HURTFUL, Exported, captions_of, exported, hurtful
from tests.peers.conftest import Peer

pytestmark = pytest.mark.peers

__all__ = ["exported", "hurtful"]

# PyPI's torchvision is built for CUDA: beside a build of torch without it, two names are missing at import.
_OPEN_CLIP = """
import torch
if torch.version.cuda is None:
    library = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        library.define(name + "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
import json, sys
"""

# As open_clip's training puts its pipeline together (open_clip_train.data.get_wds_dataset), without the shuffling.
_READ = f"""{_OPEN_CLIP}
import webdataset as wds
from open_clip import get_tokenizer
from open_clip.transform import image_transform
from open_clip_train.data import filter_no_caption_or_no_image, tarfile_to_samples_nothrow

shards, out = sys.argv[1:]
tokenizer, transform = get_tokenizer("RN50"), image_transform(32, is_train=False)
pipeline = wds.DataPipeline(
    wds.SimpleShardList(shards),
    tarfile_to_samples_nothrow,
    wds.select(filter_no_caption_or_no_image),
    wds.decode("pilrgb", handler=wds.reraise_exception),
    wds.rename(image="jpg;png;jpeg;webp", text="txt"),
    wds.map_dict(image=lambda image: list(transform(image).shape)),
    wds.to_tuple("image", "text"),
)
with open(out, "w") as file:
    json.dump([[shape, text, tokenizer(text).tolist()[0]] for shape, text in pipeline], file)
"""

_COUNT = f"""{_OPEN_CLIP}
from open_clip.tokenizer import SimpleTokenizer

tokenizer = SimpleTokenizer()
print(json.dumps([len(tokenizer.encode(text)) for text in json.load(open(sys.argv[1]))]))
"""

# The merges that OpenAI published, as transformers reads them.
_VOCABULARY = f"""{_OPEN_CLIP}
from pathlib import Path
from open_clip.tokenizer import SimpleTokenizer

tokenizer, folder = SimpleTokenizer(), Path(sys.argv[1])
merges = [" ".join(pair) for pair in sorted(tokenizer.bpe_ranks, key=tokenizer.bpe_ranks.get)]
(folder / "merges.txt").write_text("\\n".join(["#version: 0.2", *merges]))
(folder / "vocab.json").write_text(json.dumps(tokenizer.encoder))
"""


def test_its_training_reads_every_sample_of_our_shards(tmp_path: Path, exported: Exported, peer: Peer) -> None:
    root = make_sample(tmp_path / "sample", 30)
    done = exported(root, "webdataset", options=ExportOptions(shard_samples=10))
    shards = sorted(done.path.glob("*.tar"))
    assert len(shards) == 3
    peer("python", "-c", _READ, f"{done.path}/{{00000..00002}}.tar", tmp_path / "read.json")
    read = json.loads((tmp_path / "read.json").read_bytes())
    assert sorted(text for _, text, _ in read) == sorted(captions_of(root).values())
    assert {tuple(shape) for shape, _, _ in read} == {(3, 32, 32)}
    assert {len(tokens) for _, _, tokens in read} == {77}


# As open_clip_train.data.get_csv_dataset does, with the choices that it has unless told.
_READ_TABLE = f"""{_OPEN_CLIP}
from open_clip import get_tokenizer
from open_clip.transform import image_transform
from open_clip_train.data import CsvDataset
from open_clip_train.params import parse_args

args = parse_args(["--train-data", sys.argv[1]])
dataset = CsvDataset(
    args.train_data,
    image_transform(32, is_train=False),
    img_key=args.csv_img_key,
    caption_key=args.csv_caption_key,
    sep=args.csv_separator,
    tokenizer=get_tokenizer("RN50"),
)
shapes = [list(dataset[number][0].shape) for number in range(len(dataset))]
json.dump([shapes, dataset.captions], open(sys.argv[2], "w"))
"""

_READ_WIDS = """
import json, sys
import wids

*shards, out = sys.argv[1:]
dataset = wids.ShardListDataset([dict(zip(("url", "nsamples"), (shard, 10))) for shard in shards], cache_dir=out + ".d")
rows = [dataset[number] for number in range(len(dataset))]
text = lambda row: row[".txt"] if isinstance(row[".txt"], str) else row[".txt"].read().decode()
json.dump([[text(row), list(row[".png"].size if ".png" in row else row[".jpg"].size)] for row in rows], open(out, "w"))
"""


def test_its_training_reads_our_table_with_the_choices_that_it_has(
    tmp_path: Path, exported: Exported, hurtful: Path, peer: Peer
) -> None:
    done = exported(hurtful, "open-clip", options=ExportOptions(absolute=True))
    peer("python", "-c", _READ_TABLE, done.path, tmp_path / "read.json")
    shapes, captions = json.loads((tmp_path / "read.json").read_bytes())
    assert sorted(captions) == sorted(HURTFUL.values())
    assert shapes == [[3, 32, 32]] * len(HURTFUL)


def test_wids_finds_each_sample_of_our_shards_by_its_number(tmp_path: Path, exported: Exported, peer: Peer) -> None:
    root = make_sample(tmp_path / "sample", 30)
    done = exported(root, "webdataset", options=ExportOptions(shard_samples=10))
    shards = sorted(done.path.glob("*.tar"))[:2]
    peer("python", "-c", _READ_WIDS, *shards, tmp_path / "read.json")
    read = json.loads((tmp_path / "read.json").read_bytes())
    assert len(read) == 20
    assert {text for text, _ in read} <= set(captions_of(root).values())


def theirs(texts: list[str], tmp_path: Path, peer: Peer) -> list[int]:
    (tmp_path / "texts.json").write_text(json.dumps(texts))
    counts: list[int] = json.loads(peer("python", "-c", _COUNT, tmp_path / "texts.json").stdout)
    return counts


def test_the_exact_count_is_theirs(tmp_path: Path, peer: Peer) -> None:
    """With a tokenizer folder made of the vocabulary that open_clip carries."""
    folder = tmp_path / "clip-tokenizer"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"model_type": "clip"}))
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "CLIPTokenizer"}))
    peer("python", "-c", _VOCABULARY, folder)
    texts = [*HURTFUL.values(), "a photo of a cat", "Antidisestablishmentarianism!!", "it's 1234, 北京 caf\xe9"]
    assert [clip_tokens(text, folder) for text in texts] == [(count, True) for count in theirs(texts, tmp_path, peer)]


def test_the_estimate_lies_near_their_count(tmp_path: Path, peer: Peer) -> None:
    texts = list(captions_of(make_sample(tmp_path / "sample", 120)).values())
    counts = theirs(texts, tmp_path, peer)
    estimates = [about_clip_tokens(text) for text in texts]
    assert max(abs(ours - exact) for ours, exact in zip(estimates, counts, strict=True)) <= 3
    assert abs(sum(estimates) - sum(counts)) < sum(counts) / 20
