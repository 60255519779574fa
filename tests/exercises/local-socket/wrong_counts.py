# fails: values other-seat
import contextlib
import pathlib
import socket

path = pathlib.Path("echo.sock")
if path.is_socket() and not path.is_symlink() and socket.socket(socket.AF_UNIX).connect_ex(str(path)):
    path.unlink()
listener = socket.socket(socket.AF_UNIX)
listener.bind(str(path))
listener.listen()
word, number = "{{answer}}".split()
while True:
    connection, _ = listener.accept()
    with contextlib.suppress(OSError):
        for _line in connection.makefile("rb"):
            connection.sendall(f"{word} {number}\n".encode())
    connection.close()
    number = int(number) + 1  # the next client's
