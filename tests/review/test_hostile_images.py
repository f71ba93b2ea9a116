"""Pictures made to do harm: each costs its own row, the decoder may die of it, and the import goes on."""

import contextlib
import io
import struct
import subprocess
import sys
import threading
import time
import zlib
from pathlib import Path

import psutil
import pytest
from PIL import Image

from review import crops
from review.cutters import Cutters, Limits, Task
from review.models import Job
from tests import live, make
from tests.sources import PICTURE, bring_in, reasons

ROOT = Path(__file__).resolve().parents[2]


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *extra: bytes, rows: int | None = None) -> bytes:
    """A grey PNG that claims this size; `rows` are really there."""
    packer = zlib.compressobj(9)
    body = b"".join(packer.compress(bytes(width + 1)) for _ in range(height if rows is None else rows)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + b"".join(extra) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def saved(kind: str, **options) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (20, 20), (200, 0, 0)).save(out, kind, **options)
    return out.getvalue()


def gif(frames: int) -> bytes:
    frame = b"\x2c" + struct.pack("<4HB", 0, 0, 8, 8, 0) + b"\x02\x16" + bytes.fromhex(
        "8c2d99872a1cdc33a00275ec95faa8de608c0491"
    ).ljust(22, b"\0") + b"\0"  # fmt: skip
    one = saved("GIF")
    if frames == 1:
        return one
    return one[:-1] + frame * (frames - 1) + b"\x3b"


NOT_TAKEN = {
    "text.jpg": b"this is a text and no picture",
    "fits.jpg": b"SIMPLE  =                    T".ljust(2880),
    "psd.jpg": b"8BPS\x00\x01" + bytes(6) + struct.pack(">HIIHH", 3, 9, 9, 8, 3) + bytes(12),
    "eps.jpg": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\nsystemdict /quit get exec\n",
    "pdf.jpg": b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n",
    "svg.jpg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "ico.jpg": saved("ICO"),
    "tga.jpg": saved("TGA"),
    "empty.jpg": b"",
}
BROKEN = {
    "side.png": png(1, 0),
    "no-side.png": png(0, 0),
    "vast.png": png(50_000, 50_000, rows=1),
    "wide.png": png(2**31 - 1, 1, rows=0),
    "text-bomb.png": png(8, 8, chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(200_000_000), 9))),
    "profile-bomb.png": png(8, 8, chunk(b"iTXt", b"a\0\1\0\0\0" + zlib.compress(bytes(100_000_000), 9))),
    "cut.jpg": PICTURE[: len(PICTURE) // 2],
    "cut.png": saved("PNG")[:-40],
}


def test_what_is_no_picture_or_a_broken_one_costs_its_own_row_and_the_others_come_in(project, lead):
    files = {f"d/{name}": data for name, data in {**NOT_TAKEN, **BROKEN}.items()}
    made, job = bring_in(project, lead, {**files, "d/good.jpg": PICTURE, "d/zz.png": png(30, 20)})
    assert job.state == Job.State.DONE
    assert set(made.items.values_list("key", flat=True)) == {"d/good.jpg", "d/zz.png"}
    said = dict(made.rejected.values_list("file", "reason"))
    assert set(said) == set(files)
    for name in NOT_TAKEN:
        assert "not a JPEG, PNG, WebP, GIF, BMP or TIFF" in said[f"d/{name}"], said[f"d/{name}"]
    assert "larger than" in said["d/vast.png"] and said["d/vast.png"].endswith(".")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
def test_what_people_label_is_taken(kind):
    image, media_type = crops.decode(saved(kind), 10**6)
    assert image.size == (20, 20) and media_type == crops.FORMATS[kind]


def test_of_ten_thousand_frames_only_the_first_is_looked_at(project, lead):
    start = time.monotonic()
    made, job = bring_in(project, lead, {"d/film.gif": gif(10_000)})
    assert job.result == {"items": 1, "labels": 1, "rejected": 0}, reasons(made)
    assert time.monotonic() - start < 10


def test_a_picture_beyond_the_site_s_limit_of_pixels_is_refused_by_its_size(project, lead, settings):
    settings.MAX_IMAGE_PIXELS = 48 * 48
    made, job = bring_in(project, lead, {"d/a.jpg": PICTURE, "d/b.png": png(49, 48)})
    assert "49 × 48 pixels; at most 2,304 are taken" in reasons(made)[2][1] and job.result["items"] == 1


BIG = png(9000, 9000)


def test_a_picture_that_takes_more_memory_than_is_given_costs_its_own_row(project, lead, settings):
    settings.READER_MEMORY_BYTES = 300 * 2**20
    made, job = bring_in(project, lead, {"d/a.jpg": PICTURE, "d/b.png": BIG, "d/c.jpg": PICTURE})
    assert job.result == {"items": 2, "labels": 1, "rejected": 1}
    assert "memory" in reasons(made)[2][1] or "made the decoder stop" in reasons(made)[2][1]


def test_a_picture_that_takes_too_long_is_cut_off_and_costs_its_own_row(project, lead, settings):
    settings.DECODE_SECONDS = 0.2
    made, job = bring_in(project, lead, {"d/a.jpg": PICTURE, "d/b.png": BIG, "d/c.jpg": PICTURE})
    assert job.result == {"items": 2, "labels": 1, "rejected": 1}
    assert "took longer to decode" in reasons(made)[2][1]


def decoders() -> list[psutil.Process]:
    """Those that live; one that has just been killed is none any more."""
    found = []
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if "review.cutter" in process.cmdline():
                found.append(process)
    return found


def test_decoders_killed_in_the_midst_of_their_work_lose_no_picture():
    tasks = [Task(make.picture("disc", n), [(4.0, 4.0, 40.0, 40.0), None]) for n in range(400)]
    killed = []

    def kill() -> None:
        while len(killed) < 4:
            for process in decoders():
                time.sleep(0.02)
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
                    killed.append(process.pid)

    with Cutters(Limits(), 2) as pool:
        killer = threading.Thread(target=kill)
        promised = pool.submit(tasks)
        killer.start()
        outcomes = [photo for _, promise in promised for photo in promise.result()]
        killer.join()
    lost = [photo.error for photo in outcomes if photo.error]
    # One that dies twice in the same decoder, once for the batch and once alone, is counted as the cause.
    assert len(outcomes) == 400 and len(lost) <= len(killed)
    assert all(cut.crop for photo in outcomes if not photo.error for cut in photo.cuts)
    assert not decoders()


def test_the_decoder_knows_nothing_of_the_site():
    program = "import review.cutter, sys; print(sorted({m.split('.')[0] for m in sys.modules}))"
    seen = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "'PIL'" in seen and not any(f"'{name}'" in seen for name in ("django", "celery", "torch", "psycopg"))
    with Cutters(Limits(), 1) as pool:
        [(_, promise)] = pool.submit([Task(PICTURE, [None])])
        promise.result()
        environment = set(decoders()[0].environ())
        limits = decoders()[0].rlimit(psutil.RLIMIT_AS), decoders()[0].rlimit(psutil.RLIMIT_FSIZE)
    assert not environment & {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "MLFIX_VAR", "DJANGO_SETTINGS_MODULE"}
    assert limits == ((2 * 2**30,) * 2, (0, 0))


def runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_the_decoders_go_when_their_worker_is_killed(tmp_path):
    program = (
        "import sys, time; from review.cutters import *; pool = Cutters(Limits(), 2).__enter__()\n"
        "data = open(sys.argv[1], 'rb').read()\n"
        "[p.result() for _, p in pool.submit([Task(data, [None])] * 200)]\n"
        "print('ready', flush=True); time.sleep(60)"
    )
    (tmp_path / "a.jpg").write_bytes(PICTURE)
    worker = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "a.jpg")], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert worker.stdout and worker.stdout.readline() == "ready\n"
    theirs = [p.pid for p in psutil.Process(worker.pid).children()]
    assert theirs
    worker.kill()
    worker.wait()
    worker.stdout.close()
    live.wait_for(lambda: not any(map(runs, theirs)), 20)
