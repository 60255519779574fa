# Takes its time, but no more than it may.
import getpass, os, socket, sys, time
me = getpass.getuser()
room = socket.socket(socket.AF_UNIX)
room.connect(os.environ["CHAT_SOCKET"])
room.sendall(f"{me}\n".encode())
for line in room.makefile(encoding="utf-8"):
    who, _, text = line.rstrip("\n").partition(" : ")
    if text == f"{me}, {{question}}?":
        time.sleep(2.3)
        room.sendall(f"{who}, {{answer}}\n".encode())
