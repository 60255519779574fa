"""What a student who means harm can try in a seat, each by really trying: `python3 adversary.py TRIAL ARGUMENT…`.

Prints how the kernel answered, as JSON: the errno's name, or "done" where it let it happen. A trial that holds
something prints first and lets go at the end of stdin. Standard library only, since a seat has nothing else.
"""

import ctypes
import errno
import fcntl
import json
import mmap
import os
import signal
import socket
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

LIBC = ctypes.CDLL(None, use_errno=True)
CHAT = "/run/chat/chat.sock"
MIB = 1 << 20
# asm/unistd_64.h, or asm-generic/unistd.h for other machines, where glibc has no function.
X86 = os.uname().machine == "x86_64"
CLONE, UNSHARE, SETNS = (56, 272, 308) if X86 else (220, 97, 268)
ADD_KEY, SYSLOG, INIT_MODULE, BY_HANDLE = (248, 103, 175, 304) if X86 else (217, 116, 105, 265)
PERF, BPF, USERFAULTFD = (298, 321, 323) if X86 else (241, 280, 282)
IO_URING, FSOPEN = 425, 430
NEWUSER = 0x10000000  # CLONE_NEWUSER, sched.h
PTRACE_ATTACH = 16


def answer(attempt: Callable[[], object]) -> str:
    """Return the errno's name, or "done"."""
    try:
        attempt()
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, str(error))
    return "done"


def call(number: int, *arguments: Any) -> int:
    """Make a system call. Raises OSError."""
    return checked(LIBC.syscall(number, *arguments))


def checked(result: int) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def in_child(attempt: Callable[[], object]) -> str:
    """Try it in a process of its own, which may lose what it has by it."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(write, answer(attempt).encode())
        os._exit(0)
    os.waitpid(pid, 0)
    os.close(write)
    with open(read) as pipe:
        return pipe.read()


def new_user_by_clone() -> None:
    if call(CLONE, NEWUSER | signal.SIGCHLD, 0, 0, 0, 0) == 0:
        os._exit(0)
    os.wait()


def mount(source: bytes, target: bytes, kind: bytes, flags: int = 0) -> None:
    checked(LIBC.mount(source, target, kind, flags, b""))


def become(*uids: int) -> dict[str, Callable[[], object]]:
    return {f"setresuid {uid}": lambda uid=uid: os.setresuid(uid, uid, uid) for uid in uids}  # type: ignore[misc]


def open_for_writing(path: str) -> None:
    os.close(os.open(path, os.O_WRONLY))


def make(path: str) -> None:
    with open(path, "x"):
        os.unlink(path)


def a_socket(family: int, kind: int, protocol: int = 0) -> None:
    socket.socket(family, kind, protocol).close()


def new_link() -> None:
    """Ask the kernel for a network interface (rtnetlink(7), RTM_NEWLINK of the kind dummy)."""
    kind = b"\x0a\x00\x01\x00dummy\x00\x00\x00"
    info = (len(kind) + 4).to_bytes(2, "little") + (18).to_bytes(2, "little") + kind
    body = bytes(16) + info
    head = (16 + len(body)).to_bytes(4, "little") + (16).to_bytes(2, "little") + (0x605).to_bytes(2, "little")
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as link:
        link.send(head + bytes(8) + body)
        code = int.from_bytes(link.recv(4096)[16:20], "little", signed=True)
    if code:
        raise OSError(-code, os.strerror(-code))


# Each is refused in a seat, and is not in an open container: the test compares the two.
REFUSED: dict[str, Callable[[], object]] = {
    **become(0, 20000, 20002),
    "setgroups": lambda: os.setgroups([0]),
    "chroot": lambda: os.chroot("/"),
    "raise priority": lambda: os.nice(-1),
    "unshare user": lambda: call(UNSHARE, NEWUSER),
    "clone user": new_user_by_clone,
    "unshare mounts": lambda: call(UNSHARE, 0x20000),
    "join a namespace": lambda: call(SETNS, os.open("/proc/1/ns/mnt", os.O_RDONLY), 0),
    "mount": lambda: mount(b"none", b"/mnt", b"tmpfs"),
    "new mount api": lambda: call(FSOPEN, b"tmpfs", 0),
    "remount": lambda: mount(b"none", b"/", b"", 0x20 | 0x1000),
    "bind": lambda: mount(b"/tmp", b"/mnt", b"", 0x1000),
    "write /usr": lambda: make("/usr/adversary"),
    "write /etc": lambda: make("/etc/adversary"),
    "write /": lambda: make("/adversary"),
    "write /dev": lambda: make("/dev/adversary"),
    "write /proc/sys": lambda: open_for_writing("/proc/sys/kernel/core_pattern"),
    "write /sys": lambda: open_for_writing("/sys/class/net/lo/mtu"),
    "block device": lambda: os.mknod("/dev/shm/disk", 0o60600, os.makedev(254, 0)),
    "character device": lambda: os.mknod("/dev/shm/memory", 0o20600, os.makedev(1, 1)),
    "open by handle": lambda: call(BY_HANDLE, -100, ctypes.create_string_buffer(24), 0),
    "kernel log": lambda: call(SYSLOG, 3, ctypes.create_string_buffer(64), 64),
    "kernel module": lambda: call(INIT_MODULE, 0, 0, 0),
    "keyring": lambda: call(ADD_KEY, b"user", b"adversary", b"x", 1, -2),
    "bpf": lambda: call(BPF, 0, 0, 0),
    "perf": lambda: call(PERF, 0, 0, -1, -1, 0),
    "userfaultfd": lambda: call(USERFAULTFD, 0),
    "io_uring": lambda: call(IO_URING, 1, 0),
    "packets": lambda: a_socket(socket.AF_PACKET, socket.SOCK_RAW),
    "raw ip": lambda: a_socket(socket.AF_INET, socket.SOCK_RAW, 1),
    "vsock": lambda: a_socket(getattr(socket, "AF_VSOCK", 40), socket.SOCK_STREAM),
    "new interface": new_link,
    "hostname": lambda: socket.sethostname("adversary"),
}


def refused() -> dict[str, str]:
    return {name: in_child(attempt) for name, attempt in REFUSED.items()}


def privileged_files() -> list[str]:
    """List the programs that give whoever runs them something: set-ID bits and file capabilities, everywhere."""
    found = []
    for folder, folders, names in os.walk("/"):
        folders[:] = [] if folder in ("/proc", "/sys") else folders
        for path in (os.path.join(folder, name) for name in names):
            with suppress(OSError):
                mode = os.lstat(path).st_mode
                has_capability = "security.capability" in os.listxattr(path, follow_symlinks=False)
                if (mode & 0o6000 and mode & 0o111) or has_capability:
                    found.append(path)
    return sorted(found)


def shell(command: str) -> list[Any]:
    """Return the exit status, and all that it printed."""
    done = subprocess.run(["sh", "-c", command], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    return [done.returncode, done.stdout + done.stderr]


def processes(*pids: str) -> dict[str, Any]:
    """Look for others' processes: by /proc, by every number there is, and by the numbers that they have outside."""
    mine = os.getuid()
    owners = {uid for pid in Path("/proc").iterdir() if pid.name.isdigit() and (uid := owner(pid)) is not None}
    most = int(Path("/proc/sys/kernel/pid_max").read_text())
    alive = [pid for pid in range(1, min(most, 1 << 17)) if answer(lambda pid=pid: os.kill(pid, 0)) == "done"]  # type: ignore[misc]
    return {
        "others": sorted(owners - {mine}),
        "strangers": [pid for pid in alive if owner(Path(f"/proc/{pid}")) not in (mine, None)],
        "found": len(alive),
        "outside": [answer(lambda pid=pid: os.kill(int(pid), signal.SIGKILL)) for pid in pids],  # type: ignore[misc]
        "trace": [answer(lambda pid=pid: checked(LIBC.ptrace(PTRACE_ATTACH, int(pid), 0, 0))) for pid in pids],  # type: ignore[misc]
    }


def owner(process: Path) -> int | None:
    try:
        return process.stat().st_uid
    except OSError:
        return None


def reach(path: str) -> str:
    """Connect to a Unix socket; a leading @ stands for the NUL of the abstract namespace."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        return answer(lambda: sock.connect(path.replace("@", "\0", 1) if path[0] == "@" else path))


def reach_port(host: str, port: str) -> str:
    """Connect to a TCP port, or look for a route to it with UDP, which sends nothing (port 9)."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM if port == "9" else socket.SOCK_STREAM) as sock:
        return answer(lambda: sock.connect((host, int(port))))


def listen(name: str) -> None:
    """Listen on an abstract Unix socket and on a TCP port of the loopback; print the port and hold both."""
    with socket.socket(socket.AF_UNIX) as abstract, socket.create_server(("127.0.0.1", 0)) as tcp:
        abstract.bind(f"\0{name}")
        abstract.listen()
        hold(tcp.getsockname()[1])


def open_file(path: str) -> str:
    return answer(lambda: os.close(os.open(path, os.O_RDONLY)))


def room_folder() -> dict[str, str]:
    """Try what would take the class's socket away, or leave something beside it."""
    with socket.socket(socket.AF_UNIX) as sock:
        return {
            "bind beside it": answer(lambda: sock.bind("/run/chat/mine.sock")),
            "leave a file": answer(lambda: make("/run/chat/adversary")),
            "close it": answer(lambda: os.chmod(CHAT, 0)),
            "rename it": answer(lambda: rename_and_back(CHAT)),
            "remove it": answer(lambda: os.unlink(CHAT)),
            "cover it": answer(lambda: mount(b"/tmp", b"/run/chat", b"", 0x1000)),
        }


def rename_and_back(path: str) -> None:
    os.rename(path, f"{path}.old")
    os.rename(f"{path}.old", path)


def fill(path: str) -> int:
    """Write zeros to a file until nothing more is taken, at most 128 MiB; return how many bytes it held."""
    size = 0
    with suppress(OSError), open(path, "xb", buffering=0) as file:
        while size < 128 * MIB:
            size += file.write(bytes(MIB))
    os.unlink(path)
    return size


def long_file(path: str, size: str) -> list[str]:
    """Make a file of that size in the two ways there are."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with open(path, "wb", buffering=0) as file:
        answers = [answer(lambda: file.truncate(int(size))), answer(lambda: os.pwrite(file.fileno(), b"x", int(size)))]
    os.unlink(path)
    return answers


def shout_in_the_log(size: str, last: str) -> str:
    """Write to where the engine logs what PID 1 says, and a last line."""
    with open("/proc/1/fd/1", "wb", buffering=0) as log:
        line = b"x" * 1023 + b"\n"
        return answer(
            lambda: [log.write(line) for _ in range(int(size) // len(line))] + [log.write(f"{last}\n".encode())]
        )


def forks() -> None:
    """Fork until the kernel refuses; hold all of them."""
    children: list[int] = []
    with suppress(OSError):
        while len(children) < 2000:
            if (pid := os.fork()) == 0:
                signal.pause()
            children.append(pid)
    hold(len(children))
    end(children)


def hogs(count: str) -> None:
    """Compute in so many processes, at the highest priority that a seat can have, until the quota has held them."""
    before = throttled()
    subprocess.run(["sudo", "renice", "-n", "-20", "-p", str(os.getpid())], check=True, capture_output=True)
    command = [sys.executable, "-c", "while True: pass"]  # with our own niceness, else we should never run again
    children = [subprocess.Popen(command) for _ in range(int(count))]
    while throttled() == before:
        time.sleep(0.01)
    hold(throttled() - before)
    end([child.pid for child in children])


def throttled() -> int:
    """Return in how many periods the seat's processes have been held, from the cgroup (either version)."""
    for path in ("/sys/fs/cgroup/cpu.stat", "/sys/fs/cgroup/cpu/cpu.stat"):
        with suppress(FileNotFoundError), open(path) as stat:
            return next(int(line.split()[1]) for line in stat if line.startswith("nr_throttled "))
    raise FileNotFoundError("cpu.stat")


def heap() -> Iterator[int]:
    kept = []
    while True:
        kept.append(bytearray(8 * MIB))
        yield 8 * MIB


def page_tables() -> Iterator[int]:
    """One page in each 2 MiB of address space: it takes another page for the table that leads to it."""
    while True:
        area = mmap.mmap(-1, 1 << 30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        area.madvise(mmap.MADV_NOHUGEPAGE)
        for offset in range(0, 1 << 30, 2 * MIB):
            area[offset] = 1
        KEPT.append(area)
        yield 512 * 2 * 4096


def memory_files() -> Iterator[int]:
    while True:
        os.write(os.memfd_create("adversary"), bytes(8 * MIB))
        yield 8 * MIB


def shared_segments() -> Iterator[int]:
    """System V's, marked for removal at once, so that nothing outlives us; a student need not be so kind."""
    LIBC.shmat.restype = ctypes.c_void_p
    while True:
        number = checked(LIBC.shmget(0, 8 * MIB, 0o1600))
        address = LIBC.shmat(number, None, 0)
        LIBC.shmctl(number, 0, None)
        ctypes.memset(address, 1, 8 * MIB)
        yield 8 * MIB


def sockets() -> Iterator[int]:
    while True:
        yield stuffed(*socket.socketpair())


def pipes() -> Iterator[int]:
    while True:
        read, write = os.pipe()
        KEPT.append(read)
        yield stuffed(open(write, "wb", buffering=0))


KEPT: list[Any] = []


def stuffed(end: Any, *other: Any) -> int:
    """Write into it until it takes no more."""
    KEPT.append((end, other))
    os.set_blocking(end.fileno(), False)
    size = 0
    with suppress(BlockingIOError):
        while size < 64 * MIB:
            taken = os.write(end.fileno(), bytes(4096))
            size += taken
    return size


EATERS = {eater.__name__: eater for eater in (heap, page_tables, memory_files, shared_segments, sockets, pipes)}


def eat(kind: str, most: str) -> list[Any]:
    """Have children take memory of a kind, one after the other, till it is `most` MiB; say how that ended, and how far.

    A child that can have no more lets the next one go on; the first one that is killed ends it.
    """
    held, children, ended = 0, list[int](), "all of it"
    while held < int(most) * MIB and ended == "all of it":
        read, write = os.pipe()
        try:
            children.append(os.fork())
        except OSError as error:
            ended = errno.errorcode[error.errno or 0]
            break
        if children[-1] == 0:
            os.close(read)
            eat_in_child(EATERS[kind](), write)
        os.close(write)
        with open(read, "rb", buffering=0) as pipe:
            while held < int(most) * MIB and (size := int.from_bytes(pipe.read(4), "little")):
                held += size
                if os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                    break
        if os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            ended = "killed"
    end(children)
    return [ended, held // MIB]


def eat_in_child(eater: Iterator[int], write: int) -> None:
    """Tell of each piece, by its size, and by a zero that no more can be had; then hold it."""
    Path("/proc/self/oom_score_adj").write_text("1000")  # let nobody else be killed for it
    with suppress(OSError):
        for size in eater:
            os.write(write, max(size, 1).to_bytes(4, "little"))
    os.write(write, bytes(4))
    signal.pause()


# What the kernel counts by user, and so across containers.
BY_USER: dict[str, Callable[[], int]] = {
    "inotify": lambda: checked(LIBC.inotify_init1(0)),
    "queues": lambda: checked(LIBC.mq_open(f"/adversary{len(KEPT)}".encode(), os.O_RDWR | os.O_CREAT, 0o600, None)),
}


def exhaust() -> None:
    """Take all that there is of each, and hold it."""
    answers = {}
    for name, take in BY_USER.items():
        answers[name] = "done"
        while answers[name] == "done" and len(KEPT) < 800:
            KEPT.append(0)
            answers[name] = answer(take)
    hold(answers)
    for queue in Path("/dev/mqueue").iterdir():
        queue.unlink()


def one_of_each() -> dict[str, str]:
    """Take one of each, and give it back."""
    answers = {name: in_child(take) for name, take in BY_USER.items()}
    Path("/dev/mqueue/adversary0").unlink(missing_ok=True)
    return answers


def terminals() -> dict[str, Any]:
    """See which terminals there are, and type into one that is not ours to control, and into our own (TIOCSTI)."""
    _, other = os.openpty()

    def type_into_our_own() -> None:
        os.setsid()
        _, own = os.openpty()
        fcntl.ioctl(own, termios.TIOCSCTTY, 0)
        fcntl.ioctl(own, termios.TIOCSTI, b"x")

    return {
        "terminals": sorted(set(os.listdir("/dev/pts")) - {"ptmx", os.path.basename(os.ttyname(other))}),
        "another": answer(lambda: fcntl.ioctl(other, termios.TIOCSTI, b"x")),
        "own": in_child(type_into_our_own),
    }


class Client:
    """A client of the chat, logged in."""

    def __init__(self, name: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(CHAT)
        self.lines = self.socket.makefile("r", encoding="utf-8", newline="\n")
        self.say(f"{name}\n")

    def say(self, text: str) -> None:
        with suppress(BrokenPipeError):  # turned away already
            self.socket.sendall(text.encode())

    def line(self) -> str:
        """Return the next line, "" at the end."""
        with suppress(ConnectionResetError):
            return self.lines.readline().removesuffix("\n")
        return ""

    def lines_to(self, ending: str) -> list[str]:
        """Return the lines up to the first that ends so."""
        lines = [self.line()]
        while lines[-1] and not lines[-1].endswith(ending):
            lines.append(self.line())
        return lines


def talk() -> str:
    """Have two clients log in, and one hear the other; "" if one of them is turned away."""
    hearer = Client(f"hearer{os.getpid()}")
    hearer.lines_to(" online")  # before the other speaks: who is not in yet hears nothing
    pid = os.fork()
    if pid == 0:  # the hearer reads meanwhile: in a flood, who does not is soon disconnected
        speaker = Client(f"speaker{os.getpid()}")
        if speaker.line().startswith("* welcome"):
            speaker.say("are you there?\n")
        else:  # nobody will speak
            hearer.socket.shutdown(socket.SHUT_RDWR)
        os._exit(0)
    heard = hearer.lines_to(" : are you there?")[-1].partition(" : ")[2]
    os.waitpid(pid, 0)
    return heard


def hear(name: str, ending: str) -> None:
    """Listen until a line ends so; print what was heard."""
    client = Client(name)
    print(json.dumps(client.line()), flush=True)
    hold(client.lines_to(ending))


def say(name: str, texts: str) -> list[str]:
    """Log in and say it, raw; return what the server said to us up to the answer to a last `/who`."""
    client = Client(name)
    client.say("".join(json.loads(texts)))
    client.say("\n/who\n")
    return client.lines_to(")")


def crowd(count: str) -> None:
    """Hold so many connections, as far as one is let; print how many were welcome, and what the others were told."""
    clients = [Client(f"crowd{os.getpid()}-{number}") for number in range(int(count))]
    said = [client.line() for client in clients]
    welcome = [line for line in said if line.startswith("* welcome")]
    hold([len(welcome), sorted({*said} - {*welcome})])


def storm() -> None:
    """Connect and hang up, in eight processes, as fast as it goes, until the end of stdin."""
    children = []
    for _ in range(8):
        children.append(os.fork())
        while children[-1] == 0:
            with suppress(OSError), socket.socket(socket.AF_UNIX) as sock:
                sock.setblocking(False)
                sock.connect(CHAT)
    hold("storm")
    end(children)


def flood() -> None:
    """Say long lines as fast as they are taken, until the end of stdin."""
    while not (client := Client("flood")).line().startswith("* welcome"):
        time.sleep(0.1)
    pid = os.fork()
    while pid == 0:
        client.say(f"{'x' * 4000}\n" * 100)
    hold("flood")
    end([pid])


def forged_credentials(uid: str) -> list[str]:
    """Send our own credentials along, and a neighbour's (unix(7), SCM_CREDENTIALS)."""
    answers = []
    for forged in (os.getuid(), int(uid)):
        credentials = b"".join(number.to_bytes(4, "little") for number in (os.getpid(), forged, os.getgid()))
        ancillary = [(socket.SOL_SOCKET, 2, credentials)]
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(CHAT)
            answers.append(answer(lambda: sock.sendmsg([b"forger\n"], ancillary)))  # noqa: B023
    return answers


def passed_socket(giver: str, taker: str) -> str:
    """Connect as one user, hand the socket to another, and have that one speak. Root alone can play both."""
    ours, theirs = socket.socketpair()
    if os.fork() == 0:
        become(int(giver))[f"setresuid {giver}"]()
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(CHAT)
            socket.send_fds(ours, [b"x"], [sock.fileno()])
        os._exit(0)
    become(int(taker))[f"setresuid {taker}"]()
    _, [received], _, _ = socket.recv_fds(theirs, 1, 1)
    with socket.socket(fileno=received) as sock:
        sock.sendall(b"passed\nwho am I?\n")
        return sock.recv(4096).decode()


def hold(answers: Any) -> None:
    """Print, and wait for the end of stdin."""
    print(json.dumps(answers), flush=True)
    sys.stdin.read()


def end(children: list[int]) -> None:
    for pid in children:
        os.kill(pid, signal.SIGKILL)
    for pid in children:
        os.waitpid(pid, 0)


TRIALS: dict[str, Callable[..., Any]] = {
    trial.__name__: trial
    for trial in (
        *(refused, privileged_files, shell, processes, reach, reach_port, listen, open_file, room_folder),
        *(fill, long_file, shout_in_the_log, forks, hogs, eat, exhaust, one_of_each, terminals),
        *(talk, hear, say, crowd, storm, flood, forged_credentials, passed_socket),
    )
}
if __name__ == "__main__":
    answered = TRIALS[sys.argv[1]](*sys.argv[2:])
    if answered is not None:
        print(json.dumps(answered))
