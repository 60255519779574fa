"""What `--calls` adds: strace, beside the recording, that follows the command and writes down its calls.

It is a child of the recording's process, not of the leader: nothing of it is in the command's family. The command's
process waits before its exec until it is followed (`leader`), so that its own first call is seen. What strace writes
comes through a named pipe, which ends when it does; what it complains of is asked for only where it fails.
"""

import os
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from lab.language import tr
from lab.trace.calls import parse
from lab.trace.history import Calls
from lab.trace.job import NotTracedError
from lab.trace.relay import Capture, Pump

WAITED_FOR = ("wait4", "waitid", "clone", "clone3", "fork", "vfork", "execve", "execveat", "exit", "exit_group")
SENT = ("kill", "tkill", "tgkill", "pidfd_send_signal", "rt_sigqueueinfo", "rt_tgsigqueueinfo")
AWAITED = ("rt_sigaction", "rt_sigsuspend", "rt_sigtimedwait", "pause", "setpgid", "setsid")
FOLLOWED = ",".join(f"?{name}" for name in WAITED_FOR + SENT + AWAITED)  # ?: not every machine has all
OPTIONS = ("-f", "-ttt", "-T", "-s", "200", "-e", f"trace={FOLLOWED}", "-e", "signal=all")
PATIENCE = 10.0  # seconds
PAUSE = 0.002  # seconds between two looks whether it follows
KEPT = 64 * 1024 * 1024  # bytes of what it writes


class Strace:
    """The strace of one command. `pump` carries what it writes, and has no source any more once it has ended."""

    def __init__(self) -> None:
        if shutil.which("strace") is None:
            raise NotTracedError(tr("--calls needs strace, which is not here; install it, or trace without --calls"))
        self.written = tempfile.TemporaryFile()  # noqa: SIM115 (ours to the end)
        self.complaints = tempfile.TemporaryFile()  # noqa: SIM115
        self.process: subprocess.Popen[bytes] | None = None
        self.left_out = False
        capture = Capture()
        capture.heed = self.keep
        self.folder = Path(tempfile.mkdtemp(prefix="lab-trace-"))
        os.mkfifo(self.folder / "calls")
        self.pump = Pump(os.open(self.folder / "calls", os.O_RDONLY | os.O_NONBLOCK), None, capture)

    def keep(self, data: bytes) -> None:
        """Keep what it has written, up to a limit."""
        self.left_out = self.left_out or self.written.tell() + len(data) > KEPT
        if not self.left_out:
            self.written.write(data)

    def follow(self, pid: int) -> None:
        """Follow a process from now on. Raises NotTracedError."""
        try:
            self.process = subprocess.Popen(
                ["strace", *OPTIONS, "-o", str(self.folder / "calls"), "-p", str(pid)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self.complaints,
                start_new_session=True,
                env={**os.environ, "LC_ALL": "C"},
            )
            self.wait_until_it_follows(self.process)
        finally:
            shutil.rmtree(self.folder)

    def wait_until_it_follows(self, process: subprocess.Popen[bytes]) -> None:
        """Return when it has said that it follows. Raises NotTracedError."""
        deadline = time.monotonic() + PATIENCE
        while b"attached" not in self.complained():
            if process.poll() is not None or time.monotonic() > deadline:
                why = self.complained().decode(errors="replace").strip().rpartition("\n")[2]
                self.close()
                raise NotTracedError(tr("strace cannot follow the program here: {why}", why=why or "?"))
            time.sleep(PAUSE)

    def complained(self) -> bytes:
        """Return the beginning of what it has said for itself."""
        return os.pread(self.complaints.fileno(), 4096, 0)

    def drain(self) -> None:
        """Take the last of what it writes; the command and its descendants have ended, and so it ends."""
        deadline = time.monotonic() + PATIENCE
        while self.pump.source is not None and (left := deadline - time.monotonic()) > 0:
            if select.select([self.pump.source], [], [], left)[0]:
                self.pump.step()

    def calls(self, pid: int, began: float) -> Calls:
        """Return what it has seen of a command that began then, in seconds since the epoch."""
        self.drain()
        is_complete = self.close() == 0 and not self.left_out
        self.written.seek(0)
        return parse(self.lines(), pid, began, is_complete)

    def lines(self) -> Iterator[str]:
        """Yield what it has written."""
        for line in self.written:
            yield line.decode(errors="replace").rstrip("\n")

    def close(self) -> int:
        """End it, should it still be there, and return its exit status."""
        if self.process is None:
            return -1
        try:
            return self.process.wait(PATIENCE if self.pump.source is None else 0)
        except subprocess.TimeoutExpired:
            self.process.terminate()
            return self.process.wait()
