# fails: answers wrong-answer
import socket

listener = socket.socket(socket.AF_UNIX)
listener.bind("echo.sock")
listener.listen()
while True:
    connection, _ = listener.accept()
    while data := connection.recv(4096):
        connection.sendall(data)
