# fails: lives died
import os
import signal
import socket

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
listener = socket.socket(socket.AF_UNIX)
listener.bind("timeout.sock")
listener.listen()
import select

sockets = [listener]
while True:
    ready, _, _ = select.select(sockets, [], [], {{seconds}} * 0.2)
    for end in ready:
        if end is listener:
            sockets.append(listener.accept()[0])
            sockets[-1].settimeout({{seconds}})
        elif data := end.recv(4096):
            end.sendall(b"{{answer}}\n" * data.count(b"\n"))
        else:
            sockets.remove(end)
    if not ready and len(sockets) > 1:
        sockets[1].recv(4096)  # who is silent? This raises TimeoutError, and nobody catches it
