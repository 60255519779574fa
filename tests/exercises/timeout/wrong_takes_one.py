# fails: lives died
import os
import signal
import socket


def serve(connection):
    connection.settimeout({{seconds}})
    try:
        for line in connection.makefile("rb"):
            connection.sendall(b"{{answer}}\n")
    except TimeoutError:
        pass


signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps
if os.path.exists("timeout.sock"):
    os.unlink("timeout.sock")
listener = socket.socket(socket.AF_UNIX)
listener.bind("timeout.sock")
listener.listen()
for _ in range(1):
    connection, _ = listener.accept()
    if os.fork() == 0:
        listener.close()
        serve(connection)
        os._exit(0)
    connection.close()
