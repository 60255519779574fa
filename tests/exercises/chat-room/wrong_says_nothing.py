# fails: messages empty-message
import os
import select
import signal
import socket
import sys


def listen(client, channel):
    """The child: read one client, line by line, and pass each line on to the parent."""
    try:
        for line in client.makefile("rb"):
            channel.send(line.rstrip(b"\n") or b" ")
    except ConnectionError:
        pass  # it was killed
    os._exit(0)


def send(client, text):
    """Send without waiting; who does not read is hung up on, which its child will see."""
    data = text.encode() + b"\n"
    try:
        if client.send(data, socket.MSG_DONTWAIT) == len(data):
            return
    except OSError:
        pass
    try:
        client.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


def tell(text, but=None):
    for channel in list(online):
        if channel is not but:
            send(clients[channel], text)


def accept():
    client, _ = listener.accept()
    channel, childs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    if os.fork() == 0:
        listen(client, childs)
    childs.close()
    clients[channel] = client


def hear(channel):
    line = channel.recv(65536).decode(errors="replace")
    if channel in online:
        tell(f"{online[channel]} : {line}", but=channel)
    elif line in online.values():
        send(clients[channel], f"* error: {line} is taken, choose another name")
    else:
        send(clients[channel], f"* welcome {line}")
        online[channel] = line
        tell(f"{line} " + "{{login}}", but=channel)


def forget(channel):
    clients.pop(channel).close()
    channel.close()
    if name := online.pop(channel, None):
        tell(f"{name} " + "{{logout}}")


signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps
if os.path.exists("chat-room.sock"):
    os.unlink("chat-room.sock")
listener = socket.socket(socket.AF_UNIX)
listener.bind("chat-room.sock")
listener.listen(20)
clients, online, others = {}, {}, [listener, sys.stdin]
while True:
    for ready in select.select([*others, *clients], [], [])[0]:
        if ready is listener:
            accept()
        elif ready is sys.stdin:
            if line := sys.stdin.readline():
                tell("{{admin}} : " + line.rstrip("\n"))
            else:
                others.remove(sys.stdin)
        elif ready in clients:
            hear(ready)
