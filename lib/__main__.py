"""The same work without a browser: `captioner scan DIR`, `captioner caption DIR --model NAME`, and more.

Exit status: 0 all well, 1 something failed or is at fault, 2 wrong usage, 130 broken off. With --json, stdout holds one
JSON object and nothing else. `python -m lib` is the same.
"""

# Nothing else is imported up here: what takes long is imported once Ctrl+C is heard.
import os
import signal
import sys

_EARLY = "Broken off before anything was begun."
_JSON = '{"ok": false, "operation": null, "counts": {}, "failed": [], "seconds": 0.0, "error": "%s"}\n'


def _end_early(number: int, frame: object) -> None:
    if "--json" in sys.argv:
        os.write(1, (_JSON % _EARLY).encode())
    else:
        os.write(2, f"{_EARLY}\n".encode())
    os._exit(130)


def _begin_in_utf8() -> None:
    """Starts anew where the locale has an encoding of its own for names of files (Latin-1, or ASCII alone).

    What the journal and the lists of runs hold of a name could neither be written nor found again by another locale.
    """
    if sys.getfilesystemencoding() != "utf-8" and not sys.flags.utf8_mode and sys.executable:
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])


def main() -> None:
    """Run the command line; a failure of the toolkit's own kind is a sentence on stderr, never a traceback."""
    _begin_in_utf8()
    for early in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(early) is not signal.SIG_IGN:
            signal.signal(early, _end_early)
    from lib.commands.application import run

    run()


if __name__ == "__main__":
    main()
