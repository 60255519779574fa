# fails: answers crashed
import getpass
import os
import socket

me = getpass.getuser()
room = socket.socket(socket.AF_UNIX)
room.connect(os.environ["CHAT_SOCKET"])
room.sendall(f"{me}\n".encode())
for line in room.makefile(encoding="ascii"):
    who, _, text = line.rstrip("\n").partition(" : ")
    if text == f"{me}, {{question}}?":
        room.sendall(f"{who}, {{answer}}\n".encode())
