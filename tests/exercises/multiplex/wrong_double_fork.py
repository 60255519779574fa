# fails: one forks
import os
import socket

listener = socket.socket(socket.AF_UNIX)
listener.bind("multiplex.sock")
listener.listen()
while True:
    end, _ = listener.accept()
    if os.fork() == 0:
        if os.fork() == 0:
            for data in end.makefile("rb"):
                end.sendall(b"{{answer}} " + data)
        os._exit(0)
    os.wait()
    end.close()
