"""What apps are and use, in the text format of Prometheus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast, get_args

from installer import extras
from phases.containers.apps.manager import AppStatus, State, Use

if TYPE_CHECKING:
    from collections.abc import Iterable

_APP = ("app", "mode")


def text(found: Iterable[tuple[AppStatus, Use]]) -> str:
    """One sample an app of each: state, health, memory, processor time, processes, restarts, start."""
    client = cast("Any", extras.need("containers", "prometheus_client"))
    registry = client.CollectorRegistry()

    def gauge(name: str, what: str, *more: str) -> Any:  # noqa: ANN401 -- a library without types
        return client.Gauge(f"surefoot_app_{name}", what, (*_APP, *more), registry=registry)

    up = gauge("up", "1: there is something that a stop would end")
    state = gauge("state", "1 for the state that it is in", "state")
    healthy = gauge("healthy", "1: its health check is answered well; only of apps with one")
    memory = gauge("memory_bytes", "Memory that it uses")
    processes = gauge("processes", "How many processes it has")
    started = gauge("start_time_seconds", "When it was started, in seconds since 1970")
    seconds = client.Counter("surefoot_app_cpu_seconds", "Processor time since its start", _APP, registry=registry)
    restarts = client.Counter("surefoot_app_restarts", "How often it was started again", _APP, registry=registry)
    for each, use in found:
        of = (each.name, each.mode)
        up.labels(*of).set(int(each.is_up))
        for one in get_args(State):
            state.labels(*of, one).set(int(one == each.state))
        if each.health:
            healthy.labels(*of).set(int(each.health == "healthy"))
        memory.labels(*of).set(use.memory)
        processes.labels(*of).set(use.processes)
        started.labels(*of).set(each.started)
        seconds.labels(*of).inc(use.seconds)
        restarts.labels(*of).inc(each.restarts)
    kept = (line for line in client.generate_latest(registry).decode().splitlines() if "_created" not in line)
    return "\n".join(kept) + "\n"
