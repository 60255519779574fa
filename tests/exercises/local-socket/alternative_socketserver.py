import os
import socket
import socketserver
import stat
import sys


class Echo(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            self.wfile.write(b"%s\n" % "{{answer}}".encode())


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


def clear(path):
    try:
        if not stat.S_ISSOCK(os.lstat(path).st_mode):
            sys.exit(f"{path} is no socket")
        socket.socket(socket.AF_UNIX).connect(path)
        sys.exit(f"{path}: a server is alive")
    except FileNotFoundError:
        return
    except ConnectionRefusedError:
        os.unlink(path)


clear("echo.sock")
with Server("echo.sock", Echo) as server:
    server.serve_forever()
