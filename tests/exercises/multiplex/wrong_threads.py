# fails: one threads
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


def serve(end):
    for data in end.makefile("rb"):
        end.sendall(b"{{answer}} " + data)


while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
