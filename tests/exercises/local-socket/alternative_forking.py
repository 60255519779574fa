import os
import signal
import socket
import stat

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
if os.path.exists("echo.sock") and stat.S_ISSOCK(os.stat("echo.sock").st_mode):
    os.remove("echo.sock")
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
            c.send("{{answer}}".encode())
        os._exit(0)
    c.close()
