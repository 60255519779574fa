import functools
import selectors
import socket


class Connection:
    def __init__(self, end):
        self.end = end
        self.end.setblocking(False)
        self.unfinished = b""

    def read(self):
        data = self.end.recv(4096)
        if not data:
            raise EOFError
        *lines, self.unfinished = (self.unfinished + data).split(b"\n")
        for line in lines:
            self.end.sendall(b"{{answer}} %s\n" % line)


def serve(connection):
    try:
        connection.read()
    except (EOFError, OSError):
        selector.unregister(connection.end)
        connection.end.close()


def accept():
    end = listener.accept()[0]
    selector.register(end, selectors.EVENT_READ, functools.partial(serve, Connection(end)))


selector = selectors.DefaultSelector()
listener = socket.socket(socket.AF_UNIX)
listener.bind("multiplex.sock")
listener.listen()
selector.register(listener, selectors.EVENT_READ, accept)
while True:
    for key, _ in selector.select(1):
        key.data()
