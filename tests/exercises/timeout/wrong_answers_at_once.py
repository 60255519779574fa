# fails: answers unasked
import socket
import threading


def serve(connection):
    connection.settimeout({{seconds}})
    try:
        connection.sendall(b"{{answer}}\n")  # before a line has come
        for _line in connection.makefile("rb"):
            connection.sendall(b"{{answer}}\n")
    except TimeoutError:
        pass
    connection.close()


listener = socket.socket(socket.AF_UNIX)
listener.bind("timeout.sock")
listener.listen()
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
