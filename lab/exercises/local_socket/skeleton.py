import socket

listener = socket.socket(socket.AF_UNIX)
listener.bind("echo.sock")  # in the folder in which it is started: ~/work
listener.listen()
connection, _ = listener.accept()
line = connection.recv(4096)
connection.sendall(line)
