import os
import socket

if os.path.exists("timeout.sock"):
    os.unlink("timeout.sock")
listener = socket.socket(socket.AF_UNIX)
listener.bind("timeout.sock")
listener.listen()
while True:
    connection, _ = listener.accept()  # and who serves the others meanwhile? | 这时谁来服务其他客户端？
    for line in connection.makefile("rb"):  # for how long? | 要等多久？
        connection.sendall(b"{{answer}}\n")
    connection.close()
