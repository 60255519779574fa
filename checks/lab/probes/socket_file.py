"""The socket file as this container sees it. argv: its path."""

import json
import os
import pwd
import socket
import stat
import sys

path = sys.argv[1]
found = os.lstat(path)
client = socket.socket(socket.AF_UNIX)
writable = os.access(os.path.dirname(path), os.W_OK)
print(
    json.dumps(
        {
            "ls": f"{stat.filemode(found.st_mode)} {pwd.getpwuid(found.st_uid).pw_name} inode={found.st_ino} {path}",
            "type": stat.filemode(found.st_mode)[0],
            "mode": f"{stat.S_IMODE(found.st_mode):04o}",
            "owner": pwd.getpwuid(found.st_uid).pw_name,
            "inode": [found.st_dev, found.st_ino],
            "connects": client.connect_ex(path) == 0,
            "folder_is_writable": writable,
            "admin_is_reachable": os.path.exists(os.environ.get("CHAT_ADMIN", "/run/chat-admin/admin.sock")),
        }
    )
)
