# fails: rests polls
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


signal.signal(signal.SIGCHLD, signal.SIG_IGN)
listener = socket.socket(socket.AF_UNIX)
listener.bind("multiplex.sock")
listener.listen()
sockets = [listener]
listener.setblocking(False)
while True:
    for end in list(sockets):
        try:
            if end is listener:
                sockets.append(listener.accept()[0])
                sockets[-1].setblocking(False)
            elif data := end.recv(4096):
                try:
                    end.sendall(b"".join(lines(end, data)))
                except BrokenPipeError:
                    pass
            else:
                sockets.remove(end)
        except BlockingIOError:
            pass
    time.sleep(0.01)
