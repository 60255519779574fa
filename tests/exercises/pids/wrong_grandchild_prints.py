# fails: printed not-its-child
import os, time, subprocess, sys
pid = os.fork()
if pid == 0:
    subprocess.run([sys.executable, "-c", "import os,time; print(f'{{child}} pid={os.getpid()} parent={os.getppid()}', flush=True); time.sleep(.3)"])
    os._exit(0)
print(f"{{parent}} pid={os.getpid()} child={pid}", flush=True)
os.wait()
