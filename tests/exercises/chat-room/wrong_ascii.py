# fails: login hangs-up
import os
import socket
import sys
import threading

if os.path.exists("chat-room.sock"):
    os.unlink("chat-room.sock")
listener = socket.socket(socket.AF_UNIX)
listener.bind("chat-room.sock")
listener.listen(20)
online, lock = {}, threading.Lock()


def send(end, text):
    try:
        end.send(text.encode() + b"\n", socket.MSG_DONTWAIT)
    except OSError:
        pass


def tell(text, but=None):
    with lock:
        for end in online:
            if end is not but:
                send(end, text)


def serve(end):
    try:
        for line in end.makefile(encoding="ascii"):
            line = line.rstrip("\n")
            if end in online:
                tell(f"{online[end]} : {line}", end)
            elif line in online.values():
                send(end, "* error: the name is taken")
            else:
                send(end, f"* welcome {line}")
                tell(f"{line} {{login}}")
                online[end] = line
    finally:
        end.shutdown(socket.SHUT_RDWR)
        if name := online.pop(end, None):
            tell(f"{name} {{logout}}")


def keyboard():
    for line in sys.stdin:
        tell("{{admin}} : " + line.rstrip("\n"))


threading.Thread(target=keyboard, daemon=True).start()
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
