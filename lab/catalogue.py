"""Compiles a catalogue: a .po as gettext(1)'s tools write it, to a .mo that gettext(3) reads. Standard library alone.

    python3 -m lab.catalogue        # compiles all, each beside its source: what an image build does

Both formats: https://www.gnu.org/software/gettext/manual, "PO Files" and "MO Files".
"""

import ast
import re
import struct
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

MAGIC, HEADER_WORDS = 0x950412DE, 7
KEYWORD = re.compile(r'(msgctxt|msgid|msgid_plural|msgstr)(?:\[(\d+)\])? (".*")')


def compiled(source: Path, path: Path) -> GNUTranslations:
    """Return a catalogue, and keep what was compiled, if there may be written."""
    data = compile_catalogue(source.read_text(encoding="utf-8"))
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(data)
        Path(file.name).chmod(0o644)  # it is everybody's to read
        Path(file.name).replace(path)
    return GNUTranslations(BytesIO(data))


def compile_catalogue(text: str) -> bytes:
    """Return a .mo with all that is translated, and not fuzzy."""
    pairs = sorted((key.encode(), translated.encode()) for key, translated in entries(text))
    start = 4 * HEADER_WORDS
    at = start + 16 * len(pairs)
    tables, texts = [b"", b""], b""
    for which in (0, 1):
        for pair in pairs:
            tables[which] += struct.pack("<2I", len(pair[which]), at + len(texts))
            texts += pair[which] + b"\0"
    header = struct.pack(f"<{HEADER_WORDS}I", MAGIC, 0, len(pairs), start, start + 8 * len(pairs), 0, at)
    return header + tables[0] + tables[1] + texts


def entries(text: str) -> Iterator[tuple[str, str]]:
    """Yield the key and the translation of each entry, as a .mo has them: a context before it, a plural behind it."""
    for block in re.split(r"\n\s*\n", text):
        lines = [line for line in block.splitlines() if line and not line.startswith("#")]
        parts = parts_of(lines)
        forms = [parts[name] for name in sorted(parts) if name.startswith("msgstr")]
        if "msgid" not in parts or not all(forms) or re.search(r"^#,.*\bfuzzy\b", block, re.MULTILINE):
            continue
        key = "\0".join(parts[name] for name in ("msgid", "msgid_plural") if name in parts)
        yield f"{parts['msgctxt']}\4{key}" if "msgctxt" in parts else key, "\0".join(forms)


def parts_of(lines: list[str]) -> dict[str, str]:
    """Return the texts of an entry, by their keywords."""
    parts: dict[str, str] = {}
    name = ""
    for line in lines:
        quoted = line
        if found := KEYWORD.fullmatch(line):
            name, quoted = f"{found[1]}{found[2] or ''}", found[3]
            parts[name] = ""
        parts[name] += ast.literal_eval(quoted)
    return parts


if __name__ == "__main__":
    for source in Path(__file__).parent.glob("locale/*/LC_MESSAGES/*.po"):
        compiled(source, source.with_suffix(".mo"))
