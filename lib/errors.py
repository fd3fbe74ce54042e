"""Every failure that a user can meet, each with what happened and what to do next.

ToolkitError
├── InvalidInput                what the user typed or chose cannot be used
│   ├── InvalidParameters       the "Advanced parameters" text
│   ├── FolderRefused           outside the allowed folders, missing, or not a folder
│   ├── UnknownModel            no such entry in models.toml
│   └── WouldRemove             a push would take files out of a repository, and nobody said that it may
├── DatasetError
│   ├── ImageRefused            not an image, broken, or over the size that is safe to open
│   ├── ArchiveRefused          a zip or tar that is broken, cut short, or over what is safe to unpack
│   ├── SidecarUndecodable      the tag file's bytes are not text in a known encoding
│   ├── SharedStem              two images share one tag file
│   ├── Conflict                the tag file changed since it was read
│   ├── WriteFailed             disk full, read-only, vanished
│   │   └── DatabaseFailed      so for one of the toolkit's own files: history, drafts, runs
│   ├── PlaceFailed             a folder or bucket elsewhere cannot be listed or read
│   └── QuotaExceeded           the upload space is used up
├── MissingDependency           a package is not installed  (stops a run)
├── MemoryShort                 the work would not fit into the server's memory
├── ModelUnavailable            weights are neither on this machine nor reachable (stops a run)
├── Cancelled                   the user stopped it
├── Busy                        another process is at it
├── LoginRefused                an account that may not get in
│   └── LoggedOut               its owner has logged out since
└── ProviderError               a captioning service said no, or said nonsense
    ├── KeyMissing              no API key given            (stops a run)
    ├── KeyRejected             401, 403                    (stops a run)
    ├── CreditsExhausted        402                         (stops a run)
    ├── ModelRetired            410                         (stops a run)
    ├── ModelNotFound           404                         (stops a run)
    ├── HostRefused             the address is not allowed  (stops a run)
    ├── ProxyRefused            a proxy or a firewall on the way said no, or cannot be used (stops a run)
    ├── RequestRejected         400, 413, 422, a redirect
    │   └── ModelBlind          the model cannot see pictures (stops a run)
    ├── RateLimited             429 after all retries
    ├── ProviderUnavailable     5xx or no connection after all retries
    │   └── ModelLoading        the server is still loading the model, longer than we wait
    ├── DeadlineExceeded        no whole answer in time
    └── AnswerInvalid           HTML, empty, oversized, or not the agreed shape

The message says what happened and to which file; the hint says what was kept safe and what to do next.
Neither ever holds a key.
"""


class ToolkitError(Exception):
    """Base of all failures that are reported to a user rather than logged as a bug."""

    stops_run = False
    """True where every further item of a run would fail the same way."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class InvalidInput(ToolkitError):
    """What the user typed or chose cannot be used."""


class InvalidParameters(InvalidInput):
    """The advanced parameters text is wrong; the message points at the place."""


class FolderRefused(InvalidInput):
    """The folder is outside the allowed ones, missing, or not a folder."""


class UnknownModel(InvalidInput):
    """No model of that id or label."""


class WouldRemove(InvalidInput):
    """A push would take these files out of the repository, and nobody said that it may."""

    def __init__(self, repository: str, names: frozenset[str]) -> None:
        files = "1 file" if len(names) == 1 else f"{len(names):,} files"
        super().__init__(
            f"“{repository}” holds {files} of an earlier push that this one does not hold, as “{min(names)}”.",
            "Nothing was uploaded or removed. Say that they may be removed (on the command line: --remove),"
            " push all of the dataset, or give another name.",
        )
        self.repository = repository
        self.names = names


class DatasetError(ToolkitError):
    """Something about the files of a dataset."""


class ImageRefused(DatasetError):
    """The file is not an image that can be opened safely."""


class ArchiveRefused(DatasetError):
    """The zip or tar is broken, cut short, or over what is safe to unpack; what came before that is whole."""


class SidecarUndecodable(DatasetError):
    """The tag file's bytes are not text in a known encoding; it is read-only until converted."""


class SharedStem(DatasetError):
    """Two images share one tag file; edits wait until the user says what to do."""


class Conflict(DatasetError):
    """The tag file changed since it was read. `found` is the text on disk, `wanted` the user's."""

    def __init__(self, message: str, hint: str = "", *, found: str, wanted: str) -> None:
        super().__init__(message, hint)
        self.found = found
        self.wanted = wanted


class WriteFailed(DatasetError):
    """The file system refused a write; the old text is intact."""


class DatabaseFailed(WriteFailed):
    """One of the toolkit's own files (history, drafts, runs) could not be read or written."""


class PlaceFailed(DatasetError):
    """A folder or bucket cannot be listed or read: not there, not allowed, not reachable."""


class QuotaExceeded(DatasetError):
    """The space for uploads is used up."""


class MissingDependency(ToolkitError):
    """A package that this action needs is not installed."""

    stops_run = True


class MemoryShort(ToolkitError):
    """The work would not fit into the memory that the server may take; it was not started."""


class ModelUnavailable(ToolkitError):
    """A model's weights are neither on this machine nor reachable."""

    stops_run = True


class Cancelled(ToolkitError):
    """The user stopped the work."""


class Busy(ToolkitError):
    """Another process is at work on the same; nothing was done a second time."""


class LoginRefused(ToolkitError):
    """The account that is logged in may not get in."""


class LoggedOut(LoginRefused):
    """The login is from before its owner logged out."""


class ProviderError(ToolkitError):
    """A captioning service refused or failed. `status` is the HTTP status where there was one."""

    def __init__(self, message: str, hint: str = "", *, status: int | None = None) -> None:
        super().__init__(message, hint)
        self.status = status


class KeyMissing(ProviderError):
    stops_run = True


class KeyRejected(ProviderError):
    stops_run = True


class CreditsExhausted(ProviderError):
    stops_run = True


class ModelRetired(ProviderError):
    stops_run = True


class ModelNotFound(ProviderError):
    stops_run = True


class HostRefused(ProviderError):
    stops_run = True


class ProxyRefused(ProviderError):
    stops_run = True


class RequestRejected(ProviderError):
    pass


class ModelBlind(RequestRejected):
    stops_run = True


class RateLimited(ProviderError):
    pass


class ProviderUnavailable(ProviderError):
    pass


class ModelLoading(ProviderUnavailable):
    pass


class DeadlineExceeded(ProviderError):
    pass


class AnswerInvalid(ProviderError):
    pass
