"""Clients that watch a job of the server: ``python -m benchmarks.clients ADDRESS JOB``.

A process of its own, so that what the clients cost is not the server's time.
50 ask for the job five times a second, 20 listen to its events, until it has
ended. Prints what they saw as JSON; the token is in the environment.
"""

import json
import os
import statistics
import sys
import threading
import time
from http.client import HTTPConnection

POLLING = 50
LISTENING = 20
_PAUSE_SECONDS = 0.2
_ENDED = {"succeeded", "failed", "cancelled"}


class _Seen:
    def __init__(self) -> None:
        self.latencies: list[float] = []
        self.events: list[int] = []
        self.last_states: list[str] = []
        self.lock = threading.Lock()


def _poll(address: str, job: str, headers: dict[str, str], seen: _Seen) -> None:
    connection = HTTPConnection(address, timeout=60)
    latencies = []
    state = ""
    while state not in _ENDED:
        started = time.perf_counter()
        connection.request("GET", f"/api/jobs/{job}", headers=headers)
        state = json.loads(connection.getresponse().read())["state"]
        latencies.append(time.perf_counter() - started)
        time.sleep(_PAUSE_SECONDS)
    with seen.lock:
        seen.latencies += latencies


def _listen(address: str, job: str, headers: dict[str, str], seen: _Seen) -> None:
    connection = HTTPConnection(address, timeout=60)
    connection.request("GET", f"/api/jobs/{job}/events", headers=headers)
    lines = [line for line in connection.getresponse() if line.startswith(b"data: ")]
    with seen.lock:
        seen.events.append(len(lines))
        seen.last_states.append(json.loads(lines[-1].partition(b": ")[2])["state"])


def main(address: str, job: str) -> None:
    headers = {"Authorization": f"Bearer {os.environ['AUTORESUMEFILLER_TOKEN']}"}
    seen = _Seen()
    threads = [
        threading.Thread(target=work, args=(address, job, headers, seen))
        for work in [_poll] * POLLING + [_listen] * LISTENING
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(seen.last_states) != LISTENING or set(seen.last_states) != {"succeeded"}:
        raise SystemExit(f"not every listener saw the end: {seen.last_states}")
    told = {
        "answers": len(seen.latencies),
        "median_seconds": statistics.median(seen.latencies),
        "p99_seconds": statistics.quantiles(seen.latencies, n=100)[-1],
        "events_each": statistics.median(seen.events),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
