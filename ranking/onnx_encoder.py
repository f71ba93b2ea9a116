"""A user's ONNX network as an encoder, run in a process of its own (onnx_child.py) on the CPU."""

import hashlib
import os
import subprocess
import sys
import tempfile
import threading
from typing import Any

import numpy as np

from review.cutter import read_head, write
from review.cutters import KEPT, ROOT, end

from .encoders.base import Crops, EncoderUnavailable, Vectors

CODE = "1"  # raise it when a change here changes the vectors
LARGEST = 512 * 2**20  # bytes of a file
# As every string of a field `location` begins that names a file with the weights of a network.
ELSEWHERE = b"\x0a\x08location"
START_SECONDS = 60.0
STOPPED = "The network made its process stop: it takes more memory or time than it is given, or is broken."


class OnnxEncoder:
    """The encoder. The process is started when it is made, and ends with `close` or with this object."""

    def __init__(self, name: str, data: bytes, wish: dict[str, Any], *, memory_bytes: int, seconds: float) -> None:
        """Raises EncoderUnavailable with the reason where the network is no encoder."""
        if len(data) > LARGEST:
            raise EncoderUnavailable(f"The ONNX file is larger than the {LARGEST >> 20} MB that are taken.")
        if ELSEWHERE in data:
            raise EncoderUnavailable("The network's weights lie in other files. Save it as one file with its weights.")
        self.name, self.seconds = name, seconds
        self.folder = tempfile.TemporaryDirectory(prefix="mlfix-onnx-")
        self.process = self.start(memory_bytes)
        head = {"length": len(data), "pixels": wish.get("pixels"), "scale": wish["scale"]}
        said, _ = self.ask(head, data, START_SECONDS + seconds)
        if "error" in said:
            self.close()
            raise EncoderUnavailable(str(said["error"])[:1000])
        self.pixels, self.dim = int(said["pixels"]), int(said["dim"])
        self.version = hashlib.sha256(f"{CODE} {self.pixels} {wish['scale']}".encode() + data).hexdigest()[:16]

    def start(self, memory_bytes: int) -> subprocess.Popen:
        environment = {name: os.environ[name] for name in KEPT if name in os.environ}
        return subprocess.Popen(
            [sys.executable, "-m", "ranking.onnx_child", str(memory_bytes), str(self.seconds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self.folder.name,
            env={**environment, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"},
        )

    def encode(self, crops: Crops) -> Vectors:
        """RGB crops uint8 [n, pixels, pixels, 3] to float32 [n, dim]. Raises EncoderUnavailable."""
        data = np.ascontiguousarray(crops).tobytes()
        _, vectors = self.ask({"length": len(data)}, data, START_SECONDS + self.seconds, 4 * self.dim * len(crops))
        return np.frombuffer(vectors, np.float32).reshape(len(crops), self.dim).copy()

    def ask(self, head: Any, data: bytes, seconds: float, wanted: int = 0) -> tuple[dict[str, Any], bytes]:
        """The answer's head and so many bytes. The process is not trusted: it may lie, hang or die."""
        assert self.process.stdin and self.process.stdout
        late = threading.Event()
        guard = threading.Timer(seconds, end, [self.process, late])
        guard.daemon = True
        guard.start()
        try:
            write(self.process.stdin, head, [data])
            said = read_head(self.process.stdout)
            answer = self.process.stdout.read(wanted)
            if not isinstance(said, dict) or len(answer) < wanted:
                raise ValueError
            return said, answer
        except (OSError, ValueError):
            self.close()
            raise EncoderUnavailable(f"{self.name}: {STOPPED}") from None
        finally:
            guard.cancel()

    def close(self) -> None:
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                try:
                    pipe.close()
                except OSError:
                    pass
        self.process.wait()
        self.folder.cleanup()

    def __del__(self) -> None:
        if hasattr(self, "process"):
            self.close()
