# fails: lives died
import os
import socket
import stat

if os.path.lexists("echo.sock") and stat.S_ISSOCK(os.lstat("echo.sock").st_mode):
    if socket.socket(socket.AF_UNIX).connect_ex("echo.sock"):
        os.unlink("echo.sock")
listener = socket.socket(socket.AF_UNIX)
listener.bind("echo.sock")
listener.listen()
while True:
    connection, _ = listener.accept()
    for _line in connection.makefile("rb"):
        connection.sendall("{{answer}}\n".encode())
    connection.close()
