import socketserver


class Echo(socketserver.StreamRequestHandler):
    timeout = {{seconds}}

    def handle(self):
        for _ in self.rfile:
            self.wfile.write(b"{{answer}}\n")


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


Server("timeout.sock", Echo).serve_forever()
