"""Where the sockets are, when nobody says otherwise."""

import argparse
import os
from pathlib import Path

DEFAULT_SOCKET = "/run/chat/chat.sock"


def add_socket_options(parser: argparse.ArgumentParser, *, admin: bool) -> None:
    """Add `--socket` (default: $CHAT_SOCKET) and, for those it concerns, `--admin` (default: $CHAT_ADMIN)."""
    parser.add_argument(
        "--socket",
        metavar="PATH",
        type=Path,
        default=Path(os.environ.get("CHAT_SOCKET", DEFAULT_SOCKET)),
        help="the room's socket (default: %(default)s)",
    )
    if admin:
        parser.add_argument(
            "--admin",
            metavar="PATH",
            type=Path,
            default=os.environ.get("CHAT_ADMIN"),
            help="the administrator's socket (default: $CHAT_ADMIN, or the room's with .admin behind)",
        )


def admin_path(options: argparse.Namespace) -> Path:
    """Return the administrator's socket that the options name."""
    return Path(options.admin or f"{options.socket}.admin")
