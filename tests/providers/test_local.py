"""Models on this machine, on tiny random ones that are loaded and run by the real code."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import httpx2
import huggingface_hub
import pytest
from huggingface_hub import constants
from huggingface_hub.utils._http import default_client_factory

from lib.domain import CaptionRequest, ModelSpec, ParamSpec, PreparedImage
from lib.errors import ImageRefused, InvalidInput, MemoryShort, ModelUnavailable
from lib.providers.local import LocalCaptioner, find_folder
from lib.providers.registry import captioner, find_model, needs_download
from lib.settings import Settings
from tests.doubles.tiny_models import WORDS, tiny_blip, tiny_idefics3

COMMIT = "a" * 40
MAX_TOKENS = ParamSpec("max_tokens", "int", 8, 1, 99)
TEMPERATURE = ParamSpec("temperature", "float", 0.0, 0.0, 2.0)


def load_local(model: ModelSpec, settings: Settings) -> LocalCaptioner:
    return LocalCaptioner(model, settings).load()


@pytest.fixture(scope="module")
def models_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    tiny_blip(folder / "tiny-blip")
    tiny_blip(folder / "old-blip", pickle=True)
    tiny_idefics3(folder / "tiny-idefics3")
    return folder


class Hub:
    """The Hub as huggingface_hub asks it: a list of files, and each file at a commit. Nobody there unless `repos`."""

    def __init__(self) -> None:
        self.repos: dict[str, Path] = {}
        self.sent: list[str] = []
        self.tokens: set[str] = set()

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        path = unquote(request.url.path)
        self.tokens.add(request.headers.get("authorization", ""))
        for name, folder in self.repos.items():
            if path.startswith(f"/api/models/{name}/tree/"):
                files = [
                    {"type": "file", "path": p.name, "size": p.stat().st_size, "oid": p.name} for p in folder.iterdir()
                ]
                return httpx2.Response(200, json=files)
            if path.startswith(f"/api/models/{name}"):
                return httpx2.Response(200, json={"id": name, "sha": COMMIT, "siblings": []})
            if path.startswith(f"/{name}/resolve/{COMMIT}/"):
                return self._file(request, folder / path.rpartition("/")[2])
        raise httpx2.ConnectError("connection refused", request=request)

    def _file(self, request: httpx2.Request, file: Path) -> httpx2.Response:
        headers = {"X-Repo-Commit": COMMIT, "ETag": f'"{file.name}-1"'}
        if request.method == "HEAD":
            return httpx2.Response(200, headers={**headers, "Content-Length": str(file.stat().st_size)})
        self.sent.append(file.name)
        return httpx2.Response(200, headers=headers, content=file.read_bytes())


@pytest.fixture(autouse=True)
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    """An empty cache, and a Hub that cannot be reached until a test gives it repositories."""
    made = Hub()
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("HF_TOKEN_PATH", str(tmp_path / "no-token"))
    huggingface_hub.set_client_factory(lambda: httpx2.Client(transport=httpx2.MockTransport(made)))
    yield made
    huggingface_hub.set_client_factory(default_client_factory)


@pytest.fixture
def configured(models_folder: Path) -> Settings:
    return Settings(models_folder=models_folder)


BLIP = ModelSpec("tiny-blip", "Tiny BLIP", "local", "made/tiny-blip", form="caption", prompts=False)
CHAT = ModelSpec("tiny-idefics3", "Tiny Idefics3", "local", "made/tiny-idefics3", params=(MAX_TOKENS, TEMPERATURE))


def test_blip_writes_a_caption_without_a_prompt(configured, ask):
    one = load_local(BLIP, configured)
    caption = ask(one, "this is not used")
    assert set(caption.text.split()) <= set(WORDS)
    assert caption.seconds > 0
    assert caption == replace(ask(one, "nor is this"), seconds=caption.seconds)


def test_idefics3_follows_its_chat_template_and_stops_at_max_tokens(configured, ask):
    one = load_local(CHAT, configured)
    short, long = ask(one, "a cat", params={"max_tokens": 3}), ask(one, "a cat", params={"max_tokens": 9})
    assert len(short.text.split()) == 3
    assert len(long.text.split()) == 9
    assert short.truncated
    assert ask(one, "a cat", params={"max_tokens": 9}).text == long.text
    assert ask(one, "two blue dog people", params={"max_tokens": 9}).text != long.text
    assert len({ask(one, "a cat", params={"temperature": 2.0}).text for _ in range(5)}) > 1


def test_the_style_of_the_request_is_kept(configured, ask):
    text = ask(load_local(CHAT, configured), "a cat", style="tags").text
    assert text == text.lower()


def test_the_registry_gives_a_captioner_that_loads_when_it_is_first_used(configured, ask):
    one = captioner(BLIP, settings=configured)
    assert isinstance(one, LocalCaptioner)
    assert one._parts is None
    assert ask(one).text
    parts = one._parts
    ask(one)
    assert one._parts is parts


def test_many_threads_share_one_model(configured, picture: PreparedImage):
    one = captioner(BLIP, settings=configured)
    texts: list[str] = []
    request = CaptionRequest(picture, BLIP, "")
    threads = [threading.Thread(target=lambda: texts.append(one.caption(request).text)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(texts) == 6
    assert len(set(texts)) == 1


def test_an_older_weights_file_is_loaded_only_at_a_pinned_commit(configured, ask):
    old = replace(BLIP, target="made/old-blip")
    assert LocalCaptioner.needs_download(old, configured)
    with pytest.raises(ModelUnavailable):
        load_local(old, configured)
    assert ask(load_local(replace(old, revision=COMMIT), configured)).text


def test_a_weights_file_that_runs_code_is_not_run(configured, models_folder: Path, tmp_path: Path):
    import torch

    mark = tmp_path / "ran"

    class Evil:
        def __reduce__(self):
            return (Path.touch, (mark,))

    folder = models_folder / "evil-blip"
    shutil.copytree(models_folder / "old-blip", folder, dirs_exist_ok=True)
    torch.save({"weight": Evil()}, folder / "pytorch_model.bin")
    with pytest.raises(ModelUnavailable, match="cannot be loaded"):
        load_local(replace(BLIP, target="made/evil-blip", revision=COMMIT), configured)
    assert not mark.exists()


def test_a_model_that_is_nowhere_names_both_ways_out(configured, models_folder: Path):
    blip = find_model("blip-base")
    assert LocalCaptioner.needs_download(blip, configured)
    with pytest.raises(ModelUnavailable) as caught:
        load_local(blip, configured)
    assert "990 MB" in caught.value.message
    assert "internet" in caught.value.hint
    assert str(models_folder / "blip-image-captioning-base") in caught.value.hint
    with pytest.raises(ModelUnavailable, match="TOOLKIT_MODELS_FOLDER"):
        load_local(blip, Settings())


def test_a_model_is_downloaded_once_and_then_found(hub: Hub, models_folder: Path, ask):
    hub.repos["made/tiny-blip"] = models_folder / "tiny-blip"
    pinned = replace(BLIP, revision=COMMIT)
    assert needs_download(pinned, Settings())
    assert ask(load_local(pinned, Settings())).text
    assert "model.safetensors" in hub.sent
    hub.repos.clear()
    assert not needs_download(pinned, Settings())
    assert not needs_download(find_model("kosmos-2"), Settings())
    assert ask(load_local(pinned, Settings())).text


def test_the_older_weights_file_is_downloaded_where_there_is_no_other(hub: Hub, models_folder: Path, ask):
    hub.repos["made/old-blip"] = models_folder / "old-blip"
    old = replace(BLIP, target="made/old-blip")
    with pytest.raises(ModelUnavailable, match="no safetensors"):
        load_local(old, Settings())
    assert "pytorch_model.bin" not in hub.sent
    assert ask(load_local(replace(old, revision=COMMIT), Settings())).text
    assert hub.sent.count("pytorch_model.bin") == 1


def test_only_the_token_of_the_settings_goes_to_the_hub(hub: Hub, models_folder: Path, monkeypatch):
    hub.repos["made/tiny-blip"] = models_folder / "tiny-blip"
    pinned = replace(BLIP, revision=COMMIT)
    configured = Settings(hf_token="")
    monkeypatch.setenv("HF_TOKEN", "hf_stored_elsewhere")
    load_local(pinned, configured)
    assert hub.tokens == {""}


def test_a_model_in_the_hubs_cache_is_found(models_folder: Path, tmp_path: Path, ask):
    snapshot = tmp_path / "hub" / "models--made--tiny-blip" / "snapshots" / COMMIT
    shutil.copytree(models_folder / "tiny-blip", snapshot)
    pinned = replace(BLIP, revision=COMMIT)
    assert find_folder(pinned, Settings()) == snapshot
    assert ask(load_local(pinned, Settings())).text
    assert LocalCaptioner.needs_download(replace(BLIP, revision="b" * 40), Settings())


def test_a_half_copied_model_is_not_taken_for_a_whole_one(tmp_path: Path):
    folder = tmp_path / "tiny-blip"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    assert LocalCaptioner.needs_download(BLIP, Settings(models_folder=tmp_path))
    (folder / "model.safetensors").write_bytes(b"half")
    with pytest.raises(ModelUnavailable) as caught:
        load_local(BLIP, Settings(models_folder=tmp_path))
    assert str(folder) in caught.value.message


def test_code_from_a_repository_is_never_run(tmp_path: Path, models_folder: Path):
    import json

    folder = tmp_path / "tiny-blip"
    shutil.copytree(models_folder / "tiny-blip", folder)
    mark = tmp_path / "ran"
    (folder / "evil.py").write_text(f"open({str(mark)!r}, 'w')\nclass Config: pass\n")
    config = json.loads((folder / "config.json").read_text())
    config |= {"auto_map": {"AutoConfig": "evil.Config", "AutoModelForImageTextToText": "evil.Config"}}
    config["model_type"] = "evil"
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelUnavailable):
        load_local(BLIP, Settings(models_folder=tmp_path))
    assert not mark.exists()


def test_a_broken_picture_is_refused(configured):
    request = CaptionRequest(PreparedImage(b"no picture", "image/jpeg", 1, 1), BLIP, "")
    with pytest.raises(ImageRefused):
        captioner(BLIP, settings=configured).caption(request)


def test_an_unknown_form_names_the_known_ones():
    with pytest.raises(InvalidInput, match="caption, chat"):
        captioner(replace(BLIP, form="img_tag"), settings=Settings())


def test_a_model_that_would_not_fit_is_not_begun_and_names_services(
    models_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lib.memory.in_use", lambda: 900_000_000)
    configured = Settings(models_folder=models_folder, memory_mb=900)
    monkeypatch.setattr("lib.memory.settings", lambda: configured)
    with pytest.raises(MemoryShort, match="model of a service"):
        LocalCaptioner(BLIP, configured).load()


def test_a_model_that_nobody_asks_is_let_go(models_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lib.idle.IDLE_S", 0.05)
    captioner = LocalCaptioner(BLIP, Settings(models_folder=models_folder)).load()
    while captioner._parts is not None and (timer := captioner._idle.timer):
        timer.join(10)
    assert captioner._parts is None
