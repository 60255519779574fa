# fails: online not-online
import getpass
import os
import socket

me = getpass.getuser()
room = socket.socket(socket.AF_UNIX)
room.connect(os.environ["CHAT_SOCKET"])
out = room.makefile("w")
out.write(f"{me}\n")
for line in room.makefile(encoding="utf-8"):
    who, _, text = line.rstrip("\n").partition(" : ")
    if text == f"{me}, {{question}}?":
        room.sendall(f"{who}, {{answer}}\n".encode())
