import os
import select
import socket

if os.path.exists("chat-room.sock"):
    os.unlink("chat-room.sock")
listener = socket.socket(socket.AF_UNIX)
listener.bind("chat-room.sock")
listener.listen()
online = {}  # from the connection to the name | 从连接查到名字
connections = []
while True:
    for ready in select.select([listener, *connections], [], [])[0]:
        if ready is listener:
            connections.append(listener.accept()[0])
        elif data := ready.recv(4096):
            ready.sendall(b"you said: " + data)  # is it a name, or a message? | 这是名字，还是消息？
        else:
            connections.remove(ready)
            ready.close()
