# fails: others blocked
import os
import signal
import socket

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
listener = socket.socket(socket.AF_UNIX)
listener.bind("timeout.sock")
listener.listen()
while True:
    connection, _ = listener.accept()
    connection.settimeout({{seconds}})
    try:
        for _line in connection.makefile("rb"):
            connection.sendall(b"{{answer}}\n")
    except OSError:
        pass
    connection.close()
