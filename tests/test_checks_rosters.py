"""The checks of the lab hold for every class: of one, of two and of seven seats, whatever they are called."""

import json
from collections.abc import Iterator, Sequence

import pytest

from tests.class_lab import ClassLab, class_lab, project_name

PROJECT = project_name("rosters")
CLASSES: dict[str, Sequence[tuple[str, str]]] = {  # one after the other in one lab; who stays keeps home and UID
    "seven": (
        ("client2", "client1"),  # not the second
        ("zhang", "张三"),
        ("servers", "服务器"),
        ("gate-2", "大门"),
        ("admins", "管理员"),
        ("a", "𠮷野家 한국어"),
        ("a_name-of-31-letters-and-no-mor", "最长的名字"),
    ),
    "two": (("zhang", "张三"), ("li", "李四")),
    "one": (("li", "李四"),),
}
SOME = "identity or chat"
# What a student may have left there: half of /tmp and of the processes, and files that programs read at their start.
LEFT = """
[ ! -e /tmp/left ] || exit 0  # in an earlier class
head -c 9437184 /dev/zero > /tmp/left
for n in $(seq 70); do sleep 1000 > /dev/null 2>&1 & done
echo nonsense > ~/.toprc
site=$(python3 -m site --user-site)
mkdir -p $site
echo 'print("mine")' > $site/usercustomize.py
echo 'raise SystemExit("mine")' | tee json.py > socket.py
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClassLab]:
    with class_lab(tmp_path_factory.mktemp("clone"), PROJECT) as found:
        found.environment["LAB_LANG"] = "zh_CN.UTF-8"
        yield found


@pytest.mark.engine
@pytest.mark.timeout(400)
@pytest.mark.parametrize("name", CLASSES)
def test_every_check_passes_in_a_class_as_it_should_be(name: str, lab: ClassLab) -> None:
    students = CLASSES[name]
    lab.up(*((seat, owner, "") for seat, owner in students))
    lab.execute(students[-1][0], LEFT)
    # Each seat's other checks are as in a small class; where the clients of a demo are ours, its check is in there.
    only = SOME if len(students) > 2 else "not demo or local_server or multiplexed_io or stat_modifiers"
    done = lab.fab("check", "--only", only, "--reports", "reports")
    assert done.returncode == 0, done.stdout + done.stderr
    documents = json.loads((lab.folder / "reports/results.json").read_text())
    passed = {document["seat"]: len(document["results"]) for document in documents}
    in_seats = {seat: count for seat, count in passed.items() if seat != "server"}
    assert in_seats.keys() == {seat for seat, _ in students}
    assert sum(in_seats.values()) == (2 * len(students) if only == SOME else 16 * len(students) + 3)
    assert {result["passed"] for document in documents for result in document["results"]} == {True}
