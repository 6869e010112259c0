"""The syndics' services: one process that answers for all of them, and a port that takes calls and never answers.

`python -m bench.lanes.sources PORT DEAD_PORT`. Tokens are not checked: what is measured is our side of the call.
"""

import asyncio
import json
import sys
from datetime import UTC, datetime

HOST = "127.0.0.1"


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Say of everything that it is disabled."""
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = next(
                (int(line[15:]) for line in head.split(b"\r\n") if line.lower()[:15] == b"content-length:"), 0
            )
            await reader.readexactly(length)
            body = json.dumps({"receipt": "bench", "disabled_at": datetime.now(UTC).isoformat()}).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read whatever comes, until the caller has had enough."""
    try:
        while await reader.read(65536):
            pass
    except ConnectionError:
        pass
    finally:
        writer.close()


async def main(port: int, dead_port: int) -> None:
    """Listen until the process is ended."""
    living = await asyncio.start_server(answer, HOST, port)
    dead = await asyncio.start_server(swallow, HOST, dead_port)
    await asyncio.gather(living.serve_forever(), dead.serve_forever())


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
