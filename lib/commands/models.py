"""`models`: which models there are, whether their keys are set, and whether one answers."""

from __future__ import annotations

import io
from typing import Annotated

import typer
from pydantic import SecretStr

from lib.commands.command import command
from lib.commands.folders import open_home
from lib.commands.keys import KeyEnv, key_in, key_named
from lib.commands.result import Result
from lib.commands.screen import Screen
from lib.domain import CaptionRequest, ModelSpec, PreparedImage
from lib.providers import registry
from lib.providers.http import Http
from lib.providers.parameters import with_defaults
from lib.providers.prompts import default_prompt
from lib.settings import settings

_SIDE = 224


@command()
def models(
    screen: Screen,
    test: Annotated[
        str, typer.Option("--test", help="Ask this model for the caption of a drawn picture.", metavar="MODEL")
    ] = "",
    base_url: Annotated[
        str, typer.Option("--base-url", help="An OpenAI-compatible server: list what it serves.", metavar="URL")
    ] = "",
    key_env: KeyEnv = "",
) -> Result:
    """List the models, and whether the key of each is set; or test one, and with it its key."""
    open_home()
    if test:
        return _tested(test, base_url, key_in(key_env))
    if base_url:
        with key_named("OPENAI_API_KEY"):
            served = registry.list_served_models(
                base_url, key_in(key_env), http=Http.of(settings(), at_this_machine=True)
            )
        return Result("\n".join(served), {"models": len(served)}, more={"models": served})
    return _listed()


def _listed() -> Result:
    listed = []
    for model in registry.load_models().values():
        service = registry.PROVIDERS[model.provider]
        held = bool(settings().key_for(service.key_name).get_secret_value()) if service.key_name else False
        key = "set" if held else "missing" if service.needs_key else "none needed"
        entry = {"id": model.id, "label": model.label, "service": service.label, "key": key}
        listed.append(entry | {"key_name": service.key_name, "note": model.note})
    lines = [
        f"{one['id']:<28}  {one['label']:<28}  {one['service']:<26}  "
        + (f"{one['key_name']} is {one['key']}" if one["key_name"] and one["key"] != "none needed" else "no key needed")
        for one in listed
    ]
    return Result("\n".join(lines), {"models": len(listed)}, more={"models": listed})


def _tested(name: str, base_url: str, key: SecretStr | None) -> Result:
    model = model_of(name, base_url)
    service = registry.PROVIDERS[model.provider]
    http = Http.of(settings(), at_this_machine=True)
    with key_named(service.key_name):
        captioner = registry.captioner(model, key=key, base_url=base_url, http=http)
        prompt = default_prompt("short", "sentence")
        request = CaptionRequest(_picture(), captioner.model, prompt, with_defaults({}, captioner.model))
        caption = captioner.caption(request)
    sentence = f"{model.label} answers in {caption.seconds:.1f} s: {caption.text}"
    more = {"model": model.id, "caption": caption.text, "answer_seconds": round(caption.seconds, 3)}
    return Result(sentence, {"tested": 1}, more=more)


def model_of(name: str, base_url: str) -> ModelSpec:
    """A model by its id or label; with an address, the id that is served there. Raises UnknownModel."""
    if base_url:
        return registry.served_model(registry.find_model(registry.TEMPLATE), name)
    return registry.find_model(name)


def _picture() -> PreparedImage:
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", (_SIDE, _SIDE), "white")
    ImageDraw.Draw(picture).ellipse((40, 40, 184, 184), fill="firebrick")
    out = io.BytesIO()
    picture.save(out, "JPEG")
    return PreparedImage(out.getvalue(), "image/jpeg", _SIDE, _SIDE)
