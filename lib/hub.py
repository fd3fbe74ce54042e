"""The way to the Hugging Face Hub: names of repositories, a client that holds one token, its failures in our words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from lib.errors import (
    AnswerInvalid,
    InvalidInput,
    KeyMissing,
    KeyRejected,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    RequestRejected,
    ToolkitError,
    WriteFailed,
)
from lib.providers.http import shown

TIMEOUT_S = 30.0
"""How long the first question may take. Later ones have the library's own timeouts and retries."""

_REFUSED = "Make a token with write access at huggingface.co/settings/tokens, and give it anew."


@dataclass(frozen=True, slots=True)
class Hub:
    """Which Hub, and with which token ("" for none). Without `endpoint` it is the public one, or HF_ENDPOINT's."""

    token: SecretStr
    endpoint: str | None = None

    @property
    def _secret(self) -> str:
        return self.token.get_secret_value().strip()

    def client(self, *, needs_token: bool = False) -> Any:
        """A `huggingface_hub.HfApi`. Raises KeyMissing, KeyRejected for a token that no request can carry."""
        from huggingface_hub import HfApi
        from huggingface_hub.utils import disable_progress_bars

        secret = self._secret
        if needs_token and not secret:
            raise KeyMissing(
                "The Hugging Face Hub wants a token.", "Give one that may write, on the page or as HF_TOKEN."
            )
        if not (secret.isascii() and secret.isprintable() and " " not in secret):
            # The library would refuse it too, and print it while doing so.
            raise KeyRejected("The Hugging Face token holds blanks or letters that no token has.", "Copy it again.")
        # How far it is, is told in one place, and that is not the server's log.
        disable_progress_bars()
        # Never the token that happens to be stored on this machine.
        return HfApi(endpoint=self.endpoint, token=secret or False)

    @contextmanager
    def speaking(self, repository: str, kept: str) -> Iterator[None]:
        """Turns what goes wrong between here and the Hub into ToolkitErrors. `kept` says what became of the work."""
        import httpx2
        from huggingface_hub.errors import XetDownloadError

        # What the library makes of an answer of another shape than it knows ends in the last two.
        odd = (ValueError, LookupError, TypeError, AttributeError)
        failures = (httpx2.HTTPError, OSError, RuntimeError, XetDownloadError, *odd)
        try:
            yield
        except failures as exc:
            # Without the cause: its text repeats what the server said, and with it, perhaps, the token.
            raise self._translated(exc, repository, kept) from None

    def _translated(self, exc: Exception, repository: str, kept: str) -> ToolkitError:
        import httpx2
        from huggingface_hub.errors import EntryNotFoundError, HfHubHTTPError, XetDownloadError

        if isinstance(exc, HfHubHTTPError):
            return self._answered(exc, repository, kept)
        # The library's own errors are OSErrors, too, but only the system's have a number.
        broken = (ConnectionError, TimeoutError)
        if isinstance(exc, OSError) and exc.errno is not None and not isinstance(exc, broken):
            reason = exc.strerror or "the disk refused it"
            return WriteFailed(f"The files of “{repository}” could not be read or kept here: {reason}.", kept)
        # Where a download cannot reach the Hub, the library only says that there is no local copy.
        if isinstance(exc, (httpx2.HTTPError, OSError, RuntimeError, EntryNotFoundError, XetDownloadError)):
            message = f"The Hugging Face Hub cannot be reached, or hung up while “{repository}” was under way."
            return ProviderUnavailable(message, f"{kept} Check the network (and HF_HUB_OFFLINE), then try again.")
        said = shown(str(exc), self._secret)
        return AnswerInvalid(f"The Hugging Face Hub's answer about “{repository}” makes no sense ({said}).", kept)

    def _answered(self, exc: Any, repository: str, kept: str) -> ToolkitError:
        from huggingface_hub.errors import GatedRepoError, RemoteEntryNotFoundError, RepositoryNotFoundError

        status = exc.response.status_code
        said = shown(exc.server_message or f"status {status}", self._secret)
        if isinstance(exc, GatedRepoError):
            hint = f"Accept its conditions on its page on the Hub, and set HF_TOKEN. {kept}"
            return KeyRejected(f"“{repository}” is open only to those who were let in: {said}.", hint, status=status)
        if isinstance(exc, RepositoryNotFoundError | RemoteEntryNotFoundError) or status == 404:
            message = f"There is no dataset “{repository}” on the Hub, or not this revision, or it is private."
            return InvalidInput(message, f"Check the name; a private one needs a token of its owner (HF_TOKEN). {kept}")
        if status in (401, 403):
            message = f"The Hugging Face Hub refused the token for “{repository}”: {said}."
            return KeyRejected(message, f"{_REFUSED} {kept}", status=status)
        kind: type[ProviderError] = RequestRejected
        if status == 429 or status >= 500:
            kind = RateLimited if status == 429 else ProviderUnavailable
            kept = f"{kept} Try again in a while."
        return kind(f"The Hugging Face Hub said no to “{repository}”: {said}.", kept, status=status)


def checked_repository(name: str) -> str:
    """A name of the form owner/name. Raises InvalidInput for what the Hub would not take."""
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id

    name = name.strip()
    try:
        validate_repo_id(name)
    except HFValidationError:
        wrong = True
    else:
        wrong = name.count("/") != 1
    if wrong:
        raise InvalidInput(f"“{name}” is no name of a repository.", "Write owner/name, as in “ada/birds”.")
    return name
