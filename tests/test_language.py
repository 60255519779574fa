"""Every sentence goes through the catalogue, which has all of them; and which language is chosen."""

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo

from lab import catalogue, language
from lab.host import targets, translation
from lab.host.command import LabError
from lab.host.enrolment import roster
from lab.language import CATALOGUE, SOURCE, chosen, suffixes, tr, tr_as, tr_count
from tests import pseudo
from tests.clone import ROOT

SAID_BY = {
    "LabError",
    "KeyFaultError",
    "NotPutError",
    "Exit",
    "doing",
    "done",
    "note",
}  # whoever shows what it is given
SENTENCE = re.compile(r"[A-Za-z]{2,} [A-Za-z]{2,}")
FILES = [path for room in ("fabfile", "host") for path in sorted((ROOT / "lab" / room).rglob("*.py"))]


def name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def texts(node: ast.AST) -> Iterator[str]:
    """Yield the texts in an expression that are in no catalogue."""
    if isinstance(node, ast.Call) and name_of(node) in translation.KEYWORDS:
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    for child in ast.iter_child_nodes(node):
        yield from texts(child)


def faults(source: str) -> list[str]:
    """Return the sentences that are said in English only."""
    said = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call) and name_of(node) in SAID_BY]
    return [text for call in said for text in texts(call) if SENTENCE.search(text)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_sentence_of_the_host_is_translated(path: Path) -> None:
    assert faults(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("source", "wrong"),
    [
        ("raise LabError('no such seat')", ["no such seat"]),
        ("step.done(f'{n} seats are up')", [" seats are up"]),
        ("raise LabError(tr('no such seat'))", []),
    ],
)
def test_the_rule_catches_what_it_forbids(source: str, wrong: list[str]) -> None:
    assert faults(source) == wrong


def chosen_by_hand(source: str) -> list[str]:
    """Return the sentences that are one for one and another for more, and not by tr_count: other languages differ."""
    return [
        ast.unparse(node)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.IfExp) and is_one(node.test)
        for branch in (node.body, node.orelse)
        if isinstance(branch, ast.Call) and name_of(branch) in translation.KEYWORDS
    ]


def is_one(test: ast.expr) -> bool:
    """Tell whether something is asked to be 1, or not."""
    is_equal = isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.Eq | ast.NotEq)
    return is_equal and [getattr(of, "value", None) for of in test.comparators] == [1]  # type: ignore[attr-defined]


def test_a_number_decides_on_the_form_by_tr_count() -> None:
    paths = [path for folder in translation.CODE for path in (ROOT / folder).rglob("*.py")]
    assert {path: found for path in paths if (found := chosen_by_hand(path.read_text("utf-8")))} == {}
    assert chosen_by_hand("tr('there is 1 cell') if count == 1 else tr('there are {count} cells', count=count)")


def test_a_translation_may_have_the_values_of_each_form() -> None:
    one, many = "its child still ran", "{running} of its {n} children still ran"
    for said, fault in (("{n} 个子进程中还有 {running} 个", ""), ("还有 {left} 个", "there is no value left")):
        assert translation.fault_of(Message((one, many), (said,), flags=["python-brace-format"])) == fault


CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh_CN"),
        ({"LANG": "zh"}, "zh_CN"),
        ({"LANG": "zh_TW.UTF-8"}, "zh_CN"),
        ({"LANG": "zh_CN@pinyin"}, "zh_CN"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "POSIX"}, "en"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
        ({"LC_MESSAGES": "zh_CN.UTF-8", "LANG": "en_US.UTF-8"}, "zh_CN"),
        ({"LC_ALL": "en_US.UTF-8", "LC_MESSAGES": "zh_CN.UTF-8"}, "en"),
        ({"LANGUAGE": "fr:zh_CN:en", "LC_ALL": "en_US.UTF-8"}, "zh_CN"),
        ({"LANGUAGE": "en:zh_CN", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LANGUAGE": "", "LANG": "zh_CN.UTF-8"}, "zh_CN"),
    ],
)
def test_the_language_is_the_locales(variables: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert chosen() == expected


def test_what_is_extracted_is_all_that_is_translated() -> None:
    """A call within an f-string is not seen by who extracts."""
    paths = [
        path for folder in translation.CODE for path in (ROOT / folder).rglob("*.py") if path.name != "skeleton.py"
    ]
    calls = [
        node for path in paths for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)
    ]
    first = {"tr": 0, "tr_as": 1, "tr_count": 1}
    said = {
        argument.value
        for call in calls
        if name_of(call) in first and isinstance(argument := call.args[first[name_of(call)]], ast.Constant)
    }
    said |= {text for _, text in targets.described()}  # the Makefile's
    assert said == {translation.first_of(message.id) for message in translation.extracted() if message.id}
    inside = [
        call for call in calls if name_of(call) in first and isinstance(call.args[first[name_of(call)]], ast.JoinedStr)
    ]
    assert inside == [], "an f-string is filled in before it can be translated"


def test_every_text_that_is_a_file_is_of_a_language_that_there_is() -> None:
    there = {code for name in translation.languages() for code in suffixes(name)} | {SOURCE}
    found = {path.name for pattern in translation.TEXTS for path in ROOT.glob(pattern.replace(".en", ".*"))}
    assert {name.split(".")[1] for name in found} <= there


@pytest.mark.parametrize("name", translation.languages())
def test_no_language_lacks_a_sentence(name: str) -> None:
    assert list(translation.lacks(name)) == []


def test_a_compiled_catalogue_says_what_babels_says() -> None:
    source = translation.source_of("zh_CN")
    ours, theirs = GNUTranslations(BytesIO(catalogue.compile_catalogue(source.read_text("utf-8")))), BytesIO()
    write_mo(theirs, translation.read("zh_CN"))
    theirs.seek(0)
    assert vars(ours)["_catalog"] == vars(GNUTranslations(theirs))["_catalog"]


def test_what_is_fuzzy_or_not_translated_is_english_and_a_plural_has_its_form(tmp_path: Path) -> None:
    made = Catalog(locale="cs", fuzzy=False)
    made.add("new", "nový")
    made.add("old", "")
    made.add("about", "asi", flags=["fuzzy"])
    made.add("free", "volný", context="seat")
    made.add(("{n} child of {pid}", "{n} children of {pid}"), ("{n} dítě {pid}", "{n} děti {pid}", "{n} dětí {pid}"))
    path = tmp_path / "cs" / CATALOGUE.with_suffix(".po")
    path.parent.mkdir(parents=True)
    path.write_bytes(translation.text_of(made))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(language, "LOCALE", tmp_path)
        patch.setattr(language, "COMPILED", tmp_path)
        patch.setenv("LANGUAGE", "cs_CZ")
        assert [tr("new"), tr("old"), tr("about"), tr("free")] == ["nový", "old", "about", "free"]
        assert tr_as("seat", "free") == "volný"
        said = [tr_count(n, "{n} child of {pid}", "{n} children of {pid}", pid=7) for n in (1, 2, 5)]
        assert said == ["1 dítě 7", "2 děti 7", "5 dětí 7"]
    assert path.with_suffix(".mo").exists()


def test_where_nothing_may_be_written_a_catalogue_is_read_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    found = catalogue.compiled(translation.source_of("zh_CN"), tmp_path / "file" / "forklab.mo")
    assert CHINESE.search(found.gettext("the program runs to its end"))


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the lab, with a language that nobody speaks."""
    folder = tmp_path_factory.mktemp("clone")
    for name in ("lab", "checks"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    pseudo.make(folder / "lab" / "locale")
    return folder


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--help",),
        ("nonsense",),
        ("list", "more"),
        ("show",),
        ("show", "99"),
        ("hint", "9", "nonsense"),
        ("start", "nonsense"),
        ("check", "--nonsense"),
        ("watch", "nonsense"),
        ("demo", "nonsense"),
        ("trace",),
        ("trace", "--help"),
        ("trace", "--for", "x", "sh"),
        ("trace", "nonsense-program"),
        ("trace", "--svg", "/nowhere/x.svg", "true"),
        ("trace", "sh", "-c", ""),
    ],
    ids=" ".join,
)
def test_all_that_lab_says_is_in_another_language(words: tuple[str, ...], clone: Path, tmp_path: Path) -> None:
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "LANGUAGE": pseudo.NAME, "PYTHONPATH": str(clone)}
    done = subprocess.run(
        [sys.executable, "-m", "lab.student.cli", *words],
        cwd=clone,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout + done.stderr
    assert pseudo.MARKS[0] in said
    assert pseudo.unmarked(said) == []


@pytest.mark.parametrize(
    "csv",
    [
        "",
        "seat,name\n",
        "seat,name,key\n",
        "seat,name,key\nA,张三,\n",
        "seat,name,key\na,,\n",
        "seat,name,key\na,b,c\n",
    ],
)
def test_all_that_is_said_of_a_roster_is_in_another_language(
    csv: str, clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(language, "LOCALE", clone / "lab" / "locale")
    monkeypatch.setattr(language, "COMPILED", tmp_path)
    monkeypatch.setenv("LANGUAGE", pseudo.NAME)
    (tmp_path / "class.csv").write_text(csv)
    with pytest.raises(LabError) as error:
        roster.read(tmp_path / "class.csv")
    assert pseudo.MARKS[0] in str(error.value)
    assert pseudo.unmarked(str(error.value)) == []


def test_what_is_to_be_translated_is_written_and_what_is_translated_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(ROOT / "lab", tmp_path / "lab", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "images", tmp_path / "images")
    monkeypatch.setattr(translation, "ROOT", tmp_path)
    monkeypatch.setattr(translation, "LOCALE", tmp_path / "lab" / "locale")
    monkeypatch.setattr(translation, "CODE", ("lab",))
    written = translation.write("es")
    assert tmp_path / "lab/exercises/zombie/statement.es.md" in written
    lacking = list(translation.lacks("es"))
    assert f"{(tmp_path / 'lab/exercises/zombie/hints.es.md').relative_to(tmp_path)}: still English" in lacking
    assert any("not translated" in line for line in lacking)
    made = translation.read("es")
    made["Nothing was removed."].string = "No se ha borrado nada de {nadie}."
    translation.source_of("es").write_bytes(translation.text_of(made))
    assert [path.name for path in translation.write("es")] == ["forklab.po"]
    assert translation.read("es")["Nothing was removed."].string == "No se ha borrado nada de {nadie}."
    assert any(line.endswith("there is no value nadie: 'Nothing was removed.'") for line in translation.lacks("es"))


@pytest.mark.parametrize("name", ["", "en", "Spanish", "../x", "xx"])
def test_a_language_that_nobody_knows_is_refused(name: str) -> None:
    with pytest.raises(LabError, match=r"Which language\?|Nobody knows a language 'xx'"):
        translation.write(name)
    assert not (language.LOCALE / "xx").exists()
