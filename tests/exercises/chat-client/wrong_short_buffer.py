# fails: answers no-answer
import getpass
import os
import socket

me = getpass.getuser()
room = socket.socket(socket.AF_UNIX)
room.connect(os.environ["CHAT_SOCKET"])
room.sendall(f"{me}\n".encode())
rest = b""
while data := room.recv(256 - len(rest)):  # which is b"" as well where a line is longer
    *lines, rest = (rest + data).split(b"\n")
    for line in lines:
        who, _, text = line.decode().partition(" : ")
        if text == f"{me}, {{question}}?":
            room.sendall(f"{who}, {{answer}}\n".encode())
