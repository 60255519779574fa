import os, socketserver
class H(socketserver.StreamRequestHandler):
    timeout = {{seconds}}
    def handle(self):
        try:
            for line in self.rfile: self.wfile.write(b"{{answer}}\n")
        except TimeoutError: pass
class S(socketserver.ForkingMixIn, socketserver.UnixStreamServer): pass
if os.path.exists("timeout.sock"): os.unlink("timeout.sock")
S("timeout.sock", H).serve_forever()
