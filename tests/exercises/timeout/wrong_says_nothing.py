# fails: answers no-answer
import socketserver


class Echo(socketserver.StreamRequestHandler):
    timeout = {{seconds}}

    def handle(self):
        for _ in self.rfile:
            pass


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


Server("timeout.sock", Echo).serve_forever()
