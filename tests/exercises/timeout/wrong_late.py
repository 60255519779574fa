# fails: answers late
import asyncio
import time


async def serve(reader, writer):
    try:
        while await asyncio.wait_for(reader.readline(), {{seconds}}):
            time.sleep(1.2)
            writer.write(b"{{answer}}\n")
            await writer.drain()
    except asyncio.TimeoutError:
        pass
    finally:
        writer.close()


async def main():
    async with await asyncio.start_unix_server(serve, "timeout.sock") as server:
        await server.serve_forever()


asyncio.run(main())
