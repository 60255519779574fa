"""The commands that README.md and docs/ show, so that tests can run them."""

import re

from tests.clone import ROOT

BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


def commands(name: str) -> list[str]:
    """Return the lines of a page's shell blocks, without their comments."""
    blocks = BLOCK.findall((ROOT / name).read_text(encoding="utf-8"))
    lines = [re.sub(r"\s+#.*", "", line).strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line]
