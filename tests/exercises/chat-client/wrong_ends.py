# fails: answers no-answer
import getpass, os, socket, sys, time
me = getpass.getuser()
room = socket.socket(socket.AF_UNIX)
room.connect(os.environ["CHAT_SOCKET"])
room.sendall(f"{me}\n".encode())
print(room.recv(100))
