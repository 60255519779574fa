# fails: answers no-answer
import asyncio
import os


class Client:
    def __init__(self, name):
        self.name = name

    async def run(self):
        reader, self.writer = await asyncio.open_unix_connection(os.environ["CHAT_SOCKET"])
        self.writer.write(self.name.encode() + b"\n")
        async for line in reader:
            if self.answer(line.decode()):
                break
        await self.writer.drain()
        self.writer.close()

    def answer(self, line):
        who, separator, text = line.strip().partition(" : ")
        if separator and text == self.name + ", {{question}}?":
            self.writer.write(f"{who}, {{answer}}".encode())
            return True
        return False


asyncio.run(Client(os.environ["LOGNAME"]).run())
