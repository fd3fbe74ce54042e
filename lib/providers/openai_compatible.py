"""Any server that speaks OpenAI's chat form: Ollama, LM Studio, llama.cpp, vLLM, SGLang, a NIM container."""

from __future__ import annotations

from lib.domain import CaptionRequest, ModelSpec
from lib.errors import InvalidInput
from lib.providers.base import Connection, HttpRequest, Provider
from lib.providers.chat import chat_body
from lib.providers.http import as_reachable


class OpenAiCompatible(Provider):
    """The plainest request that all of them take: `max_tokens`, no streaming, no Authorization without a key."""

    label = "OpenAI-compatible server"
    service = "The server"
    key_name = "OPENAI_API_KEY"
    takes_base_url = True

    def __init__(self, model: ModelSpec, connection: Connection) -> None:
        super().__init__(model, connection)
        self._base = api_base(connection.base_url or connection.settings.openai_base_url)

    def prepare(self, request: CaptionRequest) -> HttpRequest:
        if not self.model.target:
            raise InvalidInput("No model is chosen.", "Choose one of those that the server lists.")
        return HttpRequest("POST", f"{self._base}/chat/completions", json=chat_body(request, self.model), key=self.key)

    @property
    def pace(self) -> str:
        # Two servers without keys have nothing to do with each other.
        return f"{super().pace} {self._base}"

    def list_request(self) -> HttpRequest:
        return HttpRequest("GET", f"{self._base}/models", key=self.key)


def api_base(url: str) -> str:
    """`http://host:port`, `http://host:port/` and `http://host:port/v1/` all mean `http://host:port/v1`.

    A longer path that ends otherwise is taken as it stands (OpenRouter's /api/v1, a gateway's own). Raises
    InvalidInput where there is none.
    """
    base = as_reachable(url).strip().rstrip("/").removesuffix("/chat/completions")
    if not base:
        raise InvalidInput("The server's address is missing.", "Enter it, for example http://127.0.0.1:11434")
    _, _, path = base.partition("://")
    return base if "/" in path else f"{base}/v1"
