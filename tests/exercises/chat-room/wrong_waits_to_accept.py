# fails: silent silent-stops-all
import contextlib
import queue
import socket
import sys
import threading


class Member:
    """A thread that reads, and one that writes from a queue: only this one waits for a client that does not read."""

    def __init__(self, room, end):
        self.room, self.end, self.name = room, end, None
        self.box = queue.Queue()
        self.box.put("* who are you?")
        self.lines = end.makefile(encoding="utf-8")
        room.hear(self, self.lines.readline().rstrip("\n"))
        for work in (self.read, self.write):
            threading.Thread(target=work, daemon=True).start()

    def read(self):
        with contextlib.suppress(ConnectionError):
            for line in self.lines:
                self.room.hear(self, line.rstrip("\n"))
        self.room.leave(self)
        self.end.shutdown(socket.SHUT_RDWR)

    def write(self):
        with contextlib.suppress(OSError):
            while True:
                self.end.sendall(self.box.get().encode() + b"\n")


class Room:
    def __init__(self):
        self.lock, self.members = threading.RLock(), {}

    def tell(self, text, but=None):
        with self.lock:
            for member in self.members.values():
                if member is not but:
                    member.box.put(text)

    def hear(self, member, line):
        with self.lock:
            if member.name:
                self.tell(f"{member.name} : {line}", but=member)
            elif line in self.members:
                member.box.put(f"* error: the name {line} is taken")
            else:
                member.name = line
                self.members[line] = member
                member.box.put(f"* welcome {line}, {len(self.members)} online")
                self.tell(f"{line} " + "{{login}}", but=member)

    def leave(self, member):
        with self.lock:
            if member.name:
                del self.members[member.name]
                self.tell(f"{member.name} " + "{{logout}}")


def accept(room, listener):
    while True:
        Member(room, listener.accept()[0])


def main():
    room = Room()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind("chat-room.sock")
    listener.listen()
    threading.Thread(target=accept, args=(room, listener), daemon=True).start()
    for line in sys.stdin:
        room.tell("{{admin}} : " + line.rstrip("\n"))
    threading.Event().wait()


main()
