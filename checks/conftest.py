"""How the checks are told where to look, and where their results go."""

from collections.abc import Generator
from typing import Any, cast

import pytest
from rich.console import Console

from checks.grading.results import Reporter, place_of, result_of
from checks.lab.place import Place

REPORTER = pytest.StashKey[Reporter]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the places as testinfra's URLs, found by label by whoever calls."""
    group = parser.getgroup("forklab")
    group.addoption("--server", metavar="URL", help="the chat server's place")
    group.addoption("--seat", metavar="NAME=URL", action="append", default=[], help="a seat's place; again for each")
    group.addoption("--reports", metavar="FOLDER", default="reports", help="where results.json goes")
    group.addoption("--lab-version", metavar="VERSION", default="", help="what is checked")


def pytest_configure(config: pytest.Config) -> None:
    """Let the process that the workers report to gather the results."""
    if not hasattr(config, "workerinput"):
        config.stash[REPORTER] = Reporter(config)
        config.pluginmanager.register(config.stash[REPORTER])


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Repeat a check for each seat; the demos are shared out among them."""
    seats = seats_of(metafunc.config)
    if "demo" in metafunc.fixturenames:
        demos = list(metafunc.module.PROMISES)
        pairs = [(demo, seats[number % len(seats)]) for number, demo in enumerate(demos) if seats]
        metafunc.parametrize(("demo", "seat"), pairs, ids=[demo for demo, _ in pairs])
    elif "seat" in metafunc.fixturenames:
        metafunc.parametrize("seat", seats, ids=[seat.name for seat in seats])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what there is no place for: a seat alone has no server to look into."""
    if not config.getoption("--server"):
        items[:] = [item for item in items if "server" not in getattr(item, "fixturenames", ())]


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Place:
    """The chat server's container."""
    return Place("server", request.config.getoption("--server"))


@pytest.fixture
def neighbour(seat: Place, request: pytest.FixtureRequest) -> Place:
    """The next seat of the room; with one seat alone, the same."""
    seats = seats_of(request.config)
    names = [other.name for other in seats]
    return seats[(names.index(seat.name) + 1) % len(seats)]


def seats_of(config: pytest.Config) -> list[Place]:
    """Return the seats that the command line names."""
    return [Place(*text.split("=", 1)) for text in config.getoption("--seat")]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Attach the result to the report, in which form a worker can send it."""
    report = yield
    if call.when == "call" or call.excinfo:
        report.user_properties.append(("forklab", [place_of(item), result_of(item, call)]))
    return report


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """Show what could not be run as that, and not as a failure."""
    properties = dict(getattr(report, "user_properties", ()))  # the report of a collection has none
    if "forklab" in properties and cast(list[Any], properties["forklab"])[1]["passed"] is None:
        return "could not run", "-", "COULD NOT RUN"
    return None


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the results, and end with their exit code."""
    if reporter := session.config.stash.get(REPORTER, None):
        reporter.write()
        session.exitstatus = reporter.exit_code


def pytest_terminal_summary(config: pytest.Config) -> None:
    """Show the table."""
    config.stash[REPORTER].show(Console(highlight=False))
