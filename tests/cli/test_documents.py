"""What the documents say of the command line runs as it stands there, by `captioner`, from another folder."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.commands.guide import GUIDE
from lib.commands.manual import manual
from tests.doubles.hub_server import TOKEN, HubServer
from tests.doubles.image_folder import draw_image, image_folder
from tests.doubles.minilm import minilm
from tests.doubles.provider_server import ProviderServer
from tests.doubles.repository import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Without a browser")[2].partition("\n## ")[0]
CAPTIONS = {
    "a.jpg": "a cat, kitty, watermark",
    "b.jpg": "a dog on a beach",
    "sub/c.jpg": "a dog, a beach, a bird",
    **{f"{number:02}.jpg": f"a {('cat', 'dog', 'bird')[number % 3]} number{number}" for number in range(24)},
    "none.jpg": None,
}


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with `captioner` in it, installed as `make run` installs it, into an environment that has the rest."""
    environment = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    (packages,) = (environment / "lib").glob("python*/site-packages")
    (packages / "rest.pth").write_text("\n".join(path for path in sys.path if path.endswith("site-packages")))
    line = re.findall(r"pip (install .*-e \.)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    installs = [environment / "bin" / "python", "-m", "pip", *shlex.split(line[0])]
    subprocess.run(installs, cwd=ROOT, check=True, capture_output=True)
    return environment / "bin"


@pytest.fixture
def server() -> Iterator[ProviderServer]:
    with ProviderServer("A photo of a dog.") as made:
        yield made


@pytest.fixture
def hub() -> Iterator[HubServer]:
    with HubServer() as made:
        yield made


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with whatever the examples name."""
    image_folder(tmp_path / "photos", CAPTIONS)
    (tmp_path / "captions.txt").write_text("image,caption\nnone.jpg,one\nnone.jpg,two\n")
    (tmp_path / "table.csv").write_bytes("pic;words\nb.jpg;ein Hund am Meer, schön\n".encode("cp1252"))
    draw_image(tmp_path / "kohya-set" / "k.jpg").with_suffix(".caption").write_text("from a caption file")
    return tmp_path


def lines_of(text: str) -> list[str]:
    """The commands of the bash blocks, one after the other."""
    blocks = re.findall(r"^```bash\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if "captioner" in line]


def ran(
    line: str, place: Path, program: Path, server: ProviderServer, hub: HubServer
) -> subprocess.CompletedProcess[str]:
    """One line of a document in a shell; what is only an example of a service is one of this machine."""
    for example in ("http://127.0.0.1:11434/v1", "https://api.example.com/v1"):
        line = line.replace(example, f"{server.url}/v1")
    line = line.replace("blip-base", "nim:any/model").replace("hf_...", TOKEN)
    line = line.replace("embed photos/ --by images", "embed photos/ --method tfidf")
    environment = {
        "PATH": f"{program}:{os.environ['PATH']}", "TOOLKIT_HOME": os.environ["TOOLKIT_HOME"], "HOME": str(place),
        "NVIDIA_API_KEY": "nvapi-x", "NVIDIA_BASE_URL": server.url, "MY_KEY": "sk-x", "HF_TOKEN": TOKEN,
        "HF_ENDPOINT": hub.url, "HF_HUB_DISABLE_XET": "1",
    }  # fmt: skip
    if " find " in line:
        environment |= {"TOOLKIT_SBERT": str(minilm()), "TOOLKIT_RESNET50V2": "/nowhere/weights.h5"}
    return subprocess.run(["bash", "-c", line], cwd=place, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.parametrize("text", [README, GUIDE], ids=["README", "guide"])
def test_every_line_runs(text: str, place: Path, program: Path, server: ProviderServer, hub: HubServer) -> None:
    lines = lines_of(text)
    assert len(lines) > 15
    for line in lines:
        done = ran(line, place, program, server, hub)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"


@pytest.mark.slow
def test_the_command_and_the_module_are_the_same(place: Path, program: Path) -> None:
    for words in (["--version"], ["scan", "photos", "-q"], ["filter", "photos", "dog"]):
        by_name = subprocess.run([program / "captioner", *words], cwd=place, capture_output=True, text=True, check=True)
        module = [sys.executable, "-m", "lib", *words]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        as_module = subprocess.run(module, cwd=place, env=environment, capture_output=True, text=True, check=True)
        assert by_name.stdout == as_module.stdout
    # Whatever lies in the folder where it is started is not taken for its own.
    (place / "lib").mkdir()
    (place / "lib" / "__init__.py").write_text("raise SystemExit('the wrong one')")
    assert subprocess.run([program / "captioner", "jobs"], cwd=place, check=False).returncode == 0


def test_the_document_is_current() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lib.commands.manual"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert (ROOT / "docs" / "cli.md").read_text(encoding="utf-8") == done.stdout, "run `make docs`"
    assert done.stdout.strip() == manual().strip()


SCRIPT = r"""
set -euo pipefail
captioner import captions.txt photos/ --existing overwrite --json > import.json
ok=$(python3 -c 'import json; print(json.load(open("import.json"))["ok"])')
[ "$ok" = True ]
captioner filter photos/ --untagged > untagged.txt
captioner caption photos/ --model llava --base-url "$SERVER" --from untagged.txt -q
captioner filter photos/ 'dog' -q | captioner affix photos/ --prefix 'sks dog' --from - --json > affix.json
operation=$(python3 -c 'import json; print(json.load(open("affix.json"))["operation"])')
captioner undo photos/ "$operation" -q
captioner affix photos/ --prefix sks -q
captioner export photos/ out/ --format webdataset --shard-samples 10 -q
captioner verify out/ --json | python3 -c 'import json, sys; found = json.load(sys.stdin); sys.exit(not found["ok"])'
if captioner export photos/ out/ --format webdataset 2> refused.txt; then exit 9; else [ $? = 2 ]; fi
grep -q -- --replace refused.txt
"""

MAKEFILE = """
all: out/webdataset
out/webdataset: captions.txt
\tcaptioner import captions.txt photos/ --existing overwrite -q
\tcaptioner caption photos/ --model llava --base-url $(SERVER) -q
\tcaptioner scan photos/ --json | python3 -c 'import json, sys; sys.exit(json.load(sys.stdin)["counts"]["untagged"])'
\tcaptioner affix photos/ --prefix "sks dog" -q
\tcaptioner export photos/ out/ --format webdataset --replace -q
\tcaptioner verify out/
"""


@pytest.fixture
def shims(tmp_path: Path) -> dict[str, str]:
    """An environment in which `captioner` is this checkout's."""
    folder = tmp_path / "shims"
    folder.mkdir()
    shim = folder / "captioner"
    shim.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m lib "$@"\n')
    shim.chmod(0o755)
    return os.environ | {"PATH": f"{folder}:{os.environ['PATH']}"}


@pytest.mark.slow
def test_a_shell_script_takes_a_dataset_from_captions_to_shards(
    place: Path, shims: dict[str, str], server: ProviderServer
) -> None:
    environment = shims | {"SERVER": server.url}
    done = subprocess.run(["bash", "-c", SCRIPT], cwd=place, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (place / "photos" / "none.txt").read_text() == "sks, one\ntwo"
    assert len(list((place / "out").rglob("*.tar"))) == 3
    (place / "Makefile").write_text(MAKEFILE)
    (place / "captions.txt").touch()
    for _ in range(2):
        made = subprocess.run(
            ["make", "-B", f"SERVER={server.url}"], cwd=place, env=shims, capture_output=True, text=True
        )
        assert made.returncode == 0, made.stdout + made.stderr
    assert (place / "photos" / "none.txt").read_text() == "sks dog, one\ntwo"


@pytest.mark.slow
def test_a_makefile_stops_at_the_first_failure(place: Path, shims: dict[str, str]) -> None:
    (place / "Makefile").write_text(MAKEFILE)
    draw_image(place / "photos" / "another.jpg")
    made = subprocess.run(
        ["make", "SERVER=http://127.0.0.1:9"], cwd=place, env=shims, capture_output=True, text=True, check=False
    )
    assert made.returncode == 2
    assert not (place / "out").exists()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.parametrize(
    ("line", "offered", "other"),
    [
        ("captioner exp", "export", "scan"),
        ("captioner cluster --se", "--seed", "--method"),
        ("captioner caption x --model blip", "blip-base", "gpt"),
        ("captioner export x out --format webdata-", "webdata-zip", "kohya"),
    ],
    ids=["commands", "options", "models", "formats"],
)
def test_the_shell_is_taught_what_may_stand_there(
    shell: str, line: str, offered: str, other: str, shims: dict[str, str]
) -> None:
    asked = {"bash": "complete_bash", "zsh": "complete_zsh", "fish": "complete_fish"}[shell]
    words = {
        "COMP_WORDS": line, "COMP_CWORD": str(line.count(" ")), "_CAPTIONER_COMPLETE": asked,
        "_TYPER_COMPLETE_ARGS": line, "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }  # fmt: skip
    code = "import sys; sys.argv = ['captioner']; from lib.__main__ import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=shims | words, capture_output=True, text=True, check=False
    )
    assert offered in done.stdout, done.stderr
    assert other not in done.stdout
