# fails: listens not-listening
import socket
import time

listener = socket.socket(socket.AF_UNIX)
listener.bind("timeout.sock")
time.sleep({{seconds}} + 30)
