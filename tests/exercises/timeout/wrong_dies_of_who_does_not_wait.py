# fails: lives died
import select
import socket
import time

LIMIT = {{seconds}}
listener = socket.socket(socket.AF_UNIX)
listener.bind("timeout.sock")
listener.listen()
last = {}
while True:
    now = time.monotonic()
    due = min((moment + LIMIT - now for moment in last.values()), default=None)
    ready, _, _ = select.select([listener, *last], [], [], due and max(0, due))
    now = time.monotonic()
    for end in ready:
        if end is listener:
            last[listener.accept()[0]] = now
        elif data := end.recv(4096):
            last[end] = now
            end.sendall(b"{{answer}}\n" * data.count(b"\n"))
        else:
            del last[end]
            end.close()
    for end, moment in list(last.items()):
        if now - moment >= LIMIT:
            end.close()
            del last[end]
