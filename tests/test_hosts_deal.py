"""What hosts.toml may be, and who is dealt into which room."""

from pathlib import Path

import pytest

from lab.host.command import LabError
from lab.host.enrolment import roster
from lab.host.enrolment.roster import Seat
from lab.host.hosts import capacity, inventory
from lab.host.hosts.capacity import Holds
from lab.host.hosts.deal import Deal, Room, newcomers
from lab.host.hosts.deal import deal_out as deal_by
from lab.host.hosts.inventory import Host
from lab.host.hosts.rooms import command

GOOD = """[[host]]
name = "north"
address = "192.0.2.7"
user = "lab"
port = 2200
seats = 30

[[host]]
name = "south"
seats = 8
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "hosts.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_hosts_and_what_they_need_not_say(tmp_path: Path) -> None:
    north, south = inventory.read(written(tmp_path, GOOD))
    assert north == Host("north", 30, "192.0.2.7", "lab", 2200)
    assert south == Host("south", 8, "south")
    assert (north.where, south.where) == ("-p 2200 lab@192.0.2.7", "south")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('"north"', '"North"', "line 2: its name is to be a small letter"),
        ('name = "north"\n', "", "line 1: its name is to be a small letter"),
        ("seats = 8", "seats = 0", "line 10: at most it holds 1 to 999 seats: seats = 30; without that line "),
        ("seats = 8", "seats = true", "line 10: at most it holds"),
        (
            "seats = 8",
            "seats = 8\nmemory = 4",
            "line 11: a host has no 'memory'; it has name, seats, address, user, port",
        ),
        ('"south"', '"north"', "line 9: north is already the host of line 1"),
        (
            "seats = 8",
            'seats = 8\naddress = "192.0.2.7"\nport = 2200',
            "line 11: the address is already that of line 1",
        ),
        ('"lab"', '"-oProxyCommand=x"', 'line 4: this is no user: user = "lab"'),
        ('"192.0.2.7"', '""', 'line 3: this is no address: address = "192.0.2.7"'),
        ("2200", "70000", "line 5: this is no port: port = 22"),
        ("2200", "'22'", "line 5: this is no port: port = 22"),
        ("[[host]]\nname", "[[host]\nname", "hosts.toml is no TOML"),
        (GOOD, "", "hosts.toml names no host. For each, it has such lines:\n[[host]]"),
        (GOOD, "host = 3", "hosts.toml names no host."),
    ],
)
def test_faults_are_told_by_line(before: str, after: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(LabError) as caught:
        inventory.read(written(tmp_path, GOOD.replace(before, after, 1)))
    assert said in str(caught.value)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(LabError) as caught:
        inventory.read(written(tmp_path, GOOD.replace("2200", "0").replace("seats = 8", "seats = 1000")))
    assert [line.split(":")[0].strip() for line in str(caught.value).splitlines()[1:]] == ["line 5", "line 10"]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(LabError, match=r"cannot be read: .*No such file.*HOSTS=hosts\.toml"):
        inventory.read(tmp_path / "gone.toml")


def test_a_host_need_not_say_how_many_seats_it_holds(tmp_path: Path) -> None:
    assert inventory.read(written(tmp_path, GOOD.replace("seats = 8", "")))[1] == Host("south", 0, "south")


def students(*logins: str, **rooms: str) -> list[Seat]:
    return [Seat(login, login.title(), "", 0, rooms.get(login, "")) for login in (*logins, *rooms)]


def hosts(**seats: int) -> dict[str, Host]:
    return {name: Host(name, count, name) for name, count in seats.items()}


def deal_out(seats: list[Seat], hosts: dict[str, Host], before: Deal) -> Deal:
    """Deal out by hosts.toml alone."""
    return deal_by(seats, hosts, {name: Holds(host.seats, host.seats) for name, host in hosts.items()}, before)


def test_most_go_where_most_is_free() -> None:
    dealt = deal_out(students("a", "b", "c", "d"), hosts(north=2, south=3), Deal())
    assert dealt.seats == {"a": "south", "b": "north", "c": "south", "d": "north"}
    assert dealt.rooms == {"south": Room("south"), "north": Room("north")}


def test_who_is_late_moves_nobody_and_who_comes_back_finds_the_work() -> None:
    there = hosts(north=2, south=3)
    first = deal_out(students("a", "b", "c"), there, Deal())
    without = deal_out(students("late", "a", "c"), there, first)
    assert (without.left, without.seats["late"]) == ({"b": "north"}, "north")
    assert {seat: without.seats[seat] for seat in "ac"} == {seat: first.seats[seat] for seat in "ac"}
    again = deal_out(students("b", "late", "a", "c"), there, without)
    assert again.seats["b"] == "north"
    assert again.left == {}


def test_hosts_that_are_full() -> None:
    with pytest.raises(LabError) as caught:
        deal_out(students("a", "b", "c"), hosts(north=1, south=1), Deal())
    assert "the roster has 3 seats, and north holds 1 and would have 2" in str(caught.value)


def test_a_room_of_the_roster_is_on_one_host() -> None:
    dealt = deal_out(students("c", a="lecture", b="lecture"), hosts(north=2, south=2), Deal())
    assert dealt.rooms["lecture"] == Room("north")
    assert dealt.seats == {"a": "lecture", "b": "lecture", "c": "south"}


def test_two_rooms_of_a_host_have_numbers() -> None:
    dealt = deal_out(students(a="north", b="lecture", c="lab"), hosts(north=4), Deal())
    assert {room.number for room in dealt.rooms.values()} == {0, 1, 2}
    assert {room.host for room in dealt.rooms.values()} == {"north"}


def test_a_room_for_which_no_host_has_so_many_seats() -> None:
    with pytest.raises(LabError, match=r"the room lecture has 3 seats, and no host has as many free \(north: 2\)"):
        deal_out(students(a="lecture", b="lecture", c="lecture"), hosts(north=2, south=2), Deal())


def test_a_host_with_seats_may_not_be_forgotten() -> None:
    first = deal_out(students("a", "b"), hosts(north=1, south=1), Deal())
    with pytest.raises(LabError, match="south is on a host that the hosts have no more"):
        deal_out(students("a", "b"), hosts(north=9), first)
    assert deal_out(students("a"), hosts(north=9), first).left == {"b": "south"}


def test_the_room_of_a_host_that_has_another_hosts_room_of_its_name() -> None:
    moved = Deal({"north": Room("south")}, {"a": "north"})
    dealt = deal_out(students("a", "b", "c"), hosts(north=2, south=1), moved)
    assert dealt.rooms == {"north": Room("south"), "north-2": Room("north")}
    assert dealt.seats == {"a": "north", "b": "north-2", "c": "north-2"}


def test_a_roster_may_have_a_column_of_rooms(tmp_path: Path) -> None:
    path = tmp_path / "class.csv"
    path.write_text("seat,name,key,room\nzhang,张三,,lecture\nli,李四,,\n", encoding="utf-8")
    assert [(seat.login, seat.room) for seat in roster.read(path)] == [("zhang", "lecture"), ("li", "")]
    path.write_text(
        "seat,name,key,room\nzhang,张三,,Lecture 1\nli,李四,\nwang,王五,,a\nwang,王五,,b\n", encoding="utf-8"
    )
    with pytest.raises(LabError) as caught:
        roster.read(path)
    lines = str(caught.value).splitlines()[1:]
    assert lines[0].startswith("  line 2: 'Lecture 1' is no room: ")
    assert lines[1].startswith("  line 3: there are 3 cells, not 4: seat, name, key, room ")
    assert lines[2].startswith("  line 5: the seat wang is already that of line 4")


def test_the_words_of_a_rooms_task() -> None:
    words = command("run", {"cmd": "-x 'a b'", "seats": "", "as_json": True, "everyone": False})
    assert words[-3:] == ["run", "--cmd=-x 'a b'", "--as-json"]


GIB = 2**30


@pytest.mark.parametrize(
    ("said", "memory", "cores", "found"),
    [
        (0, 64 * GIB, 8, Holds(160, 160)),  # by its cores
        (0, 2 * GIB, 8, Holds(32, 32)),  # by its memory
        (0, 256 * GIB, 64, Holds(340, 340)),  # by what the chat of a room holds
        (0, GIB // 2, 1, Holds(0, 0)),
        (30, 64 * GIB, 8, Holds(30, 30)),
        (30, 64 * GIB, 1, Holds(30, 20)),  # who says 30 may have 30; others are dealt to before
        (60, 2 * GIB, 8, Holds(32, 32)),  # memory is not to be had by saying so
    ],
)
def test_what_a_host_holds(said: int, memory: int, cores: int, found: Holds) -> None:
    assert capacity.holds(Host("north", said), memory, cores) == found


def test_a_class_is_dealt_by_what_the_hosts_hold() -> None:
    there, holds = hosts(north=0, south=0), {"north": Holds(10, 10), "south": Holds(40, 40)}
    logins = [f"s{number:02}" for number in range(40)]
    dealt = deal_by(students(*logins), there, holds, Deal())
    assert [len(dealt.seats_of(room)) for room in ("north", "south")] == [8, 32]
    # The others have grown since, and nobody moves.
    after = deal_by(students("late", *logins), there, {"north": Holds(90, 90), "south": Holds(40, 40)}, dealt)
    assert {seat: after.seats[seat] for seat in logins} == dealt.seats
    assert after.seats["late"] == "north"


def test_more_than_find_their_part_of_the_cores_come_only_as_far_as_hosts_toml_says() -> None:
    there, holds = hosts(north=8, south=8), {"north": Holds(8, 2), "south": Holds(5, 4)}
    dealt = deal_by(students(*"abcdef"), there, holds, Deal())
    assert [len(dealt.seats_of(room)) for room in ("north", "south")] == [2, 4]
    dealt = deal_by(students(*"abcdefghijklm"), there, holds, Deal())
    assert [len(dealt.seats_of(room)) for room in ("north", "south")] == [8, 5]
    with pytest.raises(LabError, match="the roster has 14 seats, and south holds 5 and would have 6"):
        deal_by(students(*"abcdefghijklmn"), there, holds, Deal())


def test_where_nobody_new_comes_nobody_is_refused() -> None:
    """A host that has lost memory is told when it is looked at, and costs no other."""
    there = hosts(north=0, south=0)
    before = Deal({"north": Room("north"), "south": Room("south")}, {"a": "north", "b": "north", "c": "south"})
    assert newcomers(students("a", "b", "c"), before) == []
    assert deal_by(students("a", "b", "c"), there, {}, before) == before
    late = students("a", "b", "c", "late")
    assert newcomers(late, before) == ["late"]
    assert deal_by(late, there, {"north": Holds(1, 1), "south": Holds(2, 2)}, before).seats["late"] == "south"


def test_a_host_that_cannot_be_asked_and_says_nothing_is_dealt_nobody() -> None:
    there, before = hosts(north=0, south=0), Deal({"north": Room("north")}, {}, {"back": "north"})
    dealt = deal_by(students("back", "a", b="north"), there, {"south": Holds(9, 9)}, before)
    assert dealt.seats == {"back": "north", "a": "south", "b": "north"}
    with pytest.raises(LabError, match="no host answers"):
        deal_by(students("a"), there, {}, Deal())
