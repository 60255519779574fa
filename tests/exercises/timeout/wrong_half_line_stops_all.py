# fails: others waits-for-the-rest
import os, select, socket, time
if os.path.exists("timeout.sock"): os.unlink("timeout.sock")
s = socket.socket(socket.AF_UNIX)
s.bind("timeout.sock")
s.listen()
files, due = {}, {}
while True:
    limit = max(0, min(due.values()) - time.monotonic()) if due else None
    for ready in select.select([s, *due], [], [], limit)[0]:
        if ready is s:
            c, _ = s.accept()
            files[c], due[c] = c.makefile("rb", 0), time.monotonic() + {{seconds}}
            continue
        try: line = files[ready].readline()  # it waits for the newline, whoever speaks meanwhile
        except OSError: line = b""
        due[ready] = time.monotonic() + {{seconds}} if line else 0
        try: ready.sendall(b"{{answer}}\n" if line else b"")
        except OSError: due[ready] = 0
    for c in [c for c in due if due[c] <= time.monotonic()]:
        files.pop(c).close(); del due[c]; c.close()
