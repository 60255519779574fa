"""OpenSSH public keys as the file `~/.ssh/id_….pub` has them: a type, the key in base64, a comment."""

import base64
import binascii
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
ED25519_BYTES = 32
RSA_BYTES = 256  # 2048 bits


class KeyFaultError(Exception):
    """What is wrong with a key, and what to do."""


def parse(text: str) -> str:
    """Return the key without its comment, `TYPE BASE64`. Raises KeyFaultError."""
    if "PRIVATE KEY" in text:
        raise KeyFaultError(
            tr("this is a private key, which nobody but its owner may have", "这是私钥，除主人外谁也不能拥有")
            + _make_one()
        )
    words = text.split()
    kind = words[0] if words else ""
    if kind == "ssh-dss":
        raise KeyFaultError(tr("DSA keys are too weak to be accepted", "DSA 密钥太弱，不能接受") + _make_one())
    if kind not in FIELDS or len(words) < 2:
        kinds = ", ".join(list(FIELDS)[:3])
        raise KeyFaultError(
            tr(f"a key begins with its type ({kinds} …), then the key", f"公钥以类型开头（{kinds} …），然后是密钥")
            + _make_one()
        )
    _check(kind, _fields(words[1]))
    return f"{kind} {words[1]}"


def _make_one() -> str:
    return tr(
        ": ssh-keygen -t ed25519 makes one, and the roster takes the one line of its .pub file",
        "：ssh-keygen -t ed25519 可以生成一个，名单里填 .pub 文件中的那一行",
    )


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
        raise KeyFaultError(
            tr(
                "the key is cut or altered: copy the whole line of the .pub file again",
                "公钥被截断或改动：请重新复制 .pub 文件的整行",
            )
        ) from error
    return fields


def _check(kind: str, fields: list[bytes]) -> None:
    """Hold the fields against the type. Raises KeyFaultError."""
    is_of_kind = bool(fields) and fields[0] == kind.encode() and len(fields) == 1 + FIELDS[kind]
    if not is_of_kind or (kind.startswith("ecdsa") and fields[1] != kind.rpartition("-")[2].encode()):
        raise KeyFaultError(
            tr(
                f"this is no key of the type {kind}: copy the whole line of the .pub file again",
                f"这不是 {kind} 类型的公钥：请重新复制 .pub 文件的整行",
            )
        )
    if kind == "ssh-ed25519" and (size := len(fields[1])) != ED25519_BYTES:
        raise KeyFaultError(
            tr(
                f"an ed25519 key has {ED25519_BYTES} bytes, and this one {size}: copy it again",
                f"ed25519 公钥有 {ED25519_BYTES} 字节，而这个有 {size}：请重新复制",
            )
        )
    if kind == "ssh-rsa" and len(fields[2].lstrip(b"\0")) < RSA_BYTES:
        raise KeyFaultError(
            tr(f"an RSA key under {RSA_BYTES * 8} bits is too weak", f"短于 {RSA_BYTES * 8} 位的 RSA 密钥太弱")
            + _make_one()
        )
