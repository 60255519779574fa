"""What `make lab` was told stays in force, and a student who comes or goes restarts nobody else."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.host import settings
from lab.host.command import LabError
from lab.host.enrolment import links
from tests.class_lab import ClassLab, class_lab, project_name

EVERYWHERE = "0.0.0.0"  # noqa: S104
ZHANG, LI, MA = ("zhang", "张三", ""), ("li", "李四", ""), ("ma", "马六", "")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClassLab]:
    with class_lab(tmp_path_factory.mktemp("clone"), project_name("settings")) as found:
        yield found


def started(lab: ClassLab, *services: str) -> list[tuple[str, str]]:
    return [lab.identity(service) for service in services]


@pytest.mark.engine
def test_a_late_student_restarts_nobody_and_the_class_keeps_its_language(lab: ClassLab) -> None:
    lab.environment["LAB_LANG"] = "zh_CN.UTF-8"
    lab.up(ZHANG, LI)
    del lab.environment["LAB_LANG"]
    before = started(lab, "server", "gate", "zhang", "li")
    lab.up(ZHANG, LI, MA)
    assert started(lab, "server", "gate", "zhang", "li") == before
    assert lab.execute("ma", "echo $LANG") == lab.execute("zhang", "echo $LANG") == "zh_CN.UTF-8\n"
    lab.up(ZHANG, MA)
    assert started(lab, "server", "gate", "zhang") == before[:3]
    lab.environment["LAB_LANG"] = ""
    lab.up(ZHANG, MA)
    assert lab.execute("zhang", "echo $LANG") == "C.UTF-8\n", "until told otherwise"
    del lab.environment["LAB_LANG"]


@pytest.mark.engine
def test_what_makes_a_container_unhealthy_is_shown(lab: ClassLab) -> None:
    """A line end of another system makes a script that nobody can start, as one example."""
    lab.up(ZHANG)
    override = lab.folder / "compose.yaml"
    text = override.read_text()
    broken = "sh -c 'echo bad interpreter >&2; exit 1'"
    override.write_text(
        text.replace(
            "    labels:\n      forklab.role: gate\n", f"    command: {broken}\n    labels:\n      forklab.role: gate\n"
        )
    )
    try:
        found = lab.fab("lab")
        assert found.returncode == 2
        assert "Traceback" not in found.stderr
        assert "gate-1 (Restarting" in found.stderr
        assert "bad interpreter" in found.stderr
    finally:
        override.write_text(text)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LAB_WEB", "everywhere"),
        ("LAB_WEB_PORT", "http"),
        ("LAB_WEB_PLAIN", "maybe"),
        ("LAB_FRONT", "-oProxyCommand=x"),
        ("LAB_PORT", "ssh"),
        ("LAB_PORT", "222222"),
        ("LAB_LANG", "chinese"),
        ("LAB_IMAGES", "My Images"),
        ("LAB_HOME_SIZE", "5"),
        ("LAB_HOME_SIZE", "0G"),
    ],
)
def test_a_value_that_makes_no_sense_is_named(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "en")
    monkeypatch.setenv(name, value)
    with pytest.raises(settings.SettingError, match=f"{name}={value} makes no sense; an example: {name}="):
        settings.told()


@pytest.mark.engine
def test_packages_are_in_the_seats_until_told_otherwise(tmp_path: Path) -> None:
    with class_lab(tmp_path, "forklab-packages", images="forklab-packages") as lab:
        lab.done("lab", "PACKAGES=hello")
        server = lab.identity("server")
        assert lab.execute("client1", "/usr/bin/hello") == "Hello, world!\n"
        lab.done("lab")
        assert lab.execute("client1", "test -x /usr/bin/hello; echo $?") == "0\n", "as the roster is"
        assert "no package named no-such-one; the images are as they were" in lab.refused("lab", "PACKAGES=no-such-one")
        assert "makes no sense" in lab.refused("lab", "PACKAGES=; reboot")
        lab.done("lab", "PACKAGES=none")
        assert lab.execute("client1", "test -x /usr/bin/hello; echo $?") == "1\n"
        assert lab.identity("server") == server, "the server has nothing to do with it"
        suids = lab.execute("client1", "find / -xdev -perm /6000 -type f 2>/dev/null | wc -l")
        assert suids == "0\n"


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"LAB_WEB": EVERYWHERE}, "LAB_WEB_PLAIN=yes"),
        ({"LAB_WEB": EVERYWHERE, "LAB_TLS_CERT": "pyproject.toml"}, "belong together"),
        ({"LAB_TLS_CERT": "/no/such.pem", "LAB_TLS_KEY": "/no/such.key"}, "/no/such.pem cannot be read"),
        ({"LAB_WEB": "192.168.1.5"}, "LAB_WEB=192.168.1.5 without TLS"),
        ({"LAB_WEB": EVERYWHERE, "LAB_WEB_PLAIN": "yes"}, ""),
        ({"LAB_WEB": EVERYWHERE, "LAB_TLS_CERT": "pyproject.toml", "LAB_TLS_KEY": "pyproject.toml"}, ""),
        *(({"LAB_WEB": address}, "") for address in ("127.0.0.1", "[::1]", "no")),
    ],
)
def test_no_terminal_in_clear_text_unless_somebody_says_so(
    told: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", "en")
    monkeypatch.setattr(settings, "FILE", Path("/nonexistent"))
    for name in settings.FORMS:
        monkeypatch.delenv(name, raising=False)
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    if said:
        with pytest.raises(LabError, match=re.escape(said)):
            links.refuse_plain()
    else:
        links.refuse_plain()
