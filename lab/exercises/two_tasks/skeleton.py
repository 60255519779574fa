import sys
import time


def task(seconds):
    time.sleep(seconds)


task({{short}})  # who does this one | 谁来做这个
task({{long}})  # while that one is done? | 同时谁来做那个？
sys.exit({{code}})
