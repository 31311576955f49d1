"""An echo server on the websockets library (10 or later), as an example of a target in another language: PORT [SECONDS BETWEEN PINGS]."""
import asyncio
import signal
import sys

import websockets


async def echo(socket):
    async for message in socket:
        await socket.send(message)


async def main(port, beat=20):
    stop = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set_result, None)
    async with websockets.serve(
        echo, "127.0.0.1", port, ping_interval=beat, ping_timeout=beat
    ):
        print(f"listening on 127.0.0.1:{port}", flush=True)
        await stop


asyncio.run(main(*map(int, sys.argv[1:])))
