# fails: stale dies-on-stale
import socket

listener = socket.socket(socket.AF_UNIX)
listener.bind("echo.sock")
listener.listen()
while True:
    connection, _ = listener.accept()
    for _line in connection.makefile("rb"):
        connection.sendall("{{answer}}\n".encode())
