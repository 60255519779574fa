# fails: one forks
import contextlib
import os
import select
import socket

if os.fork():
    os.wait()  # and its child serves
    os._exit(0)
listener = socket.socket(socket.AF_UNIX)
listener.bind("multiplex.sock")
listener.listen()
rest = {}
while True:
    for end in select.select([listener, *rest], [], [])[0]:
        if end is listener:
            rest[listener.accept()[0]] = b""
        elif data := end.recv(4096):
            *lines, rest[end] = (rest[end] + data).split(b"\n")
            for line in lines:
                with contextlib.suppress(OSError):
                    end.sendall(b"{{answer}} " + line + b"\n")
        else:
            del rest[end]
            end.close()
