# fails: one forks
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
while True:
    end, _ = listener.accept()
    if os.fork() == 0:
        for data in end.makefile("rb"):
            end.sendall(b"{{answer}} " + data)
        os._exit(0)
    end.close()
