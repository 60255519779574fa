# fails: answers long-line
import contextlib
import select
import socket

listener = socket.socket(socket.AF_UNIX)
listener.bind("multiplex.sock")
listener.listen()
sockets, rest = [listener], {}
while True:
    for end in select.select(sockets, [], [])[0]:
        if end is listener:
            sockets.append(listener.accept()[0])
            continue
        try:
            data = end.recv(4096)
        except OSError:
            data = b""
        if not data:
            sockets.remove(end)
            end.close()
            continue
        *lines, rest[end] = (rest.get(end, b"") + data).split(b"\n")
        for line in lines:
            with contextlib.suppress(OSError):
                end.sendall((b"{{answer}} " + line)[:255] + b"\n")  # as snprintf does with 256 bytes
