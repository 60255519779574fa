"""`make soak` for two seconds; and that what it is there to notice is noticed."""

import json
from pathlib import Path

import pytest

from tests.bench.soak import Classroom, accounts, growth, soak
from tests.bench.soak_plot import Sample, plot
from tests.chat_room import served


@pytest.fixture(scope="module")
def soaked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Classroom, list[Sample], Path]:
    folder = tmp_path_factory.mktemp("soak")
    with served(folder / "s", f"--transcript={folder / 't'}") as server:
        room, samples = soak(server, 6, 2.0, seed=1)
        assert server.stop() == 0
    return room, samples, folder / "t"


def test_every_line_is_accounted_for_and_nothing_stays_open(soaked: tuple[Classroom, list[Sample], Path]) -> None:
    room, samples, transcript = soaked
    assert accounts(room, transcript) == []
    assert samples[-1].descriptors == samples[0].descriptors < samples[1].descriptors
    assert samples[-1].workers == 0
    assert sum(room.faults.values()) >= 3
    assert len(room.past) >= 6
    assert sum(one.said for one in room.past) > 1000
    assert plot(samples).count("<path") == 6


@pytest.mark.parametrize("harm", ["lost", "twice", "swapped"])
def test_a_transcript_that_is_not_what_was_heard_is_noticed(
    soaked: tuple[Classroom, list[Sample], Path], tmp_path: Path, harm: str
) -> None:
    room, _, transcript = soaked
    lines = transcript.read_text(encoding="utf-8").splitlines()
    messages = [number for number, line in enumerate(lines) if json.loads(line)["event"] == "message"]
    one = messages[len(messages) // 2]
    other = next(at for at in messages if at > one and json.loads(lines[at])["name"] != json.loads(lines[one])["name"])
    if harm == "swapped":
        lines[one], lines[other] = lines[other], lines[one]
    else:
        lines[one : one + 1] = [lines[one]] * (2 if harm == "twice" else 0)
    (tmp_path / "t").write_text("\n".join(lines), encoding="utf-8")
    assert accounts(room, tmp_path / "t")


def test_what_grows_is_noticed() -> None:
    flat = [Sample(float(at), 5000, 20, 5) for at in range(30)]
    flat[0] = Sample(0.0, 4000, 10, 0)
    assert growth([*flat, Sample(30.0, 5000, 10, 0)]) == []
    assert growth([*flat, Sample(30.0, 5000, 11, 0)]) == ["11 descriptors are open after all have left"]
    grown = flat[:1] + [Sample(float(at), 5000 + 100 * at, 20, 5) for at in range(30)]
    assert growth([*grown, Sample(30.0, 5000, 10, 0)])[0].startswith("memory grew from ")
