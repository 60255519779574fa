"""A trace as a page of its own, which opens without a network: the drawing of lab/trace/page, and the document.

Whatever a program has said or was called is in the document alone, as JSON that no HTML parser can end; the policy in
the page's head lets nothing run but the one script whose hash it names.
"""

import base64
import hashlib
import json
import re
from html import escape
from pathlib import Path
from string import Template

from lab.language import tag
from lab.trace import svg
from lab.trace.history import Trace, document
from lab.trace.texts import texts
from lab.trace.timeline import headline, outcome

FOLDER = Path(__file__).with_name("page")
MODULES = ("texts.js", "model.js", "paint.js", "hands.js", "timeline.js")  # each after those that it imports
IMPORT = re.compile(r'^import \{[^}]*\} from "\./\w+\.js";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=const|class|function)", re.MULTILINE)
START = """
const given = JSON.parse(document.getElementById("given").textContent);
draw(document.getElementById("trace"), given.trace, { texts: given.texts, note: false });
"""
STYLE = """
:root { color-scheme: light dark; } body { margin: 1rem auto; max-width: 90rem; padding: 0 1rem; background: #ffffff; }
.said { margin: .4rem 0; font: 13px/1.5 system-ui, sans-serif; color: #656d76; overflow-wrap: anywhere; }
@media (prefers-color-scheme: dark) { body { background: #0d1117; } .said { color: #9198a1; } }
"""
PAGE = Template("""\
<!doctype html>
<html lang="$language">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src '$hash'">
<meta name="viewport" content="width=device-width">
<title>$title</title>
<style>$style</style>
</head>
<body>
<p class="said">$headline</p>
<div id="trace"></div>
<noscript>$drawing</noscript>
<p class="said">$outcome</p>
<script id="given" type="application/json">$given</script>
<script type="module">$script</script>
</body>
</html>
""")


def draw(trace: Trace) -> str:
    """Return the page."""
    code = script() + START
    return PAGE.substitute(
        language=tag(),
        hash="sha256-" + base64.b64encode(hashlib.sha256(code.encode()).digest()).decode(),
        title=escape("lab trace " + " ".join(trace.command)),
        style=style() + STYLE,
        headline=escape(headline(trace)),
        outcome=escape("; ".join(outcome(trace))),
        drawing=svg.draw(trace),
        given=embedded({"trace": document(trace), "texts": texts()}),
        script=code,
    )


def script() -> str:
    """Return the drawing's modules as one, which a page can have in itself."""
    return "".join(EXPORT.sub("", IMPORT.sub("", (FOLDER / name).read_text(encoding="utf-8"))) for name in MODULES)


def style() -> str:
    """Return how the drawing looks."""
    return (FOLDER / "timeline.css").read_text(encoding="utf-8")


def embedded(content: object) -> str:
    """Return JSON that can stand in a script element: neither its end nor a comment can begin in it."""
    return json.dumps(content, ensure_ascii=False).replace("<", "\\u003c").replace("\x00", "\\u0000")
