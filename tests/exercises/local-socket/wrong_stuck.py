# fails: next-client stuck
import os
import socket
import stat
import time

if os.path.lexists("echo.sock") and stat.S_ISSOCK(os.lstat("echo.sock").st_mode):
    if socket.socket(socket.AF_UNIX).connect_ex("echo.sock"):
        os.unlink("echo.sock")
listener = socket.socket(socket.AF_UNIX)
listener.bind("echo.sock")
listener.listen()
while True:
    connection, _ = listener.accept()
    is_sent = True
    for _line in connection.makefile("rb"):
        is_sent = False
        while not is_sent:  # again and again
            try:
                connection.sendall("{{answer}}\n".encode())
                is_sent = True
            except OSError:
                time.sleep(0.1)
    connection.close()
