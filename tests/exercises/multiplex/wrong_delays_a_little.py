# fails: answers late
import contextlib
import select
import socket
import time

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
                time.sleep(0.4)
                with contextlib.suppress(OSError):
                    end.sendall(b"{{answer}} " + line + b"\n")
        else:
            del rest[end]
            end.close()
