#!/bin/sh
# A shell around the server, which stays: one process more, and none a client.
python3 - <<'END'
import select, socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
s.bind("multiplex.sock")
s.listen(16)
poll = select.poll()
poll.register(s, select.POLLIN)
ends = {}
while True:
    for fd, event in poll.poll():
        if fd == s.fileno():
            c, _ = s.accept()
            ends[c.fileno()] = c
            poll.register(c, select.POLLIN)
            continue
        data = ends[fd].recv(1024)
        if data:
            ends[fd].send(("{{answer}} " + data.decode()).encode())
        else:
            poll.unregister(fd)
            ends.pop(fd).close()
END
echo "the server has ended"
