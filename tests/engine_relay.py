"""A socket that stands for the engine's and can be killed: `python3 -m tests.engine_relay PATH [LATE]`.

It hands on what the engine has said so many seconds later, in one piece, as a busy machine or a line to another may.
"""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.clone import ROOT

ENGINE = "/var/run/docker.sock"


@contextmanager
def relayed(folder: Path, late: float = 0.0) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Run a relay; yield its process, to be killed if the engine is to stop, and what DOCKER_HOST says of it."""
    link = f"{folder}/engine.sock"
    with subprocess.Popen(
        [sys.executable, "-m", "tests.engine_relay", link, str(late)], cwd=ROOT, stdout=subprocess.PIPE
    ) as relay:
        assert relay.stdout
        assert relay.stdout.readline() == b"ready\n"
        try:
            yield relay, f"unix://{link}"
        finally:
            relay.kill()


async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, late: float = 0.0) -> None:
    """Copy bytes one way, to their end."""
    while await asyncio.sleep(late, True) and (data := await reader.read(65536)):
        writer.write(data)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()


JOINED: set[object] = set()  # asyncio itself holds its tasks only weakly


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Join one client with the engine."""
    JOINED.add(asyncio.current_task())
    there, back = await asyncio.open_unix_connection(ENGINE)
    await asyncio.gather(carry(reader, back), carry(there, writer, float(sys.argv[2])), return_exceptions=True)
    back.close()
    writer.close()


async def main() -> None:
    """Listen, say so, and relay until killed."""
    server = await asyncio.start_unix_server(serve, sys.argv[1])
    print("ready", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
