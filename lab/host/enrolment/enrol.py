"""From a roster to a lab that is ready to start: who has which UID, their accounts, their homes, the compose file."""

import json
from pathlib import Path

import docker

from lab.host import room, settings
from lab.host.enrolment import accounts, class_file, homes, room_files, roster
from lab.host.enrolment.roster import Seat
from lab.language import tr


def enrol(engine: docker.DockerClient, path: Path | None) -> list[Seat]:
    """Put a roster in force, or go on with the one that is; return its seats. Raises LabError, nothing changed."""
    if not room.NAME:
        keep_settings()
    if path:
        roster.remember(roster.read(path, taken(engine)))
    seats = roster.current()
    if roster.in_force():
        accounts.write(seats)
        if room.NAME:
            class_file.write(seats, room_files.bring(engine), room_files.mount())
        else:
            class_file.write(seats)
    if new := homes.unused(engine, seats):
        homes.furnish(engine, new)
    return seats


def keep_settings() -> None:
    """Keep what this make was told, for the next. Raises SettingError."""
    roster.write_private(settings.FILE, json.dumps(settings.told(), indent=1))


def taken(engine: docker.DockerClient) -> dict[str, int]:
    """Return the UIDs that are somebody's: of the seats in the roster, and of homes that have outlived theirs."""
    seats = roster.current() if roster.in_force() else []
    return {**homes.uids(engine), **{seat.login: seat.uid for seat in seats}}


def left(engine: docker.DockerClient) -> list[str]:
    """Return a sentence for each seat that is no longer in the roster and whose work is kept."""
    here = {seat.login for seat in roster.current()}
    return [
        tr(
            "{login} is not in the roster; the work is kept in the volume {volume} until make clean, and is "
            "{login}'s again when the seat comes back",
            login=login,
            volume=homes.volume_of(login),
        )
        for login in sorted(homes.uids(engine))
        if login not in here
    ]
