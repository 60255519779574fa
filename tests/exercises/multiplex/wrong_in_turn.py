# fails: answers one-at-a-time
import os
import select
import signal
import socket
import threading
import time

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
listener = socket.socket(socket.AF_UNIX)
listener.bind("multiplex.sock")
listener.listen()
sockets = [listener]
for _ in range({{clients}}):
    sockets.append(listener.accept()[0])
while True:
    for end in sockets[1:]:
        end.sendall(b"{{answer}} " + end.recv(4096))
