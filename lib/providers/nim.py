"""NVIDIA NIM, hosted: pictures inside the text for the old per-model paths, chat parts for the common one."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from lib.domain import CaptionRequest, ModelSpec
from lib.errors import AnswerInvalid, InvalidInput, ProviderUnavailable
from lib.providers.base import Connection, HttpRequest, HttpResponse, Provider
from lib.providers.chat import chat_body, data_url
from lib.providers.http import JsonObject, as_reachable
from lib.providers.parameters import with_defaults

CHAT_HOST = "https://integrate.api.nvidia.com"
MODEL_HOST = "https://ai.api.nvidia.com"
STATUS_HOST = "https://api.nvcf.nvidia.com"
HOSTED_RPM = 40
"""Requests a minute that NVIDIA allows a key on its own hosts, as people have found out."""

POLL_SECONDS = 30
"""How long the gateway may hold a request before it answers 202 (NVIDIA Cloud Functions, NVCF-POLL-SECONDS)."""

_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{1,80}")
_OWNER_AND_NAME = re.compile(r"/v1/(?:vlm|gr)/([^/]+/[^/]+)")


class Nim(Provider):
    """Three forms: `chat` (target: a model id), `img_tag` and `img_tag_model` (target: the path on the model host).

    Protocol: NVIDIA's generated SDK types and the NVCF gateway's code. The two `img_tag` forms differ in the `model`
    field, which kosmos-2 refuses and the others want.
    """

    label = service = "NVIDIA NIM"
    key_name = "NVIDIA_API_KEY"
    needs_key = True
    lists_live = True

    def __init__(self, model: ModelSpec, connection: Connection) -> None:
        super().__init__(model, connection)
        override = (
            as_reachable(connection.base_url or connection.settings.nvidia_base_url).rstrip("/").removesuffix("/v1")
        )
        if not override and not self.requests_per_minute:
            self.requests_per_minute = HOSTED_RPM
        self._chat_host, self._model_host = override or CHAT_HOST, override or MODEL_HOST
        self._status_host = override or STATUS_HOST
        if model.form not in ("chat", "img_tag", "img_tag_model"):
            raise InvalidInput(
                f"{model.label} has the form “{model.form}”, which NVIDIA NIM does not know.",
                "In models.toml, write one of: chat, img_tag, img_tag_model.",
            )

    def prepare(self, request: CaptionRequest) -> HttpRequest:
        if self.model.form == "chat":
            url, body = f"{self._chat_host}/v1/chat/completions", chat_body(request, self.model)
        else:
            url, body = f"{self._model_host}/{self.model.target.lstrip('/')}", self._tag_body(request)
        return HttpRequest("POST", url, {"NVCF-POLL-SECONDS": str(POLL_SECONDS)}, body, self.key)

    def list_request(self) -> HttpRequest:
        return HttpRequest("GET", f"{self._chat_host}/v1/models", key=self.key)

    @classmethod
    def listed_as(cls, model: ModelSpec) -> str:
        match = _OWNER_AND_NAME.search(model.target)
        return match[1] if match else model.target

    def _tag_body(self, request: CaptionRequest) -> JsonObject:
        content = f'{request.prompt} <img src="{data_url(request.image, self.model)}" />'
        body: JsonObject = {"messages": [{"role": "user", "content": content}], "stream": False}
        if self.model.form == "img_tag_model":
            body["model"] = self.listed_as(self.model)
        return body | with_defaults(request.params, self.model)

    def follow_up(self, response: HttpResponse) -> HttpRequest | None:
        """The next look at a request that is still being worked on (202 with `nvcf-reqid`), until it is done."""
        if response.header("nvcf-status").lower() in ("errored", "rejected"):
            raise ProviderUnavailable(
                self._with_words("NVIDIA NIM took the request and then failed on it.", response),
                "Try again later, or choose another model.",
                status=response.status,
            )
        if response.status != 202:
            return super().follow_up(response)
        number = response.header("nvcf-reqid") or urlsplit(response.url).path.rpartition("/status/")[2]
        if not _REQUEST_ID.fullmatch(number):
            # The number becomes part of a URL, so it is taken from a stranger only in this shape.
            raise AnswerInvalid("NVIDIA NIM took the request without saying where its answer will be.", "Try again.")
        url = f"{self._status_host}/v2/nvcf/pexec/status/{number}"
        return HttpRequest("GET", url, {"NVCF-POLL-SECONDS": str(POLL_SECONDS)}, key=self.key)
