"""A warm `make lab` (images built, lab down) beside a bare `docker compose up -d --wait` of the same file.

python3 -m tests.bench.warm_up [ROUNDS]
"""

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROJECT = "forklab-bench"
BARE = ("docker", "compose", "up", "--detach", "--wait")
MAKE = ("make", "lab")


def seconds(*command: str) -> float:
    """Return how long a command takes from a lab that is down."""
    run("docker", "compose", "down")
    began = time.monotonic()
    run(*command)
    return time.monotonic() - began


def run(*command: str) -> None:
    environment = {**os.environ, "COMPOSE_PROJECT_NAME": PROJECT}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)


def main() -> None:
    """Alternate the two, and print the ratio of each round."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    run("make", "images")
    try:
        pairs = [(seconds(*BARE), seconds(*MAKE)) for _ in range(rounds)]
    finally:
        run("docker", "compose", "down", "--volumes")
    bare, made = zip(*pairs, strict=True)
    ratios = sorted(make / compose for compose, make in pairs)
    print(f"bare compose {statistics.median(bare):.2f} s ({min(bare):.2f}–{max(bare):.2f})")
    print(f"make lab     {statistics.median(made):.2f} s ({min(made):.2f}–{max(made):.2f})")
    print(f"ratio        {statistics.median(ratios):.2f} ({ratios[0]:.2f}–{ratios[-1]:.2f}), {rounds} rounds")


if __name__ == "__main__":
    main()
