# fails: answers not-ascii
import socket
import threading


def serve(connection):
    connection.settimeout({{seconds}})
    with connection:
        try:
            for line in connection.makefile(encoding="ascii"):
                connection.sendall(b"{{answer}}\n")
        except TimeoutError:
            pass


listener = socket.socket(socket.AF_UNIX)
listener.bind("timeout.sock")
listener.listen()
while True:
    connection, _ = listener.accept()
    threading.Thread(target=serve, args=(connection,), daemon=True).start()
