"""OpenSSH public keys as the file `~/.ssh/id_….pub` has them: a type, the key in base64, a comment."""

import base64
import binascii
import struct

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
ED25519_BYTES = 32
RSA_BYTES = 256  # 2048 bits
MAKE_ONE = "ssh-keygen -t ed25519 makes one, and the roster takes the one line of its .pub file"


class KeyFaultError(Exception):
    """What is wrong with a key, and what to do."""


def parse(text: str) -> str:
    """Return the key without its comment, `TYPE BASE64`. Raises KeyFaultError."""
    if "PRIVATE KEY" in text:
        raise KeyFaultError(f"this is a private key, which nobody but its owner may have: {MAKE_ONE}")
    words = text.split()
    kind = words[0] if words else ""
    if kind == "ssh-dss":
        raise KeyFaultError(f"DSA keys are too weak to be accepted: {MAKE_ONE}")
    if kind not in FIELDS or len(words) < 2:
        raise KeyFaultError(f"a key begins with its type ({', '.join(list(FIELDS)[:3])} …), then the key: {MAKE_ONE}")
    _check(kind, _fields(words[1]))
    return f"{kind} {words[1]}"


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
        raise KeyFaultError("the key is cut or altered: copy the whole line of the .pub file again") from error
    return fields


def _check(kind: str, fields: list[bytes]) -> None:
    """Hold the fields against the type. Raises KeyFaultError."""
    if not fields or fields[0] != kind.encode() or len(fields) != 1 + FIELDS[kind]:
        raise KeyFaultError(f"this is no key of the type {kind}: copy the whole line of the .pub file again")
    if kind == "ssh-ed25519" and len(fields[1]) != ED25519_BYTES:
        raise KeyFaultError(f"an ed25519 key has {ED25519_BYTES} bytes, and this one {len(fields[1])}: copy it again")
    if kind == "ssh-rsa" and len(fields[2].lstrip(b"\0")) < RSA_BYTES:
        raise KeyFaultError(f"an RSA key under {RSA_BYTES * 8} bits is too weak: {MAKE_ONE}")
    if kind.startswith("ecdsa") and fields[1] != kind.rpartition("-")[2].encode():
        raise KeyFaultError(f"this is no key of the type {kind}: copy the whole line of the .pub file again")
