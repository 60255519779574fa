# fails: rests polls
import contextlib
import socket
import time

listener = socket.socket(socket.AF_UNIX)
listener.bind("multiplex.sock")
listener.listen()
listener.setblocking(False)
rest, spoken = {}, 0.0
while True:
    with contextlib.suppress(BlockingIOError):
        connection = listener.accept()[0]
        connection.setblocking(False)
        rest[connection] = b""
    for end in list(rest):
        try:
            data = end.recv(4096)
        except BlockingIOError:
            continue
        spoken = time.monotonic()
        if not data:
            del rest[end]
            end.close()
            continue
        *lines, rest[end] = (rest[end] + data).split(b"\n")
        for line in lines:
            with contextlib.suppress(OSError):
                end.sendall(b"{{answer}} " + line + b"\n")
    time.sleep(0.001 if time.monotonic() < spoken + 0.04 else 0.1)
