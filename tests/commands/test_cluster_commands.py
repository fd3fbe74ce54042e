"""`python -m lib embed` and `cluster`: vectors and clusters for scripts."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.commands.test_command_line import answer, lib, lib_anew
from tests.doubles.image_folder import image_folder
from tests.doubles.minilm import minilm

CAPTIONS = {
    **{f"dog{n}.jpg": f"a brown dog runs over grass {n}" for n in range(5)},
    **{f"sub/sea{n}.jpg": f"boats at sea under clouds {n}" for n in range(3)},
    "untagged.jpg": None,
}


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    (tmp_path / "photos" / "sub").mkdir(parents=True)
    return image_folder(tmp_path / "photos", CAPTIONS)


def test_cluster_by_words_writes_a_table_and_a_report(photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "clusters.csv"
    done = lib_anew("cluster", photos, "--by", "tags", "--k", 2, "--method", "tfidf", "--out", out, "--json")
    report = answer(done)
    assert done.returncode == 0
    assert (report["k"], report["sizes"], report["left_out"]) == (2, [5, 3], 1)
    assert {"dog", "grass"} & set(report["names"][0].split(", "))
    assert 0 < report["explained_variance"] <= 1
    assert -1 <= report["silhouette"] <= 1
    assert report["seconds"] > 0
    with out.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {(row["image"], row["cluster"]) for row in rows} == {
        (name, "0" if name.startswith("dog") else "1") for name, caption in CAPTIONS.items() if caption
    }
    again = lib("cluster", photos, "--by", "tags", "--k", 2, "--method", "tfidf", "--json")
    assert answer(again) | {"seconds": 0} == report | {"seconds": 0}
    assert "brown" in lib("cluster", photos, "--k", 2, "--method", "tfidf").stdout


@pytest.mark.parametrize(
    "options",
    [
        ("--k", 9, "--method", "tfidf"),
        ("--k", 2, "--by", "images", "--method", "sbert"),
        ("--k", 0),
        ("--k", 2, "--method", "tfidf", "--model-path", "x"),
        ("--k", 2, "--method", "tfidf", "--out", "/no/such/folder/c.csv"),
        (),
    ],
)
def test_what_cannot_be_done_is_wrong_usage_and_a_sentence(photos: Path, options: tuple[object, ...]) -> None:
    done = lib("cluster", photos, *options)
    assert done.returncode == 2
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr


def test_a_missing_model_is_one_sentence_with_the_ways_out(photos: Path, tmp_path: Path) -> None:
    for by, setting in (("images", "TOOLKIT_RESNET50V2"), ("tags", "TOOLKIT_SBERT")):
        done = lib("embed", photos, "--by", by, "--model-path", tmp_path / "none", HF_HUB_OFFLINE="1")
        assert done.returncode == 1
        assert setting in done.stderr
        assert "TF-IDF" in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_captions_are_embedded_once_and_clustered_from_what_was_kept(photos: Path) -> None:
    model = minilm()
    first = answer(lib_anew("embed", photos, "--by", "tags", "--model-path", model, "--json", HF_HUB_OFFLINE="1"))
    assert (first["done"], first["reused"], first["failed"], first["dimensions"]) == (8, 0, [], 384)
    (photos / "dog1.txt").write_text("a cat sleeps")
    second = answer(lib("embed", photos, "--by", "tags", "--model-path", model, "--json", HF_HUB_OFFLINE="1"))
    assert (second["done"], second["reused"]) == (1, 7)
    done = lib("cluster", photos, "--k", 2, "--method", "sbert", "--model-path", model, "--json", HF_HUB_OFFLINE="1")
    assert sorted(answer(done)["sizes"]) == [3, 5]


@pytest.mark.slow
def test_images_are_embedded_and_unreadable_ones_reported(photos: Path, test_data: Path) -> None:
    (photos / "broken.jpg").write_bytes(b"no picture")
    (photos / "broken.txt").write_text("a caption")
    weights = test_data / "weights" / "mobilenet_2_5_224_tf_no_top.h5"
    common = ("--by", "images", "--method", "mobilenet", "--model-path", weights, "--json")
    done = lib("embed", photos, *common)
    report = answer(done)
    assert done.returncode == 1
    assert (report["done"] + report["reused"], report["counts"]["failed"], report["dimensions"]) == (9, 1, 256)
    assert [error["image"] for error in report["errors"]] == ["broken.jpg"]
    done = lib("cluster", photos, *common, "--k", 2)
    assert done.returncode == 1
    assert (answer(done)["left_out"], sum(answer(done)["sizes"])) == (1, 9)
