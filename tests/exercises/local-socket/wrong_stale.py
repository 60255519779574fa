# fails: stale dies-on-stale
import contextlib
import socket

listener = socket.socket(socket.AF_UNIX)
listener.bind("echo.sock")
listener.listen()
while True:
    connection, _ = listener.accept()
    with contextlib.suppress(OSError):
        for _line in connection.makefile("rb"):
            connection.sendall("{{answer}}\n".encode())
