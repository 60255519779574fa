import socket

listener = socket.socket(socket.AF_UNIX)
listener.bind("echo.sock")  # in the folder in which it is started: ~/work | 在启动它的目录里，即 ~/work
listener.listen()
connection, _ = listener.accept()
line = connection.recv(4096)
connection.sendall(line)
