"""Models on this machine: found in a folder or the Hub's cache, downloaded once, and run one picture at a time."""

from __future__ import annotations

import io
import json
import math
import pickle
import re
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from lib import idle
from lib.domain import Caption, CaptionRequest, ModelSpec, ParamValue
from lib.errors import ImageRefused, InvalidInput, MissingDependency, ModelUnavailable
from lib.idle import IdleWatch
from lib.memory import room_for
from lib.providers.base import Captioner, CaptionService, Connection, finished
from lib.providers.parameters import with_defaults
from lib.settings import Settings

FILES = ["*.json", "*.txt", "*.jinja", "*.model", "*.safetensors"]
PICKLE = "pytorch_model.bin"
CAPTION_TOKENS = 60
"""New tokens where the user sets none: BLIP's captions are one short sentence."""

_RUNTIME, _MOST_HEADER = 365_000_000, 50_000_000
_HUB_TIMEOUT_S = 15.0
_COMMIT = re.compile(r"[0-9a-f]{40}")


class LocalCaptioner(Captioner, CaptionService):
    """One model in memory. Weights are loaded on the first caption, or by `load`; keep the object, it is heavy."""

    label = "This machine"
    runs_here = True

    def __init__(self, model: ModelSpec, settings: Settings) -> None:
        if model.form not in ("caption", "chat"):
            raise InvalidInput(
                f"{model.label} has the form “{model.form}”, which models on this machine do not know.",
                "In models.toml, write one of: caption, chat.",
            )
        super().__init__(model)
        self._settings = settings
        self._lock = threading.Lock()
        self._parts: tuple[Any, Any] | None = None
        self._idle = IdleWatch(self._let_go)

    @classmethod
    def build(cls, model: ModelSpec, connection: Connection) -> Captioner:
        return cls(model, connection.settings)

    @classmethod
    def needs_download(cls, model: ModelSpec, settings: Settings) -> bool:
        return find_folder(model, settings) is None

    def load(self) -> LocalCaptioner:
        """Bring the weights into memory, downloading them first where needed.

        Raises ModelUnavailable where they are neither here nor reachable, MissingDependency without transformers.
        """
        with self._lock:
            self._loaded()
        return self

    def caption(self, request: CaptionRequest) -> Caption:
        start = time.perf_counter()
        # One at a time: two would fight for the same cores and double the memory.
        with self._lock:
            processor, network = self._loaded()
            text, truncated = _generate(processor, network, request, self.model)
        return finished(text, request.style, truncated, time.perf_counter() - start)

    @property
    def is_loaded(self) -> bool:
        return self._parts is not None

    def _loaded(self) -> tuple[Any, Any]:
        if self._parts is None:
            folder = present_folder(self.model, self._settings)
            with room_for(memory_of(folder), self.model.label, "Choose a model of a service: it takes none here."):
                self._parts = _load_parts(self.model, folder)
        self._idle.mark_used()
        return self._parts

    def _let_go(self) -> bool:
        with self._lock:
            if self._idle.is_idle(idle.IDLE_S):
                self._parts = None
            return self._parts is None


def memory_of(folder: Path) -> int:
    """The bytes that a model's weights take in memory, each a number of 32 bits, and PyTorch where it is not there."""
    size = 0 if "transformers" in sys.modules else _RUNTIME
    for path in folder.glob("*.safetensors"):
        # What is wrong with a file is told by whoever loads it.
        with suppress(OSError, ValueError, KeyError, AttributeError, TypeError), path.open("rb") as file:
            header = json.loads(file.read(min(_MOST_HEADER, int.from_bytes(file.read(8), "little"))))
            size += sum(4 * math.prod(about["shape"]) for name, about in header.items() if name != "__metadata__")
    return size + sum(path.stat().st_size for path in folder.glob(PICKLE))


def find_folder(model: ModelSpec, settings: Settings) -> Path | None:
    """Where the model's files are: the administrator's folder first, then the Hub's cache; None for neither."""
    own = _own_folder(model, settings)
    if own is not None and (own / "config.json").is_file() and _weights(model, own):
        return own
    return _snapshot(model, FILES, local_files_only=True)


def present_folder(model: ModelSpec, settings: Settings) -> Path:
    """Where the model's files are, downloaded where they are nowhere. Raises ModelUnavailable, MissingDependency."""
    return find_folder(model, settings) or _download(model, settings)


def _own_folder(model: ModelSpec, settings: Settings) -> Path | None:
    name = model.target.rpartition("/")[2]
    return settings.models_folder / name if settings.models_folder and name not in ("", ".", "..") else None


def _weights(model: ModelSpec, folder: Path) -> str:
    """ "safetensors", "pickle" or "".

    BLIP's repository holds no safetensors. Its older file is taken only at a pinned commit, whose bytes cannot change,
    and transformers reads it with torch's restricted unpickler (`weights_only=True`).
    """
    if any(folder.glob("*.safetensors")):
        return "safetensors"
    return "pickle" if _COMMIT.fullmatch(model.revision) and (folder / PICKLE).is_file() else ""


def _snapshot(model: ModelSpec, patterns: list[str], *, local_files_only: bool, token: Any = False) -> Path | None:
    try:
        import httpx2
        from huggingface_hub import HfApi, snapshot_download
    except ModuleNotFoundError as error:
        raise _missing() from error
    revision = model.revision or "main"
    try:
        if not local_files_only:
            # Fails at once without a network, where snapshot_download asks for half a minute.
            HfApi().model_info(model.target, revision=revision, timeout=_HUB_TIMEOUT_S, token=token)
        found = snapshot_download(
            model.target,
            revision=revision,
            allow_patterns=patterns,
            local_files_only=local_files_only,
            # Never the token that happens to be stored on this machine.
            token=token,
        )
    except (OSError, ValueError, RuntimeError, httpx2.HTTPError) as error:
        # huggingface_hub lets its client's own errors through, which are no OSErrors.
        if local_files_only:
            return None
        raise _unavailable(model, error) from error
    folder = Path(found)
    return folder if not local_files_only or ((folder / "config.json").is_file() and _weights(model, folder)) else None


def _download(model: ModelSpec, settings: Settings) -> Path:
    token = settings.hf_token.get_secret_value() or False
    try:
        folder = _snapshot(model, FILES, local_files_only=False, token=token)
        if folder is not None and not _weights(model, folder) and _COMMIT.fullmatch(model.revision):
            folder = _snapshot(model, [*FILES, PICKLE], local_files_only=False, token=token)
    except ModelUnavailable as error:
        own = _own_folder(model, settings)
        place = str(own) if own else f"a folder named {model.target.rpartition('/')[2]} inside TOOLKIT_MODELS_FOLDER"
        error.hint = f"Connect this machine to the internet once, or copy the model's files into {place}."
        raise
    if folder is None or not _weights(model, folder):
        raise ModelUnavailable(
            f"{model.label} has no safetensors weights in {model.target}.",
            "Choose a model that has, or pin its revision to a commit in models.toml.",
        )
    return folder


def _unavailable(model: ModelSpec, error: Exception) -> ModelUnavailable:
    size = f" ({model.download_mb:,} MB)" if model.download_mb else ""
    return ModelUnavailable(f"{model.label} is not on this machine, and its download{size} from the Hub failed.")


def _missing() -> MissingDependency:
    return MissingDependency("Models on this machine need PyTorch and transformers.", "pip install -r requirements.txt")


def _load_parts(model: ModelSpec, folder: Path) -> tuple[Any, Any]:
    try:
        import torch
        from transformers import AutoModelForImageTextToText, AutoProcessor
    except ModuleNotFoundError as error:
        raise _missing() from error
    safe = {"local_files_only": True, "trust_remote_code": False}
    try:
        processor = AutoProcessor.from_pretrained(str(folder), **safe)
        network = AutoModelForImageTextToText.from_pretrained(
            str(folder),
            use_safetensors=_weights(model, folder) == "safetensors",
            weights_only=True,
            dtype=torch.float32,
            **safe,
        )
    except (OSError, ValueError, RuntimeError, KeyError, ImportError, pickle.UnpicklingError) as error:
        raise ModelUnavailable(
            f"The files of {model.label} in {folder} cannot be loaded.",
            "They may be incomplete: remove the folder and download or copy them again.",
        ) from error
    if hasattr(getattr(processor, "image_processor", None), "do_image_splitting"):
        # Splitting makes seventeen pictures of one, which takes minutes without a graphics card.
        processor.image_processor.do_image_splitting = False
    return processor, network.eval().to("cuda" if torch.cuda.is_available() else "cpu")


def _generate(processor: Any, network: Any, request: CaptionRequest, model: ModelSpec) -> tuple[str, bool]:
    import torch

    inputs = _inputs(processor, request, model).to(network.device)
    params = with_defaults(request.params, model)
    limit = int(params.get("max_tokens", CAPTION_TOKENS))
    prompt_tokens = inputs["input_ids"].shape[1] if "input_ids" in inputs else 0
    with torch.inference_mode():
        output = network.generate(**inputs, max_new_tokens=limit, **_sampling(params))[0]
    new = output[prompt_tokens:]
    text = processor.decode(new, skip_special_tokens=True)
    ends = network.generation_config.eos_token_id
    ended = bool(len(new)) and int(new[-1]) in (ends if isinstance(ends, list) else [ends])
    return str(text), len(new) >= limit and not ended


def _sampling(params: Mapping[str, ParamValue]) -> dict[str, Any]:
    temperature = float(params.get("temperature", 0.0))
    if temperature <= 0:
        return {"do_sample": False}
    top_p = {"top_p": float(params["top_p"])} if "top_p" in params else {}
    return {"do_sample": True, "temperature": temperature, **top_p}


def _inputs(processor: Any, request: CaptionRequest, model: ModelSpec) -> Any:
    from PIL import Image

    try:
        picture = Image.open(io.BytesIO(request.image.data)).convert("RGB")
    except (OSError, ValueError, SyntaxError) as error:
        raise ImageRefused("The picture cannot be opened.", "Save it anew as JPEG or PNG.") from error
    if model.form == "caption":
        return processor(images=picture, return_tensors="pt")
    content = [{"type": "image"}, {"type": "text", "text": request.prompt}]
    asked = processor.apply_chat_template([{"role": "user", "content": content}], add_generation_prompt=True)
    return processor(text=asked, images=[picture], return_tensors="pt")
