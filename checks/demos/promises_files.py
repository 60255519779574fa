"""Promises of the demos of files and sockets: what a type letter is, and a door that is a file."""

import shlex

from checks.demos.promises import PAUSE, Seen, watched
from checks.lab.place import Place

ANSWER = "收到消息"
# The second client comes when the first has been answered and stays. It waits for an answer for some seconds, and then
# once more when the first has left. Arguments: the socket, those seconds.
CLIENTS = """
import socket, sys
def client():
    end = socket.socket(socket.AF_UNIX)
    end.settimeout(5)
    end.connect(sys.argv[1])
    end.sendall(b"hello\\n")
    return end
def answer(end):
    try:
        return end.recv(100).decode().strip()
    except TimeoutError:
        return "no answer"
first = client()
print("first:", answer(first))
second = client()
second.settimeout(float(sys.argv[2]))
print("second:", said := answer(second))
first.close()
second.settimeout(5)
if said == "no answer":
    print("second, alone:", answer(second))
"""
TWO_CLIENTS = f"python3 -P -c {shlex.quote(CLIENTS)}"
# One client types a line when it has connected, waits, and types its end-of-file. The pipe is its keyboard.
CLIENT = """
mkfifo "$TMPDIR/keyboard"
python3 -P -m lab.demos.local_client < "$TMPDIR/keyboard" | {
  exec 3> "$TMPDIR/keyboard"
  echo hello >&3
  read -r answer
  echo "$answer"
  sleep "$pause"
  exec 3>&-
  cat
}
rm "$TMPDIR/keyboard"
"""


def file_types(seat: Place) -> None:
    """A block and a character device of /dev, if there are any, and one of each other type, removed in the end."""
    look = f'{PAUSE}; stat -c \'%A %n\' /dev/* "$TMPDIR"/* "$TMPDIR"/*/*'
    with watched(seat, "file_types", look=look) as seen:
        seen.is_alone()
        seen.shows(seen.root, "S", "it waits for a signal")
        shown = [line for line in seen.said if not line.startswith(("ready", "exit="))]
        letters = "".join(line[0] for line in shown)
        if sorted(letters) != sorted("bcd-lsp" + "d"):  # the folder itself, and the one in it
            raise seen.wrong("not each type is shown once", expected="bcd-lsp", actual="\n".join(shown))
        absent = set("bc") - {line[0] for line in seen.looked if " /dev/" in line}
        if lies := [line for line in shown if line not in seen.looked and line[0] not in absent]:
            raise seen.wrong("a file is not what it is shown as", expected="\n".join(seen.looked), actual=lies[0])


def local_server(seat: Place) -> None:
    """A parent and its child sleep; the child answers one client, and the next when that one has left."""
    look = f'{PAUSE}; ls -l "$TMPDIR"; {TWO_CLIENTS} "$TMPDIR/local.sock" 0.3'
    with watched(seat, "local_server", look=look) as seen:
        child = seen.only_child()
        seen.shows(seen.root, "S", "it waits for the end")
        seen.shows(child, "S", "accept sleeps until a client comes")
        is_socket(seen, "local.sock")
        said = [line for line in seen.looked if line.startswith(("first", "second"))]
        wanted = [f"first: {ANSWER}", "second: no answer", f"second, alone: {ANSWER}"]
        if said != wanted:
            raise seen.wrong("the clients were not served one after the other", expected=wanted, actual=said)
        seen.no_zombie()


def is_socket(seen: Seen, name: str) -> None:
    """See the type letter that `ls -l` gives the socket file."""
    rows = [line for line in seen.looked if line.endswith(f" {name}")]
    if not rows or not rows[0].startswith("s"):
        raise seen.wrong(f"{name} is no socket file", expected="s", actual="\n".join(seen.looked))


def local_client(seat: Place) -> None:
    """A client sleeps while nobody types, prints the answer to a line, and ends with its input."""
    with watched(seat, "local_server", look=CLIENT, of="local_client") as seen:
        seen.is_alone()
        if list(seen.looked) != [ANSWER]:
            raise seen.wrong("the client did not print the answer", expected=ANSWER, actual="\n".join(seen.looked))
        seen.shows(seen.root, "S", "nobody types")
