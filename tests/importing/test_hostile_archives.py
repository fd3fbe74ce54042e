"""A stranger's archive: nothing lands outside, no cap is passed, and whatever is refused is refused with a reason."""

from __future__ import annotations

import gzip
import io
import json
import stat
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from lib.archives import Limits, MemberDamaged, members
from lib.errors import ArchiveRefused
from lib.settings import Settings
from tests.doubles.image_folder import image_folder
from tests.doubles.repository import ROOT
from tests.exporting.conftest import names_in
from tests.importing.test_round_trips import taken

BROKEN = {
    "bomb_flat_1GiB.zip", "bomb_overlap_500x4MiB.zip", "bomb_sparse_gz.tar.gz", "not_a_zip.zip",
    "tar_negative_size.tar", "tar_truncated.tar", "zip_empty.zip", "zip_truncated.zip",
}  # fmt: skip

IMPORT_ALL = """
import json, re, sys
from pathlib import Path
from lib.errors import ToolkitError
from lib.importing.base import ImportTarget
from lib.importing.import_into import import_into
from lib.settings import Settings

archives, target, home = (Path(argument) for argument in sys.argv[1:])
found = {}
for path in sorted(archives.iterdir()):
    try:
        report = import_into(path, ImportTarget(target / path.name, Settings(home=home), "local"))
        found[path.name] = [report.added, report.refused]
    except ToolkitError as error:
        found[path.name] = [0, [[path.name, str(error)]]]
# Not getrusage: its peak counts what the parent held when it started this process.
peak = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())
print(json.dumps({"found": found, "kilobytes": int(peak[1])}))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads its peak of memory from /proc")
def test_no_hostile_archive_escapes_or_takes_more_than_its_caps(tmp_path: Path, test_data: Path) -> None:
    archives = test_data / "hostile" / "archives" / "made"
    target = tmp_path / "below" / "target"
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL, str(archives), str(target), str(tmp_path / "home")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    report = json.loads(done.stdout)
    assert report["kilobytes"] < 300_000
    assert len(report["found"]) == len(list(archives.iterdir()))
    for name, (_, refused) in report["found"].items():
        if name in BROKEN or name.startswith("trav"):
            assert refused, name
    assert not list(tmp_path.rglob("moo*"))
    assert not Path("/tmp/rel_pwn").exists()
    assert sorted(path.name for path in (tmp_path / "below").iterdir()) == ["target"]
    for path in target.rglob("*"):
        assert path.is_dir() or (path.is_file() and not path.is_symlink()), path
    assert sum(path.stat().st_size for path in target.rglob("*")) < 5_000_000
    # Clean names, unique without regard to case and spelling, on every system.
    for name in ("tar_odd_names.tar", "zip_odd_names.zip"):
        names = [path.name for path in (target / name).rglob("*") if path.is_file()]
        assert len(names) > 15
        assert not [sign for name in names for sign in '<>:"|?*\\\n\t' if sign in name]


def bytes_of(path: Path, limits: Limits) -> int:
    total = 0
    for member in members(path, limits):
        while piece := member.read(1 << 16):
            total += len(piece)
    return total


def test_caps_count_real_bytes_and_entries(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(10):
            archive.writestr(f"{number}.txt", bytes(100_000))
    assert bytes_of(path, Limits(allowance=2_000_000)) == 1_000_000
    for limits in (Limits(entries=9), Limits(total_bytes=999_999), Limits(ratio=1, allowance=0)):
        with pytest.raises(ArchiveRefused):
            bytes_of(path, limits)


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_tars_are_read_however_they_are_packed_and_however_long_their_names(tmp_path: Path, mode: str) -> None:
    names = ["a.txt", "b" * 150 + ".txt", "é/" + "c" * 200 + ".txt"]
    for format in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT):
        path = tmp_path / "a.tar"
        with tarfile.open(path, mode, format=format) as archive:  # type: ignore[call-overload]
            for name in names:
                entry = tarfile.TarInfo(name)
                entry.size = 3
                archive.addfile(entry, io.BytesIO(b"xyz"))
        assert [(member.name, member.read()) for member in members(path)] == [(name, b"xyz") for name in names]


def test_a_tar_cut_anywhere_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as archive:
        for number in range(3):
            entry = tarfile.TarInfo(f"{number}.txt")
            entry.size = 700
            archive.addfile(entry, io.BytesIO(bytes([65 + number]) * 700))
    whole = path.read_bytes()
    for cut in range(0, 3 * 1536 + 1, 256):
        path.write_bytes(whole[:cut])
        with pytest.raises(ArchiveRefused):
            bytes_of(path, Limits())


def test_a_header_as_large_as_memory_is_refused(tmp_path: Path) -> None:
    entry = tarfile.TarInfo("x")
    entry.type, entry.size = tarfile.XHDTYPE, 1 << 30
    path = tmp_path / "a.tar.gz"
    path.write_bytes(gzip.compress(entry.tobuf(tarfile.USTAR_FORMAT) + bytes(1 << 20)))
    with pytest.raises(ArchiveRefused):
        bytes_of(path, Limits())


def test_a_link_in_an_archive_is_refused_and_where_it_leads_is_nobodys_caption(
    tmp_path: Path, configured: Settings
) -> None:
    image = (image_folder(tmp_path / "one", 1) / "photo0.jpg").read_bytes()
    link = zipfile.ZipInfo("a.txt")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.jpg", image)
        archive.writestr(link, "/etc/hostname")
    report = taken(tmp_path / "a.zip", tmp_path / "new", configured)
    assert (report.added, report.refused) == (1, [("a.txt", "it is a link")])
    assert names_in(tmp_path / "new") == ["a.jpg"]


def test_one_damaged_entry_leaves_the_others(tmp_path: Path, configured: Settings) -> None:
    root, path = image_folder(tmp_path / "photos", 3), tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(root.iterdir()):
            archive.write(file, file.name)
    data = path.read_bytes()
    image = (root / "photo1.jpg").read_bytes()
    path.write_bytes(data.replace(image, image[:-9] + b"x" + image[-8:]))
    with pytest.raises(MemberDamaged):
        bytes_of(path, Limits())
    report = taken(path, tmp_path / "new", configured)
    assert report.added == 2
    assert "photo1.jpg" in {name for name, _ in report.refused}
    assert names_in(tmp_path / "new") == ["photo0.jpg", "photo0.txt", "photo2.jpg", "photo2.txt"]
