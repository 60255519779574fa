# fails: answers one-message
import socket

listener = socket.socket(socket.AF_UNIX)
listener.bind("echo.sock")
listener.listen()
while True:
    connection, _ = listener.accept()
    connection.recv(4096)
    connection.sendall("{{answer}}\n".encode())
    connection.close()
