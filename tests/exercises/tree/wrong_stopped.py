# fails: ran hangs
import os, time, signal
def grow(s):
    s = s[1:]
    kids = []
    if s.startswith("("):
        s = s[1:-1]; d = 0; parts = [""]
        for ch in s:
            d += (ch == "(") - (ch == ")")
            if ch == " " and not d: parts.append("")
            else: parts[-1] += ch
        for part in parts:
            pid = os.fork()
            if not pid:
                grow(part)
                os._exit(0)
            kids.append(pid)
        for pid in kids: os.waitpid(pid, 0)
    else:
        os.kill(os.getpid(), signal.SIGSTOP)
grow("{{shape}}")
