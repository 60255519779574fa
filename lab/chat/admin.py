"""The administrator's tool: `chat-admin say TEXT`, `chat-admin who`, `chat-admin kick NAME`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from lab.chat.connection import Connection
from lab.chat.listener import PathError
from lab.chat.paths import add_socket_options, admin_path
from lab.chat.protocol import ERROR
from lab.chat.streams import open_streams
from lab.language import tr


def ask(path: Path, request: str) -> str:
    """Return the server's answer to one request. Raises PathError if nobody answers there."""
    connection = Connection(path)
    connection.send(request)
    answer = connection.next_line()
    connection.close()
    if answer is None:
        raise PathError(tr("{path} was closed without an answer; try again", path=path))
    return answer


def main(argv: Sequence[str] | None = None) -> int:
    """Return 0 if the server did it, 1 if it said no or is not there, 2 for a wrong command line."""
    open_streams()
    options = _parser().parse_args(argv)
    request = " ".join([options.verb, *getattr(options, "words", [])])
    if "\n" in request:
        print(tr("chat-admin: one line at a time"), file=sys.stderr)
        return 2
    try:
        answer = ask(admin_path(options), request)
    except PathError as error:
        print(f"chat-admin: {error}", file=sys.stderr)
        return 1
    if not answer.startswith(ERROR):
        print(answer)
        return 0
    print(f"chat-admin: {answer.removeprefix(ERROR)}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="chat-admin", description=tr("administer the chat room"))
    add_socket_options(parser, admin=True)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    say = verbs.add_parser("say", help=tr("say TEXT: a message to everyone online"))
    say.add_argument("words", nargs="+", metavar="TEXT")
    verbs.add_parser("who", help=tr("who is online, and in which seat"))
    kick = verbs.add_parser("kick", help=tr("kick NAME: disconnect that client"))
    kick.add_argument("words", nargs=1, metavar="NAME")
    return parser


if __name__ == "__main__":
    sys.exit(main())
