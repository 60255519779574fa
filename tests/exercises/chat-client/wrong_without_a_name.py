# fails: answers answers-all
import getpass, os, re, socket
me = getpass.getuser()
room = socket.socket(socket.AF_UNIX)
room.connect(os.environ["CHAT_SOCKET"])
room.sendall(f"{me}\n".encode())
for line in room.makefile(encoding="utf-8"):
    line = line.rstrip("\n")
    who, _, text = line.partition(" : ")
    if text.removeprefix(f"{me}, ") == "{{question}}?":
        room.sendall(f"{who}, {{answer}}\n".encode())
