"""What the check of a demo costs beyond the demo, beside the plain way: one `docker exec` a command.

    python3 -m tests.bench.check_cost [ROUNDS]

The lab must be up. Three things alternate, in one seat: the demo alone, started and ended by a program in there that
takes the time; the check, from outside; and the plain way, from outside too: start the demo, read that it is ready,
`ps`, `kill`, each with a `docker exec`. The check looks for 0.2 s, at some twenty samples; the plain way once.
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable

from checks.demos.promises import PAUSES
from checks.demos.test_demos import PROMISES
from checks.lab.place import Place

DEMO = "zombie"
COMMAND = ["python3", "-P", "-m", f"lab.demos.{DEMO}"]
ALONE = f"""
import subprocess, time
began = time.perf_counter()
demo = subprocess.Popen({COMMAND}, stdout=subprocess.PIPE)
demo.stdout.readline()
demo.terminate()
demo.wait()
print(time.perf_counter() - began)
"""


def seat() -> str:
    """Return the name of a seat's container; the lab must be up."""
    found = subprocess.check_output(
        ["docker", "ps", "--filter", "label=forklab.role=seat", "--format", "{{.Names}}"], text=True
    )
    assert found, "the lab is down: make lab brings it up"
    return min(found.split())


def seconds(act: Callable[[], object]) -> float:
    """Return how long something takes."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def plainly(container: str) -> None:
    """See the zombie as a teacher would without this project."""
    inside = ["docker", "exec", container]
    with subprocess.Popen([*inside, *COMMAND], stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stdout
        pid = demo.stdout.readline().removeprefix("ready pid=").strip()
        rows = subprocess.check_output([*inside, "ps", "-o", "pid,ppid,stat,args", "-p", pid, "--ppid", pid], text=True)
        assert " Z" in rows
        subprocess.run([*inside, "kill", pid], check=True)


def main(rounds: int) -> None:
    container = seat()
    place = Place("seat", f"docker://{container}")
    alone: list[float] = []
    check: list[float] = []
    plain: list[float] = []
    for _ in range(rounds):
        said = subprocess.check_output(["docker", "exec", container, "python3", "-c", ALONE], text=True)
        alone.append(float(said))
        check.append(seconds(lambda: PROMISES[DEMO](place)))
        plain.append(seconds(lambda: plainly(container)))
    own, look = statistics.median(alone), float(PAUSES[0])
    print(f"{rounds} rounds of the demo `{DEMO}`; medians (quartiles)")
    show("the demo alone", alone)
    show(f"the check, which looks for {look:g} s", check)
    show("the plain way, which looks once", plain)
    beyond = [one - own - look for one in check]
    others = [one - own for one in plain]
    show("the check beyond demo and look", beyond)
    show("the plain way beyond the demo", others)
    show("the one by the other", [one / other for one, other in zip(beyond, others, strict=True)], 1, "x")


def show(what: str, values: list[float], scale: float = 1000, unit: str = "ms") -> None:
    """Print a median and its spread."""
    low, middle, high = (scale * value for value in statistics.quantiles(values, n=4))
    digits = 0 if unit == "ms" else 2
    print(f"{what:40} {middle:7.{digits}f} {unit}  ({low:.{digits}f} to {high:.{digits}f})")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
