import subprocess
import sys
import time

subprocess.Popen([sys.executable, "-c", "import time; time.sleep({{work}} + {{alone}})"])
time.sleep({{work}})
sys.exit({{code}})
