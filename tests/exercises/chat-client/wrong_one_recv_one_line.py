# fails: answers no-answer
import getpass
import os
import socket

me = getpass.getuser()
room = socket.socket(socket.AF_UNIX)
room.connect(os.environ["CHAT_SOCKET"])
room.sendall(f"{me}\n".encode())
while data := room.recv(4096):
    who, _, text = data.decode().rstrip("\n").partition(" : ")
    if text == f"{me}, {{question}}?":
        room.sendall(f"{who}, {{answer}}\n".encode())
