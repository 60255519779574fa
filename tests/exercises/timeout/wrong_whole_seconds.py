# fails: values other-time
import math
import os
import signal
import socket

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
listener = socket.socket(socket.AF_UNIX)
listener.bind("timeout.sock")
listener.listen()
while True:
    connection, _ = listener.accept()
    if os.fork() == 0:
        signal.alarm(math.ceil({{seconds}}) + 1)
        for _line in connection.makefile("rb"):
            connection.sendall(b"{{answer}}\n")
            signal.alarm(math.ceil({{seconds}}) + 1)
        os._exit(0)
    connection.close()
