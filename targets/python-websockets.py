"""An echo server on the websockets library (10 or later), as an example of a target in another language:
PORT [SECONDS BETWEEN PINGS]; with BASIC_AUTH=user:password in the environment it asks for that (RFC 7617)."""
import asyncio
import os
import signal
import sys

import websockets


async def echo(socket):
    async for message in socket:
        await socket.send(message)


async def main(port, beat=20):
    stop = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set_result, None)
    options = {"ping_interval": beat, "ping_timeout": beat}
    if "BASIC_AUTH" in os.environ:
        user = tuple(os.environ["BASIC_AUTH"].split(":", 1))
        options["create_protocol"] = websockets.basic_auth_protocol_factory("echo", user)
    async with websockets.serve(echo, "127.0.0.1", port, **options):
        print(f"listening on 127.0.0.1:{port}", flush=True)
        await stop


asyncio.run(main(*map(int, sys.argv[1:])))
