"""What is said in the room, by whom, and how long it is waited for: what the scenes say, and the rules look for."""

import re

from lab.exercises.chat_room.values import ADMINISTRATORS, NOTICES

SLUG = "chat-room"
SOCKET = "chat-room.sock"
NAMES = ["张三", "mary", "李四", "tom", "小红", "anna", "王五", "peter"]
LATER = ["zoe", "ma", "otto"]  # who come when these are there; one name is a part of another
SLEEPER = "sleeper"
ME_TOO = "perhaps"  # what says who was refused, which may be a name then
EVERYBODY = [*NAMES, *LATER, SLEEPER, ME_TOO]
TWINS = ("twin", "again")  # who come, one after the other, under a name that is taken
PATIENCE = 2.5  # seconds: a deadline for a line that never comes
LATE = 1.0  # for one that comes later than that
FLOOD, FILLING = 500, "x" * 500  # lines of it; a socket's buffer takes 208 KiB, socket(7)
AHEAD = 8  # lines that are said before they are heard
ROOMY = 100  # lines of it that a socket holds in any case
FLOOD_PATIENCE = 10.0  # seconds, for all of it
CONNECT = "connect"
BURIAL = 0.5  # seconds in which a zombie must be reaped
TYPED = ("class begins", "class ends")
MEANWHILE = "go on behind"  # what another has said of a line
ASIDE = "who is it?"  # while another has said half its name
NEVER_MIND = "never mind"  # when one has left who had no name
CUT = "a 字 in two"  # a line that comes in two parts, cut in the middle of a character
WORDS = {word for pair in NOTICES for word in pair}
ADMINISTRATOR = re.compile(rf"({'|'.join(ADMINISTRATORS)})\d{{1,2}} : ")  # some seat's


def is_welcome(line: str) -> bool:
    """Tell whether a line says that a login was accepted."""
    return line.startswith("* welcome")


def is_answer(line: str) -> bool:
    """Tell whether a line says what became of a login."""
    return is_welcome(line) or line.startswith("* error")


def is_notice(line: str, name: str) -> bool:
    """Tell whether a line says something about one, and is no message."""
    return line.startswith(f"{name} ") and not line.startswith(f"{name} : ")
