# fails: drops half-closed
import contextlib
import socket
import threading


def serve(connection):
    connection.settimeout({{seconds}})
    with contextlib.suppress(OSError):
        for _line in connection.makefile("rb"):
            connection.sendall(b"{{answer}}\n")
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_WR)
    connection.settimeout(None)
    while connection.recv(4096):
        pass
    connection.close()


listener = socket.socket(socket.AF_UNIX)
listener.bind("timeout.sock")
listener.listen()
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
