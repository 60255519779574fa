# fails: lives died
import contextlib
import socket
import threading


def serve(connection):
    with connection, contextlib.suppress(OSError):
        for _line in connection.makefile("rb"):
            connection.sendall(b"{{answer}}\n")


socket.setdefaulttimeout({{seconds}})
listener = socket.socket(socket.AF_UNIX)
listener.bind("timeout.sock")
listener.listen()
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
