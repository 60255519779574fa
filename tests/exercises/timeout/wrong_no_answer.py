# fails: answers no-answer
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
        connection.settimeout({{seconds}})
        try:
            while connection.recv(4096):
                pass
        except TimeoutError:
            os._exit(0)
    connection.close()
