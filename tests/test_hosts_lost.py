"""What of a room is brought elsewhere when its host is lost, what is left there, and for which seats a host is fit."""

from pathlib import Path

import pytest

from lab.host.hosts import fence, fitness
from lab.host.hosts.fence import Left
from lab.host.hosts.fitness import Need, Seen
from lab.host.keeping import moving, snapshots
from lab.host.step import step

GIB = 2**30


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(snapshots, "FOLDER", tmp_path)
    monkeypatch.setattr(fence, "NOTES", tmp_path / "left")
    return tmp_path


def taken(folder: Path, *reasons: str) -> list[str]:
    """Make a seat's snapshots, a minute apart; return their names."""
    (folder / "li").mkdir()
    names = [f"2026-11-24T{number // 60:02}-{number % 60:02}-00Z-{reason}" for number, reason in enumerate(reasons)]
    for name in names:
        (folder / "li" / f"{name}.tar.gz").touch()
    return names


@pytest.mark.parametrize(
    ("reasons", "meant", "last"),
    [
        (["hand", "round", "round"], 0, 2),
        (["round", "round"], 1, 1),
        (["hand", "round", "left"], 0, 1),
        (["hand", "round", "factory"], 2, 2),
        (["round", "interrupted"], 0, 0),
        (["left"], None, None),
        ([], None, None),
    ],
)
def test_what_an_undo_means_and_what_a_lost_home_was_last(
    reasons: list[str], meant: int | None, last: int | None, folder: Path
) -> None:
    names = taken(folder, *reasons)
    for found, wanted in ((snapshots.newest("li"), meant), (snapshots.last("li"), last)):
        assert (found and found.name) == (None if wanted is None else names[wanted])


def test_what_was_put_back_is_what_a_lost_home_was_last(folder: Path) -> None:
    names = taken(folder, "imported", "import")
    snapshots.intend(snapshots.named("li", names[0]), begun=True)
    assert snapshots.last("li") == snapshots.named("li", names[0])  # it may be half of it only
    snapshots.put("li")
    assert snapshots.pending("li") is None
    assert snapshots.last("li") == snapshots.named("li", names[0])
    (folder / "li" / "2026-11-25T00-00-00Z-round.tar.gz").touch()
    assert snapshots.last("li") == snapshots.named("li", "2026-11-25T00-00-00Z-round")


def test_rounds_are_kept_for_themselves(folder: Path) -> None:
    names = taken(folder, "hand", *["round"] * (snapshots.KEPT + 2))
    snapshots._remove_old("li")
    assert [snapshot.name for snapshot in snapshots.listed("li")] == [names[0], *names[3:]]


def test_from_when_homes_are(folder: Path) -> None:
    taken(folder, "hand", "round", "round", "round")
    times = [snapshot.when for snapshot in snapshots.listed("li")]
    together = list(moving._of_when({"li": times[0], "wu": times[2]}))
    assert len(together) == 1
    assert together[0].startswith("2 homes are as they were at 2026-11-2")
    apart = list(moving._of_when({"li": times[0], "wu": times[3]}))
    assert [sentence.split()[0] for sentence in apart] == ["li", "wu"]


def test_what_has_not_all_arrived_goes_on_to_another_host(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that is lost while it is being moved to: what was packed is newer than any snapshot."""
    for name in ("FOLDER", "HALF"):
        monkeypatch.setattr(moving, name, folder / name)
    monkeypatch.setattr(moving, "GENERATED", folder)
    taken(folder, "round")
    (folder / "FOLDER").mkdir()
    (folder / "FOLDER" / "li.tar.gz").write_text("packed")
    (folder / "FOLDER" / moving.MANIFEST).write_text('{"to": ["lab@south"], "homes": {"li": 20001}}')
    with step("pack") as current:
        moving.pack_kept(current, "lab@east")
    assert (folder / "FOLDER" / "li.tar.gz").read_text() == "packed"
    assert moving._manifest() == {"to": ["lab@south", "lab@east"], "homes": {"li": 20001}}
    assert not list((folder / "FOLDER").glob("*.part"))


def test_what_is_left_is_noted() -> None:
    assert fence.noted() == []
    north, south = Left("north", "north", lost=True), Left("lecture", "south")
    for left in (north, south, north):
        left.note()
    assert fence.noted() == [south, north]
    north.settle()
    north.settle()
    assert fence.noted() == [south]


GOOD = Seen("1.45", "26.1.5", "x86_64", 2 * GIB, 10 * GIB)
NEED = Need(30, GIB, "x86_64")


@pytest.mark.parametrize(
    ("seen", "need", "said"),
    [
        (GOOD, NEED, []),
        (Seen("1.45", "26.1.5", "x86_64", 2 * GIB, None), NEED, []),
        (
            Seen("1.41", "20.10.24", "x86_64", 2 * GIB, 10 * GIB),
            NEED,
            ["its engine is 20.10.24, and 25 or later is needed: "],
        ),
        (Seen("1.45", "26", "aarch64", 2 * GIB, 10 * GIB), NEED, ["it is aarch64, and the images are for x86_64: "]),
        (
            GOOD,
            Need(40, 0, "x86_64"),
            ["it has 2 GiB of memory, and 40 seats take 2.25 GiB: say seats = 32 in hosts.toml"],
        ),
        (
            Seen("1.45", "26", "x86_64", 2 * GIB, 2**20, ("pids",)),
            NEED,
            ["its kernel keeps no limits of pids: ", "1 MiB of its disk are free, and 1.29 GiB are needed: "],
        ),
    ],
)
def test_in_what_a_host_falls_short(seen: Seen, need: Need, said: list[str]) -> None:
    found = list(fitness.short_of(seen, need))
    assert [sentence.startswith(start) for sentence, start in zip(found, said, strict=True)] == [True] * len(said), (
        found
    )


def test_what_is_free_by_df() -> None:
    table = "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/x 100 40 60 40% /\n"
    assert fitness._free(table) == 60 * 1024
    for nothing in (None, "", "df: no such file\n"):
        assert fitness._free(nothing) is None
