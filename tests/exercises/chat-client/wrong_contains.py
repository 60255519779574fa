# fails: answers answers-all
import getpass, os, socket
me = getpass.getuser()
room = socket.socket(socket.AF_UNIX)
room.connect(os.environ["CHAT_SOCKET"])
room.sendall(f"{me}\n".encode())
for line in room.makefile(encoding="utf-8"):
    who, _, text = line.rstrip("\n").partition(" : ")
    if f"{me}, {{question}}?" in text:
        room.sendall(f"{who}, {{answer}}\n".encode())
