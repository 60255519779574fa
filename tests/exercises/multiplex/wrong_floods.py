# fails: answers no-newline
import socket

listener = socket.socket(socket.AF_UNIX)
listener.bind("multiplex.sock")
listener.listen()
ends = []
while True:
    ends.append(listener.accept()[0])
    if len(ends) == {{clients}}:
        while True:
            ends[-1].sendall(b"x" * 65536)
