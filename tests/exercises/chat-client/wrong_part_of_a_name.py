# fails: answers part-of-a-name
import getpass
import os
import socket

me = getpass.getuser()
room = socket.socket(socket.AF_UNIX)
room.connect(os.environ["CHAT_SOCKET"])
room.sendall(f"{me}\n".encode())
for line in room.makefile(encoding="utf-8"):
    who, _, text = line.rstrip("\n").partition(" : ")
    if text == f"{me}, {{question}}?":
        room.sendall(f"{who[:8]}, {{answer}}\n".encode())  # as %.8s does
