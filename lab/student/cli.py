"""`lab`, the command that a student types.

A command is a function that takes the words after its name and returns the exit status: 0, or what it ran says; 2 with
one sentence on stderr where the words make no sense. To add one: write it, and name it in COMMANDS and in `usage`.
"""

import ast
import importlib
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from lab import demos
from lab.language import chosen, speak_utf8, tr
from lab.student.program import become
from lab.student.usage import UsageError, find

Command = Callable[[Sequence[str]], int]
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that the first word names, and return the exit status."""
    speak_utf8()
    words = sys.argv[1:] if argv is None else argv
    try:
        match words:
            case []:
                from lab.student import coursework  # in here, as the other imports of what one command needs

                print(coursework.where(), end="\n\n")
                print(usage())
                return 0
            case ["-h" | "--help" | "help"]:
                print(usage())
                return 0
            case [name, *rest]:
                return COMMANDS[find(name, COMMANDS, tr("command"), "lab")](rest)
    except (UsageError, OSError) as error:  # such as a home that is full
        print(error, file=sys.stderr)
    except KeyboardInterrupt:
        print()
        return 130
    return 2


def usage() -> str:
    """Return the help: one screen."""
    return tr(
        "lab: what you can do in this lab\n"
        "\n"
        "  lab list                  the exercises, and which are passed\n"
        "  lab show N                what exercise N asks for: a number or a name\n"
        "  lab start N               begin it: a skeleton in ~/work\n"
        "  lab check [N]             is it right? asked of the kernel\n"
        "  lab watch N               check again at every change, until it passes\n"
        "  lab hint N                one more hint each time; lab hint --again N\n"
        "  lab hand [TEXT]           raise your hand for the teacher; lab hand --down\n"
        "\n"
        "  lab demo                  list the course's programs\n"
        "  lab demo NAME [ARG ...]   say what one shows, and run it\n"
        "  lab demo --source NAME    print it\n"
        "  lab trace CMD ...         run a program and draw every state it goes through\n"
        "\n"
        "For example: lab show 8   lab demo zombie   lab trace lab demo wait"
    )


def demo(words: Sequence[str]) -> int:
    """List the demos, run one, or print its source."""
    match words:
        case []:
            print(list_of_demos())
        case ["--source", word]:
            print(source(find_demo(word)), end="")
        case [word, *arguments] if not word.startswith("-"):
            run(find_demo(word), arguments)
        case _:
            raise UsageError(tr("use: lab demo [NAME [ARG ...]], lab demo --source NAME"))
    return 0


def find_demo(word: str) -> str:
    """Return the name of the demo that the word stands for."""
    return find(word, demos.DEMOS, tr("demo"), "lab demo")


def list_of_demos() -> str:
    """Return a line for each demo, in the order of the course."""
    width = max(map(len, demos.DEMOS))
    return "\n".join(f"{name:{width}}  {explanation(name).partition(chr(10))[0].rstrip('.。')}" for name in demos.DEMOS)


def run(name: str, arguments: Sequence[str]) -> NoReturn:
    """Explain the demo, then become it, so that the process tree holds it and nothing of `lab`."""
    print(explanation(name), end="\n\n")
    if "ready pid=" in source(name):
        print(tr('N is the number after "ready"; Ctrl-C ends it.'), end="\n\n")
    become(f"lab.demos.{name}", *arguments)


def explanation(name: str) -> str:
    """Return the half of the demo's docstring that is in the student's language; the Chinese one comes second."""
    paragraphs = (ast.get_docstring(ast.parse(source(name))) or "").split("\n\n")
    turn = next(number for number, paragraph in enumerate(paragraphs) if CHINESE.search(paragraph))
    return "\n\n".join(paragraphs[turn:] if chosen().startswith("zh") else paragraphs[:turn])


def source(name: str) -> str:
    """Return the text of a demo."""
    return (Path(demos.__file__).parent / f"{name}.py").read_text(encoding="utf-8")


def trace(words: Sequence[str]) -> int:
    """Run a program and show its states."""
    from lab.trace import cli  # the other commands need not wait for it to load

    return cli.main(words)


def hand(words: Sequence[str]) -> int:
    """Raise the hand, or take it down."""
    from lab.student import board

    return board.hand(words)


def coursework(name: str) -> Command:
    """Return a command of lab/student/coursework.py, which is loaded only when it is called."""

    def command(words: Sequence[str]) -> int:
        module = importlib.import_module("lab.student.coursework")
        done: int = getattr(module, name)(words)
        return done

    return command


COMMANDS: dict[str, Command] = {
    "list": coursework("listing"),
    "show": coursework("show"),
    "start": coursework("start"),
    "check": coursework("check"),
    "watch": coursework("watch"),
    "hint": coursework("hint"),
    "hand": hand,
    "demo": demo,
    "trace": trace,
}

if __name__ == "__main__":
    sys.exit(main())
