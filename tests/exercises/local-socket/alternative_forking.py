import errno
import os
import signal
import socket
import stat

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
if os.path.exists("echo.sock") and stat.S_ISSOCK(os.lstat("echo.sock").st_mode):
    probe = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    if probe.connect_ex("echo.sock") == errno.ECONNREFUSED:
        os.remove("echo.sock")
    probe.close()
s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
s.bind("echo.sock")
s.listen(5)
while 1:
    c, a = s.accept()
    if os.fork() == 0:
        while 1:
            data = c.recv(1024)
            if not data:
                break
            for _ in range(data.count(b"\n")):
                c.send("{{answer}}".encode())
                c.send(b"\n")
        os._exit(0)
    c.close()
