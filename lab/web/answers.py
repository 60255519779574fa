"""The health check: the server of the pages answers, and lets nobody in who has no link."""

import http.client
import sys

from lab.web import state

PATIENCE = 4.0  # seconds


def main() -> int:
    """Return 0 if it answers as it should."""
    if state.has_certificate():
        import ssl  # takes longer than all else here

        unchecked = ssl._create_unverified_context()  # noqa: S323 (it is our own, by whatever name)
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            "127.0.0.1", state.PORT, timeout=PATIENCE, context=unchecked
        )
    else:
        connection = http.client.HTTPConnection("127.0.0.1", state.PORT, timeout=PATIENCE)
    connection.request("GET", "/api/seat")
    return connection.getresponse().status != http.client.FORBIDDEN


if __name__ == "__main__":
    sys.exit(main())
