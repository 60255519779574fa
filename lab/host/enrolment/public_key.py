"""Public keys as the file `~/.ssh/id_….pub` has them: a type, the key in base64, a comment.

Or as PuTTY's `Save public key` writes them (RFC 4716): between two lines of dashes, with headers.
"""

import base64
import binascii
import re
import struct

from lab.language import tr

# The fields that follow the type in the key itself (RFC 4253 and 8709, openssh's PROTOCOL.u2f).
FIELDS = {
    "ssh-ed25519": 1,
    "ssh-rsa": 2,
    "ecdsa-sha2-nistp256": 2,
    "ecdsa-sha2-nistp384": 2,
    "ecdsa-sha2-nistp521": 2,
    "sk-ssh-ed25519@openssh.com": 2,
    "sk-ecdsa-sha2-nistp256@openssh.com": 3,
}
# A line, a `;`, or a space, each before the next key; all of them begin with AAAA: the three zero bytes of a length.
SEPARATOR = re.compile(r"[;\n\r]+|\s+(?=(?:ssh|ecdsa|sk)-\S+\s+AAAA)")
OF_PUTTY = re.compile(r"-{4} ?BEGIN SSH2 PUBLIC KEY ?-{4}(.*?)-{4} ?END SSH2 PUBLIC KEY ?-{4}", re.DOTALL)
ED25519_BYTES = 32
RSA_BYTES = 256  # 2048 bits


class KeyFaultError(Exception):
    """What is wrong with a key, and what to do."""


def parse_all(text: str) -> list[str]:
    """Return the keys of a cell, one a line or separated by `;`, each as `parse` does. Raises KeyFaultError."""
    _refuse_private(text)
    return [parse(key) for key in SEPARATOR.split(OF_PUTTY.sub(_as_openssh, text)) if key.strip()]


def parse(text: str) -> str:
    """Return the key without its comment, `TYPE BASE64`. Raises KeyFaultError."""
    _refuse_private(text)
    words = text.split()
    kind = words[0] if words else ""
    if kind == "ssh-dss":
        raise KeyFaultError(tr("DSA keys are too weak to be accepted") + _make_one())
    if kind not in FIELDS or len(words) < 2:
        kinds = ", ".join(list(FIELDS)[:3])
        raise KeyFaultError(tr("a key begins with its type ({kinds} …), then the key", kinds=kinds) + _make_one())
    _check(kind, _fields(words[1]))
    return f"{kind} {words[1]}"


def _refuse_private(text: str) -> None:
    """Raise KeyFaultError for what must not be in anybody else's hands."""
    if "PRIVATE KEY" in text or "PuTTY-User-Key-File" in text or "Private-Lines" in text:
        raise KeyFaultError(
            tr(
                "this is a private key, which nobody but its owner may have; now that others have seen it, it must "
                "be replaced"
            )
            + _make_one()
        )
    if re.fullmatch(r"\S*\.ppk", text.strip()):
        raise KeyFaultError(
            tr(
                "this is the name of PuTTY's private key; needed is what PuTTYgen shows as `Public key for pasting "
                "into OpenSSH authorized_keys file`"
            )
        )


def _as_openssh(block: re.Match[str]) -> str:
    """Return PuTTY's public key as a line of OpenSSH's; one that is cut is told later."""
    body = "".join(block[1][block[1].find("AAAA") :].split()) if "AAAA" in block[1] else ""
    try:
        blob = base64.b64decode(body, validate=True)
        (length,) = struct.unpack_from(">I", blob)
        kind = blob[4 : 4 + length].decode("ascii", "replace")
    except (binascii.Error, struct.error):
        kind = "ssh-rsa"  # whatever it is, it is cut
    return f"\n{kind} {body or '-'}\n"


def _make_one() -> str:
    return tr(": ssh-keygen -t ed25519 makes one, and the roster takes the one line of its .pub file")


def _fields(text: str) -> list[bytes]:
    """Return what the key consists of: each field has its length in front. Raises KeyFaultError."""
    try:
        blob = base64.b64decode(text, validate=True)
        fields = []
        while blob:
            (length,) = struct.unpack_from(">I", blob)
            fields.append(struct.unpack_from(f"{length}s", blob, 4)[0])
            blob = blob[4 + length :]
    except (binascii.Error, struct.error) as error:
        raise KeyFaultError(tr("the key is cut or altered: copy the whole line of the .pub file again")) from error
    return fields


def _check(kind: str, fields: list[bytes]) -> None:
    """Hold the fields against the type. Raises KeyFaultError."""
    is_of_kind = bool(fields) and fields[0] == kind.encode() and len(fields) == 1 + FIELDS[kind]
    if not is_of_kind or (kind.startswith("ecdsa") and fields[1] != kind.rpartition("-")[2].encode()):
        raise KeyFaultError(
            tr("this is no key of the type {kind}: copy the whole line of the .pub file again", kind=kind)
        )
    if kind == "ssh-ed25519" and (size := len(fields[1])) != ED25519_BYTES:
        raise KeyFaultError(
            tr(
                "an ed25519 key has {ed25519_bytes} bytes, and this one {size}: copy it again",
                ed25519_bytes=ED25519_BYTES,
                size=size,
            )
        )
    if kind == "ssh-rsa" and len(fields[2].lstrip(b"\0")) < RSA_BYTES:
        raise KeyFaultError(tr("an RSA key under {bits} bits is too weak", bits=RSA_BYTES * 8) + _make_one())
