import getpass
import os
import socket

me = getpass.getuser()
room = socket.socket(socket.AF_UNIX)
room.connect(os.environ["CHAT_SOCKET"])
room.sendall(f"{me}\n".encode())
for line in room.makefile(encoding="utf-8"):
    print(line, end="", flush=True)  # who says what, and is it your question? | 谁说了什么，是问您的吗？
