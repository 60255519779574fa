"""What is said in the room, for how long it is waited for, and what a line says."""

import re

from lab.exercises.chat_client.values import ANSWERS

SLUG = "chat-client"
ROOM = 3.0  # seconds for the room's server to answer
STARTED = 60.0  # for the program to be started, on a machine that is very busy
LOGIN = 6.0  # for it to log in: a deadline for one that never does
ANSWER = 3.0  # for its answer
LATE = 1.0  # for one that comes later than it may
MORE = 0.3  # once there was an answer: for one too many
ROLES = ("李四", "passer", "comer")  # who asks is to be answered by a name that is not ASCII
STRADDLED = 490  # bytes before the question: multiples of 100, and of 128 and 256, are within its line
OURS = re.compile(rf"({'|'.join(ROLES)})-[0-9a-f]+$")  # a client of this check, or of a classmate's
SEAT = re.compile(rf"({'|'.join(ANSWERS)}) \d{{3}}$")  # an answer of some seat's


def concerns(line: str, name: str, *ours: str) -> bool:
    """Tell whether a line is the server's own, a login, or from or about one of these."""
    return line.startswith(("* ", f"{name} ")) or is_login(line) or any(own in line for own in ours)


def is_login(line: str) -> bool:
    """Tell whether somebody has come."""
    return line.endswith(" login") and " : " not in line


def is_listed(line: str, name: str) -> bool:
    """Tell whether a name is in the answer to /who, where its seat may stand behind it."""
    return re.search(rf"(: |, ){re.escape(name)}( \(|, |$)", line) is not None


def answers(heard: list[str], *askers: str) -> list[tuple[str, str, str]]:
    """Return who has said what to those who asked, and to whom: name, text, asker."""
    found = (re.fullmatch(rf"(\S+) : ({'|'.join(map(re.escape, askers))}), (.*)", line) for line in heard)
    return [(match[1], match[3], match[2]) for match in found if match and match[1] not in askers]
