"""`python3 -m lab.watch [--socket PATH]`: see the package's docstring; `--ask` instead asks the one that runs.

Exit status: 0 after a signal, or when asked and it answers; 1 if it cannot begin, or does not answer.
"""

import argparse
import gc
import json
import resource
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from lab.chat.listener import Listener, PathError
from lab.language import tr
from lab.signals import as_by_default
from lab.watch.server import Server, watch_signals
from lab.watch.whose import FOLDER, SOCKET, Containers, NoVolumeError

SOCKET_MODE = 0o666  # the folder is a volume that only who may read it has
ANSWER_SECONDS = 3.0


def main(argv: Sequence[str] | None = None) -> int:
    """Watch, or ask."""
    parser = argparse.ArgumentParser(prog="lab.watch", description="every seat's processes, live, as lines of JSON")
    parser.add_argument("--socket", metavar="PATH", type=Path, default=Path(SOCKET))
    parser.add_argument("--ask", action="store_true", help="tell by the exit status whether one that runs answers")
    options = parser.parse_args(argv)
    return ask(options.socket) if options.ask else watch(options.socket)


def watch(path: Path) -> int:
    """Serve frames until a signal."""
    as_by_default()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # one for each process of a seat
    stop = watch_signals()
    try:
        whose = Containers().seat_of
        listener = Listener(path, SOCKET_MODE)
    except NoVolumeError:
        return fail(
            tr("the volume `watch` of a lab is not mounted on {folder}: it tells whose seats are ours", folder=FOLDER)
        )
    except PathError as error:
        return fail(str(error))
    try:
        server = Server(listener, whose, stop)
        gc.freeze()  # what is there now is there to the end
        server.run()
    finally:
        listener.close()
    return 0


def fail(sentence: str) -> int:
    """Say why there is nothing to watch."""
    print(f"watch: {sentence}", file=sys.stderr)
    return 1


def ask(path: Path) -> int:
    """Tell whether there is one that answers with a frame."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as end:
        end.settimeout(ANSWER_SECONDS)
        try:
            end.connect(str(path))
            with end.makefile("rb") as lines:
                return 0 if "seats" in json.loads(lines.readline()) else 1
        except (OSError, ValueError):
            return 1


if __name__ == "__main__":
    sys.exit(main())
