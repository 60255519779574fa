"""Which lab a make is about: this machine's, or one room of a class that is on many hosts (lab/host/hosts/).

A room has a make of its own: DOCKER_HOST is its host's engine, LAB_ROOM its name, and what is generated for it is in a
folder of its own, so that all is done for it as for the one lab of one machine. What is the class's stays in .lab.
"""

import os

from lab.host.python import ROOT

CLASS = ROOT / ".lab"  # settings, the secret, the instructor's key
ROOMS = CLASS / "rooms"
NAME = os.environ.get("LAB_ROOM", "")
ADDRESS = os.environ.get("LAB_ROOM_ADDRESS", "")  # of its host; "" is this machine
SSH = os.environ.get("LAB_ROOM_SSH", "")  # what ssh is to be told, to go there
PAGES = os.environ.get("LAB_ROOM_PAGES", "")  # by which name its pages are reached, if not by its host's
FOLDER = ROOMS / NAME if NAME else CLASS
