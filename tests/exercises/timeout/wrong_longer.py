# fails: values other-time
import contextlib
import socket
import threading


def serve(connection):
    connection.settimeout({{seconds}} + 0.6)  # which may be another seat's time, but the answer is this one's
    with connection, contextlib.suppress(OSError):
        for _line in connection.makefile("rb"):
            connection.sendall(b"{{answer}}\n")


listener = socket.socket(socket.AF_UNIX)
listener.bind("timeout.sock")
listener.listen()
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
