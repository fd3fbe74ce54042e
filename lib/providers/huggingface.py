"""Hugging Face Inference Providers: one chat request to the router, which finds somebody to serve the model."""

from __future__ import annotations

from lib.domain import CaptionRequest, ModelSpec
from lib.errors import ModelNotFound, ProviderError
from lib.providers.base import Connection, HttpRequest, HttpResponse, Provider
from lib.providers.chat import chat_body
from lib.providers.http import as_reachable, server_message

ROUTER = "https://router.huggingface.co/v1"

_UNSERVED = ("not supported by any provider", "model_not_supported", "not a chat model", "is not supported by provider")


class HuggingFace(Provider):
    """The router speaks OpenAI's chat form (huggingface_hub, `inference/_providers`).

    Sent with our own sender: huggingface_hub's InferenceClient has no deadline for the whole call, no cap on the
    answer and no retries, and falls back on a stored token that nobody chose.
    """

    label = service = "Hugging Face"
    key_name = "HF_TOKEN"
    needs_key = True
    lists_live = True

    def __init__(self, model: ModelSpec, connection: Connection) -> None:
        super().__init__(model, connection)
        self._base = as_reachable(connection.base_url or connection.settings.hf_base_url or ROUTER).rstrip("/")

    def prepare(self, request: CaptionRequest) -> HttpRequest:
        return HttpRequest("POST", f"{self._base}/chat/completions", json=chat_body(request, self.model), key=self.key)

    def list_request(self) -> HttpRequest:
        return HttpRequest("GET", f"{self._base}/models", key=self.key)

    def error_for(self, response: HttpResponse) -> ProviderError:
        said = server_message(response, self._secret).lower()
        if response.status == 400 and any(words in said or words.encode() in response.body for words in _UNSERVED):
            return ModelNotFound(
                f"No provider that your Hugging Face account has enabled serves {self.model.label} at present (400).",
                "Enable more providers at huggingface.co/settings/inference-providers, or choose another model.",
                status=400,
            )
        return super().error_for(response)
