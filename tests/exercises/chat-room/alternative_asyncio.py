import asyncio
import sys

online = {}


def tell(text, but=None):
    for name, writer in online.items():
        if name != but:
            writer.write(f"{text}\n".encode())  # it queues what the client does not take


async def serve(reader, writer):
    name = None
    try:
        while line := (await reader.readline()).decode().rstrip("\n"):
            if name:
                tell(f"{name} : {line}", but=name)
            elif line in online:
                writer.write("* error: taken\n".encode())
            else:
                name = line
                writer.write(f"* welcome {name}\n".encode())
                tell(f"{name} " + "{{login}}")
                online[name] = writer
    except ConnectionError:
        pass
    if name:
        del online[name]
        tell(f"{name} " + "{{logout}}")
    writer.close()


async def administrate():
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async for line in reader:
        tell("{{admin}} : " + line.decode().rstrip("\n"))


async def main():
    async with await asyncio.start_unix_server(serve, "chat-room.sock"):
        await administrate()


asyncio.run(main())
