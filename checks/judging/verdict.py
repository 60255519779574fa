"""What a check may come to besides "passed": wrong, or not to be had."""


class Wrong(Exception):  # noqa: N818 - it is a verdict, not a fault of the program
    """What was seen is not what was promised."""

    def __init__(
        self, rationale: str, *, advice: str = "", expected: object = "", actual: object = "", rows: str = ""
    ) -> None:
        """`rationale` is one sentence; `rows` is what was seen, as ps or the timeline shows it."""
        super().__init__(rationale)
        self.rationale = rationale
        self.advice = advice
        self.expected = str(expected)
        self.actual = str(actual)
        self.rows = rows


class CouldNotRunError(Exception):
    """The place of the check could not be reached, or the check ended half-way: nobody's fault who is checked."""
