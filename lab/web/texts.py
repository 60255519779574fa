"""What the pages' scripts say, in the visitor's language: they have no sentence of their own."""

from lab.language import tr


def student_texts() -> dict[str, str]:
    """Return the texts of the student's page."""
    return {
        **_of_both(),
        "exercises": tr("Exercises"),
        "processes": tr("Your processes, live"),
        "verdict": tr("The last check"),
        "no_verdict": tr("Nothing was checked yet: type lab check in the terminal."),
        "hand": tr("Raise your hand"),
        "hand_down": tr("Take your hand down"),
        "hand_text": tr("What is it about? (may be empty)"),
        "looking": tr("Somebody looks at this terminal."),
        "allow": tr("Let them type"),
        "disallow": tr("Let them only look"),
        "allowed": tr("They may type."),
        "new_terminal": tr("New terminal"),
        "close_terminal": tr("Close this terminal and end what runs in it"),
        "really_close": tr("End this terminal and what runs in it?"),
        "statement_hint": tr("Choose an exercise on the left to read it; lab start in the terminal begins it."),
    }


def board_texts() -> dict[str, str]:
    """Return the texts of the board."""
    return {
        **_of_both(),
        "seat": tr("seat"),
        "hand": tr("hand"),
        "idle": tr("idle"),
        "hints": tr("hints"),
        "processes": tr("processes"),
        "by_roster": tr("in the roster's order"),
        "by_need": tr("who needs help first"),
        "screen": tr("big screen, without names"),
        "since": tr("since {n} min"),
        "checks": tr("{n} checks"),
        "passed": tr("passed"),
        "at_it": tr("at it"),
        "median": tr("median"),
        "mistake": tr("most frequent mistake"),
        "claimed": tr("passed, says the seat"),
        "proved": tr("passed, says make grade"),
        "disproved": tr("passed, says the seat; not yet, says make grade"),
        "not_begun": tr("not begun"),
        "FULL": tr("FULL"),
        "late": tr("late"),
        "down": tr("down"),
        "take_down": tr("seen to: take the hand down"),
        "no_terminal": tr("The student has no page open with a terminal."),
        "no_names": tr("Big screen: terminals are not shown, since a prompt has the seat's name."),
        "over": tr("This terminal has ended, or the student's page has been closed."),
        "looks_on": tr("You look on; the student's page says so."),
        "may_type": tr("The student lets you type."),
        "close": tr("Close"),
        "no_watch": tr("The processes are not seen at the moment: watch is not running."),
    }


def _of_both() -> dict[str, str]:
    return {
        "connecting": tr("no connection: trying again …"),
        "ended": tr("The terminal has ended. Press Enter for a new one."),
        "gone": tr("This link is no longer valid: ask your teacher for the new one."),
    }
