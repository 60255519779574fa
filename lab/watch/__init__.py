"""The class at work: every seat's processes, live, as whoever watches a room full of people sees it.

It runs in a container of its own, sees the machine's processes (`pid: host`) without any privilege, and puts nothing
into a seat. `whose` tells which process is which seat's, `process` and `seat` look at them, `sampler` finds new ones,
`readers` hands out what is new, `server` is the loop.

Who connects to its socket reads frames, a line of JSON each:

    {"time": 812.34, "seats": {"client1": {"processes": [P, …], "missed": 2}, …}}

    {"pid": 12, "ppid": 1, "pgid": 12, "sid": 12, "state": "S", "nice": 0, "threads": 1, "command": "sleep 60",
     "start": 811.07, "reaps": 0}

time     when the sample was taken, in seconds of the machine's CLOCK_BOOTTIME, as `start`
seats    those of which something is new to this reader, all in the first frame; none, once a second, if nothing is
pid …    as the seat itself has them; ppid is 0 where the parent is outside, the seat's first process its adopter
command  printable, 200 characters at most
reaps    children whose ends its wait calls took, while it was looked at, as far as /proc tells (see `seat`)
missed   births that were too short to be seen, as far as the numbers tell; a short-lived thread has a number too

Sorted by start and pid; never an environment. A reader may write `{"look": ["client1"]}`: the seats that somebody has
before them, of which 50 samples a second are taken instead of 10.
"""
