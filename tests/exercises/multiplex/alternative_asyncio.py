import asyncio


async def serve(reader, writer):
    async for line in reader:
        writer.write(b"{{answer}} " + line)
        await writer.drain()
    writer.close()


async def main():
    async with await asyncio.start_unix_server(serve, "multiplex.sock") as server:
        await server.serve_forever()


asyncio.run(main())
