"""What `make lab` was told and goes on with until told otherwise, as with the roster: language, port, packages.

They are variables of the environment, since compose.yaml reads them; `make lab LAB_LANG=zh_CN.UTF-8` sets one, and
`make lab LAB_LANG=` goes back to what is usual. Without this, a `make lab` that only adds a student would make every
container anew, in a language that nobody asked for.
"""

import json
import os
import re

from lab.host.python import ROOT
from lab.language import tr

FILE = ROOT / ".lab" / "settings.json"
FORMS = {
    "LAB_LANG": (r"(C|[a-z]{2,3}(_[A-Z]{2})?)\.UTF-8", "LAB_LANG=zh_CN.UTF-8"),
    "LAB_PORT": (r"([0-9.]+:|\[[0-9a-f:]+\]:)?[0-9]{1,5}", "LAB_PORT=2022"),
    "LAB_WEB": (r"no|[0-9.]+|\[[0-9a-f:]+\]", "LAB_WEB=no"),
    "LAB_WEB_PORT": (r"[0-9]{1,5}", "LAB_WEB_PORT=8090"),
    "LAB_WEB_PLAIN": (r"yes|no", "LAB_WEB_PLAIN=yes"),
    "LAB_TLS_CERT": (r".+", "LAB_TLS_CERT=/etc/ssl/class.pem"),
    "LAB_TLS_KEY": (r".+", "LAB_TLS_KEY=/etc/ssl/class.key"),
    "LAB_FRONT": (r"[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]{1,5})?", "LAB_FRONT=lab.school.example"),
    "LAB_IMAGES": (r"[a-z0-9]([a-z0-9._/:-]*[a-z0-9])?", "LAB_IMAGES=forklab"),
    "LAB_HOME_SIZE": (r"no|[1-9][0-9]{1,5}M|[1-9][0-9]{0,3}G", "LAB_HOME_SIZE=2G"),
    "LAB_PACKAGES": (r"[a-z0-9][a-z0-9+.-]+( [a-z0-9][a-z0-9+.-]+)*", 'PACKAGES="gcc libc6-dev"'),
}


class SettingError(Exception):
    """A variable has a value that makes no sense; the text says which, and what it is to look like."""


def in_force() -> dict[str, str]:
    """Return the settings that were given, by the names of their variables."""
    try:
        kept = json.loads(FILE.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):  # none yet, or one that nobody of ours has written
        return {}
    return {name: str(value) for name, value in kept.items() if name in FORMS}


def environment() -> dict[str, str]:
    """Return the environment with what is in force, where it says nothing itself.

    LAB_WEB_ADDRESS is what compose.yaml reads: LAB_WEB may be "no", which is no address.
    """
    found = {**in_force(), **os.environ}
    address = found.get("LAB_WEB", "")
    return {**found, "LAB_WEB_ADDRESS": "" if address == "no" else address}


def told() -> dict[str, str]:
    """Return what is in force with what the environment says now; "" there takes one back. Raises SettingError."""
    for name, (form, example) in FORMS.items():
        value = os.environ.get(name, "")
        if value and not re.fullmatch(form, value):
            raise SettingError(
                tr("{name}={value} makes no sense; an example: {example}", name=name, value=value, example=example)
            )
    found = environment()
    return {name: found[name] for name in FORMS if found.get(name)}
