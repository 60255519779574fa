# fails: answers to-another
import contextlib
import os
import select
import signal
import socket
import threading
import time

half = {}


def lines(end, data):
    *found, half[end] = (half.get(end, b"") + data).split(b"\n")
    return [b"{{answer}} %s\n" % line for line in found]


def received(end):
    try:
        return end.recv(4096)
    except ConnectionResetError:  # it has left, and not read all that it was sent
        return b""


signal.signal(signal.SIGCHLD, signal.SIG_IGN)
listener = socket.socket(socket.AF_UNIX)
listener.bind("multiplex.sock")
listener.listen()
sockets = [listener]
while True:
    for end in select.select(sockets, [], [])[0]:
        if end is listener:
            sockets.append(listener.accept()[0])
        elif data := received(end):
            for answer in lines(end, data):
                for each in sockets[1:]:
                    with contextlib.suppress(OSError):
                        each.sendall(answer)
        else:
            sockets.remove(end)
