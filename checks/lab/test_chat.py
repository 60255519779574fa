"""The chat, from seat to seat."""

import uuid
from concurrent.futures import ThreadPoolExecutor

from checks.judging.verdict import Wrong
from checks.lab.place import Place

SOCKET = "/run/chat/chat.sock"


def test_chat(seat: Place, neighbour: Place) -> None:
    """What one seat says, its neighbour hears once, between the notices of login and logout; the answer comes back."""
    mark = uuid.uuid4().hex[:6]
    speaker, hearer, text = f"说{mark}", f"听{mark}", f"你好 {mark}"
    with ThreadPoolExecutor() as threads:
        hears = threads.submit(neighbour.probe, "chat", SOCKET, "hear", hearer, speaker, text)
        says = threads.submit(seat.probe, "chat", SOCKET, "say", speaker, hearer, text)
        heard, answered = hears.result(), says.result()
    about = [line for line in heard if line.startswith(speaker)]
    wanted = [f"{speaker} : {text}", f"{speaker} logout"]
    if about not in (wanted, [f"{speaker} login", *wanted]):  # the hearer may have come second
        raise Wrong(f"{neighbour} did not hear what {seat} said", expected=wanted, actual=about, rows="\n".join(heard))
    if f"{hearer} : heard" not in answered:
        raise Wrong(f"{seat} did not get the answer of {neighbour}", actual=answered, rows="\n".join(answered))
    if f"{speaker} : {text}" in answered:
        raise Wrong(f"{seat} was sent its own message", actual=answered, rows="\n".join(answered))
