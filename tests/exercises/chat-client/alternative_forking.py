# As the lab's own client does: one process hears, the other speaks.
import os
import socket

name = os.environ["USER"]
s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
s.connect(os.environ.get("CHAT_SOCKET", "/run/chat/chat.sock"))
r, w = os.pipe()
if os.fork() == 0:
    os.close(w)
    s.send(("%s\n" % name).encode())
    while True:
        question = os.read(r, 4096)
        if not question:
            os._exit(0)
        for asker in question.decode().split():
            s.send(("%s, %s\n" % (asker, "{{answer}}")).encode())
os.close(r)
data = b""
while True:
    more = s.recv(100)
    if not more:
        break
    data += more
    while b"\n" in data:
        line, data = data.split(b"\n", 1)
        asker, _, text = line.partition(b" : ")
        if text == ("%s, {{question}}?" % name).encode():
            os.write(w, asker + b"\n")
