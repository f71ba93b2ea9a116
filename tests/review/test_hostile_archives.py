"""Archives made to do harm: refused as a whole with the entry named, or cut down to the rows that are at fault."""

import gzip
import io
import struct
import subprocess
import sys
import tarfile
import zipfile
import zlib
from pathlib import Path

import pytest

from review.formats.images import FolderImages
from tests.sources import PICTURE, bring_in, reasons, tarred, zipped

ROOT = Path(__file__).resolve().parents[2]
OUTSIDE = ["../up.jpg", "/etc/x.jpg", "C:/x.jpg", "c:x.jpg", "a/../../b.jpg", "..\\up.jpg", "\\\\host\\x.jpg",
           "../ds10/x.jpg", "ok/.."]  # fmt: skip
MEMORY = 300  # MB


@pytest.mark.parametrize("pack", [zipped, tarred, lambda files: tarred(files, "w:gz")], ids=["zip", "tar", "tar.gz"])
@pytest.mark.parametrize("name", OUTSIDE)
def test_an_archive_that_points_outside_itself_is_refused_and_the_entry_named(project, lead, pack, name):
    made, job = bring_in(project, lead, pack({"disc/a.jpg": PICTURE, name: PICTURE}))
    assert (job.state, made.state) == ("failed", "failed")
    assert repr(name) in job.message and "outside" in job.message and not made.items.exists()


KINDS = {
    "link": tarfile.SYMTYPE, "hard link": tarfile.LNKTYPE, "device": tarfile.CHRTYPE, "a device": tarfile.BLKTYPE,
    "pipe": tarfile.FIFOTYPE, "plain file": b"Z",
}  # fmt: skip


@pytest.mark.parametrize("word", KINDS)
def test_a_tar_with_anything_but_files_and_folders_is_refused(project, lead, word):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        member = tarfile.TarInfo("disc/a.jpg")
        member.type, member.linkname = KINDS[word], "/etc/passwd"
        archive.addfile(member)
    made, job = bring_in(project, lead, out.getvalue())
    assert job.state == "failed" and word in job.message and "disc/a.jpg" in job.message


@pytest.mark.parametrize(("mode", "word"), [(0o120777, "a link"), (0o020666, "no plain file"), (0o010666, "no plain")])
def test_a_zip_with_anything_but_files_and_folders_is_refused(project, lead, mode, word):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        member = zipfile.ZipInfo("disc/a.jpg")
        member.create_system, member.external_attr = 3, mode << 16
        archive.writestr(member, "/etc/passwd")
    made, job = bring_in(project, lead, out.getvalue())
    assert job.state == "failed" and word in job.message and "disc/a.jpg" in job.message


def test_a_zip_that_holds_nothing_is_refused_with_a_sentence(project, lead):
    out = io.BytesIO()
    zipfile.ZipFile(out, "w").close()
    _, job = bring_in(project, lead, out.getvalue())
    assert job.state == "failed" and job.message.startswith("There is no image in it.")


def test_a_folder_is_not_left_by_a_link_a_path_or_an_address(tmp_path):
    from review.formats.base import RowError

    inside, beside = tmp_path / "ds1", tmp_path / "ds10"
    inside.mkdir(), beside.mkdir()
    (beside / "x.jpg").write_bytes(PICTURE)
    (inside / "link.jpg").symlink_to(beside / "x.jpg")
    images = FolderImages(inside)
    for name in ("link.jpg", "../ds10/x.jpg", str(beside / "x.jpg"), "/etc/passwd", "../../../../etc/passwd",
                 "file:///etc/passwd", "http://127.0.0.1/x.jpg", "a\0b", "x" * 5000):  # fmt: skip
        with pytest.raises(RowError):
            images.read(name)


def raw_zip(entries: list[tuple[str, bytes, dict]]) -> bytes:
    """A zip whose table of contents says what it is told: (name, content, fields that lie)."""
    body, table = b"", b""
    for name, data, lies in entries:
        at = lies.get("at", len(body))
        packed = zlib.compress(data)[2:-4]
        head = struct.pack("<2HIII", 0, 0, zlib.crc32(data), len(packed), len(data))
        if "at" not in lies:
            body += b"PK\3\4" + struct.pack("<3H", 20, 0, 8) + head + struct.pack("<2H", len(name), 0)
            body += name.encode() + packed
        size = lies.get("size", len(data))
        table += b"PK\1\2" + struct.pack("<4H", 20, 20, lies.get("flags", 0), lies.get("method", 8))
        table += struct.pack("<2HIII", 0, 0, zlib.crc32(data), lies.get("packed", len(packed)), size)
        table += struct.pack("<5HII", len(name), 0, 0, 0, 0, 0, at) + name.encode()
    count = len(entries)
    return body + table + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, count, count, len(table), len(body), 0)


def test_entries_that_overlap_are_refused(project, lead):
    entries = [("d/a.jpg", PICTURE, {}), *((f"d/{n}.jpg", PICTURE, {"at": 0}) for n in range(200))]
    made, job = bring_in(project, lead, raw_zip(entries))
    assert job.state == "failed" and "overlap" in job.message


def test_an_entry_that_reaches_into_the_table_of_contents_is_refused(project, lead):
    made, job = bring_in(project, lead, raw_zip([("d/a.jpg", PICTURE, {"packed": 10**6})]))
    assert job.state == "failed" and "overlap" in job.message


def test_a_name_that_occurs_twice_is_refused(project, lead):
    made, job = bring_in(project, lead, raw_zip([("d/a.jpg", PICTURE, {}), ("d/a.jpg", PICTURE, {})]))
    assert job.state == "failed" and "'d/a.jpg' occurs twice" in job.message


LIES = {
    "smaller than it is": {"size": 10},
    "larger than it is": {"size": len(PICTURE) + 1},
    "huge": {"size": 2**31},
    "encrypted": {"flags": 1},
    "another method": {"method": 12},
}


@pytest.mark.parametrize("lie", LIES)
def test_an_entry_that_is_not_what_it_says_costs_its_row_alone(project, lead, lie):
    made, job = bring_in(project, lead, raw_zip([("d/a.jpg", PICTURE, {}), ("d/b.jpg", PICTURE, LIES[lie])]))
    assert job.result == {"items": 1, "labels": 1, "rejected": 1}, job.message
    assert "d/b.jpg" in reasons(made)[2][1]


def test_an_entry_that_unpacks_out_of_all_proportion_costs_its_row_alone(project, lead):
    made, job = bring_in(project, lead, raw_zip([("d/a.jpg", PICTURE, {}), ("d/b.jpg", b"\0" * 50_000_000, {})]))
    assert job.result == {"items": 1, "labels": 1, "rejected": 1}
    assert "more than 200 times its size" in reasons(made)[2][1]


def test_archives_within_archives_are_no_images(project, lead):
    nested = zipped({"d/0.jpg": zipped({"x/y.zip": b"\0" * 10_000_000})})
    made, job = bring_in(project, lead, {"d/a.jpg": PICTURE, "d/42.zip": nested, "d/lib.jpg": nested})
    assert job.result == {"items": 1, "labels": 1, "rejected": 2}
    assert all("not a JPEG" in reason for _, reason in reasons(made).values())


def test_an_archive_that_claims_to_hold_more_than_is_taken_is_refused(project, lead, settings):
    settings.MAX_UNPACKED_BYTES = 3 * len(PICTURE)
    for pack in (zipped, tarred, lambda files: tarred(files, "w:gz")):
        made, job = bring_in(project, lead, pack({f"d/{n}.jpg": PICTURE for n in range(4)}))
        assert job.state == "failed" and "unpacks to more than" in job.message


def test_an_archive_of_more_entries_than_are_taken_is_refused(project, lead, settings):
    settings.MAX_ARCHIVE_ENTRIES = 3
    for pack in (zipped, tarred):
        made, job = bring_in(project, lead, pack({f"d/{n}.jpg": PICTURE for n in range(4)}))
        assert job.state == "failed" and "more than 3 entries" in job.message


@pytest.mark.parametrize("pack", [zipped, tarred, lambda f: tarred(f, "w:gz")], ids=["zip", "tar", "tar.gz"])
def test_an_archive_that_was_cut_off_is_refused(project, lead, pack):
    whole = pack({f"d/{n}.jpg": PICTURE for n in range(9)})
    made, job = bring_in(project, lead, whole[: len(whole) // 2])
    assert job.state == "failed" and "cut off" in job.message


def test_a_manifest_packed_by_gzip_is_refused_and_not_unpacked(project, lead):
    bomb = gzip.compress(b"image,label\n" + b"\0" * 50_000_000)
    made, job = bring_in(project, lead, {"a.jpg": PICTURE}, bomb, "m.csv.gz")
    assert job.state == "failed" and "packed by gzip" in job.message


BOMBS = {
    "a million empty entries": """
        n = 1_000_000
        out.write(b"PK\\3\\4" + bytes(26))
        line = struct.pack("<4s6H3I5H2I", b"PK\\1\\2", 20, 20, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0)
        out.writelines(line + b"d/%07d" % i for i in range(n))
        size = 55 * n
        out.write(struct.pack("<4sQ2H2I4Q", b"PK\\6\\6", 44, 45, 45, 0, 0, n, n, size, 30))
        out.write(struct.pack("<4sIQI", b"PK\\6\\7", 0, 30 + size, 1))
        out.write(struct.pack("<4s4H2IH", b"PK\\5\\6", 0, 0, 65535, 65535, 2**32 - 1, 2**32 - 1, 0))
    """,
    "a gigabyte of nothing in a tar.gz": """
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        head = tarfile.TarInfo("d/a.bmp")
        head.size = 2**30
        out.write(packer.compress(head.tobuf()))
        for _ in range(256):
            out.write(packer.compress(bytes(2**22)))
        out.write(packer.flush())
    """,
    "a tar with a name of a gigabyte": """
        head = tarfile.TarInfo("././@LongLink")
        head.type, head.size = b"L", 2**30
        out.write(head.tobuf(tarfile.GNU_FORMAT))
        out.truncate(512 + 2**30 + 512)
        out.seek(0, 2)
    """,
    "a tar with a note of a gigabyte": """
        head = tarfile.TarInfo("PaxHeader")
        head.type, head.size = b"x", 2**30
        out.write(head.tobuf(tarfile.USTAR_FORMAT))
        out.truncate(512 + 2**30 + 512)
        out.seek(0, 2)
    """,
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_refused_with_little_memory_and_in_little_time(tmp_path, bomb):
    program = f"""
import struct, sys, tarfile, time, zlib
from textwrap import dedent
out = open(sys.argv[1], "w+b")
exec(dedent({BOMBS[bomb]!r}))
out.flush(); out.seek(0)
from review.formats.base import Limits, SourceError
from review.formats.images import open_archive
start = time.monotonic()
try:
    open_archive(out, Limits())
except SourceError as error:
    print(error)
peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(time.monotonic() - start, int(peak) // 1024)
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "bomb")], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    sentence, figures = done.stdout.splitlines()
    seconds, megabytes = figures.split()
    assert sentence.startswith("The archive") and float(seconds) < 10 and int(megabytes) < MEMORY, done.stdout
