import sys
import time


def task(seconds):
    time.sleep(seconds)


task({{short}})  # who does this one
task({{long}})  # while that one is done?
sys.exit({{code}})
