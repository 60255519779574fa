# fails: taken hangs-up
import os
import selectors
import socket
import sys


class Server:
    def __init__(self, path):
        if os.path.exists(path):
            os.unlink(path)
        self.names, self.rest = {}, {}
        self.selector = selectors.PollSelector()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen()
        self.selector.register(self.listener, selectors.EVENT_READ, self.accept)
        self.selector.register(sys.stdin.fileno(), selectors.EVENT_READ, self.keyboard)

    def run(self):
        while True:
            for key, _ in self.selector.select():
                key.data(key.fileobj)

    def accept(self, listener):
        end, _ = listener.accept()
        self.rest[end] = b""
        self.selector.register(end, selectors.EVENT_READ, self.hear)

    def keyboard(self, number):
        data = os.read(number, 4096)
        if not data:
            self.selector.unregister(number)
        for line in data.decode().splitlines():
            self.tell("{{admin}} : " + line)

    def hear(self, end):
        try:
            data = end.recv(4096)
        except OSError:
            data = b""
        if not data:
            self.selector.unregister(end)
            del self.rest[end]
            end.close()
            if end in self.names:
                self.tell(self.names.pop(end) + " {{logout}}")
            return
        *lines, self.rest[end] = (self.rest[end] + data).split(b"\n")
        for line in lines:
            self.take(end, line.decode(errors="replace"))

    def take(self, end, line):
        if end in self.names:
            self.tell(f"{self.names[end]} : {line}", end)
        elif line in self.names.values():
            end.shutdown(socket.SHUT_RDWR)
        else:
            self.send(end, "* welcome " + line)
            self.tell(line + " {{login}}")
            self.names[end] = line

    def send(self, end, text):
        try:
            end.send(text.encode() + b"\n", socket.MSG_DONTWAIT)
        except OSError:
            pass

    def tell(self, text, but=None):
        for end in list(self.names):
            if end is not but:
                self.send(end, text)


Server("chat-room.sock").run()
