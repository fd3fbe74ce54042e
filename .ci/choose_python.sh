#!/bin/sh
# Prints the Python that the virtual environment is made with: $PYTHON if it is set, else the newest that works, else uv's.
# TensorFlow sets the bounds: it has no release for 3.14 yet.

# A name on the path proves nothing: pyenv leaves names that only print an error, and Debian parts venv from Python.
works() {
    "$1" -c 'import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1
}

choice() {
    if [ -n "${PYTHON:-}" ]; then
        works "$PYTHON" && echo "$PYTHON"
        return
    fi
    for name in python3.13 python3.12 python3.11 python3 python; do
        if works "$name"; then
            command -v "$name"
            return
        fi
    done
    command -v uv >/dev/null || return
    found=$(uv python find --system '>=3.11,<3.14' 2>/dev/null) || {
        uv python install 3.13 >&2 && found=$(uv python find --system 3.13)
    } && works "$found" && echo "$found"
}

# What stands in the way, for the first Python that there is.
found() {
    for name in "${PYTHON:-python3}" python; do
        "$name" -c '
import sys
version = "%d.%d" % sys.version_info[:2]
if sys.version_info[:2] > (3, 13):
    print(version + " is too new: TensorFlow has no release for it yet")
elif sys.version_info[:2] < (3, 11):
    print(version + " is too old")
else:
    print(version + " lacks venv")
' 2>/dev/null && return
    done
    echo "none was found"
}

choice || {
    echo "The toolkit needs Python 3.11, 3.12 or 3.13 with venv; $(found). Install one beside it (Debian: apt install python3.13-venv, or python3-venv; macOS: brew install python@3.13) or uv, which fetches one, and run make again; another place is named by make PYTHON=/path/to/python." >&2
    exit 1
}
