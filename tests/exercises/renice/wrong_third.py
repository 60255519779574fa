# fails: values another
import os
import time

for niceness, computes in (({{first}}, 0), ({{first}} + 1, 0.3)):
    os.setpriority(os.PRIO_PROCESS, 0, niceness)
    end, used = time.monotonic() + 0.6, time.process_time()
    while time.process_time() < used + computes or (not computes and time.monotonic() < end):
        pass
os.setpriority(os.PRIO_PROCESS, 0, {{second}})
end = time.monotonic() + 0.6
while time.monotonic() < end:
    pass
