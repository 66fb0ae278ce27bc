"""Which states a power cut may leave: at every point of a trace, what was not durable yet, in every combination."""

from __future__ import annotations

from itertools import product
from math import prod
from typing import TYPE_CHECKING, NamedTuple

from tests.model.disk import SYNCING, Disk, Fate, Trace, fates_of, in_order, key, sizes

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Iterator


class Crash(NamedTuple):
    """A disk as a cut left it; was it the power, or only the process? `last`: what was told to the user was done."""

    disk: Disk
    power: bool
    last: bool = False


def crashes(trace: Trace, *, bound: int, chance: random.Random) -> Iterator[Crash]:
    """Every disk that a cut within `trace` may leave; of a point with more than `bound` of them, a sample.

    The states after an operation that was lost are those of the point before it, so that the newest is always there.
    """
    durable, size = trace.durable(), sizes(trace)
    yield Crash(trace.at([]), power=False)
    for now, op in enumerate(trace.ops):
        last = now + 1 == len(trace.ops)
        if op.kind in SYNCING and not last:
            continue
        pending = [n for n in range(now + 1) if durable[n] > now and trace.ops[n].kind not in SYNCING]
        choices = [fates_of(trace.ops[n], size[n]) for n in pending]
        if pending and pending[-1] == now:
            choices[-1] = tuple(fate for fate in choices[-1] if fate != "lost")
        chosen = _combinations(choices, bound, chance)
        yield from _built(trace, now, pending, chosen)


def missing(trace: Trace, site: str, chance: random.Random, many: int = 0) -> Iterator[Crash]:
    """What the syncs asked for at `site` prevent: the states in which something is lost that they had made durable.

    The telling ones, and `many` more of each point in which anything else that is not durable is kept or lost.
    """
    durable, always, size = trace.durable(site), trace.durable(), sizes(trace)
    for now in range(len(trace.ops)):
        pending = [n for n in range(now + 1) if durable[n] > now and trace.ops[n].kind not in SYNCING]
        extra = frozenset(n for n in pending if always[n] <= now)
        if not extra:
            continue
        kept: list[Fate] = ["kept"] * len(pending)
        chosen: dict[tuple[Fate, ...], None] = {}
        chosen[tuple("lost" if n in extra else "kept" for n in pending)] = None
        for place, n in enumerate(pending):
            if n in extra:
                fates = fates_of(trace.ops[n], size[n])[1:]
                chosen |= dict.fromkeys((*kept[:place], fate, *kept[place + 1 :]) for fate in fates)
        chosen[tuple("lost" for _ in pending)] = None
        for _ in range(many):
            share = chance.random()
            chosen[tuple("lost" if n in extra or chance.random() < share else "kept" for n in pending)] = None
        yield from _built(trace, now, pending, chosen)


def _built(trace: Trace, now: int, pending: list[int], chosen: Iterable[tuple[Fate, ...]]) -> Iterator[Crash]:
    last = now + 1 == len(trace.ops)
    for each in chosen:
        fates: list[Fate] = ["kept"] * (now + 1)
        for n, fate in zip(pending, each, strict=True):
            fates[n] = fate
        if in_order(trace.ops, fates):
            yield Crash(trace.at(fates), any(fate != "kept" for fate in fates) or last, last)


def different(found: Iterator[Crash], seen: set[int]) -> Iterator[Crash]:
    """Each state once. `seen` is added to."""
    for crash in found:
        mark = hash((key(crash.disk), crash.power, crash.last))
        if mark not in seen:
            seen.add(mark)
            yield crash


def _combinations(choices: list[tuple[Fate, ...]], bound: int, chance: random.Random) -> Iterator[tuple[Fate, ...]]:
    """All of them, or the telling ones (all kept, all lost, each the only one) and then some."""
    if prod(map(len, choices)) <= bound:
        yield from product(*choices)
        return
    worst = [each[1] if len(each) > 1 else each[0] for each in choices]
    best: list[Fate] = ["kept" for _ in choices]
    seen: dict[tuple[Fate, ...], None] = dict.fromkeys((tuple(best), tuple(worst)))
    for n, each in enumerate(choices):
        for fate in each:
            seen[*best[:n], fate, *best[n + 1 :]] = None
            seen[*worst[:n], fate, *worst[n + 1 :]] = None
    first = list(seen)
    if len(first) > bound:
        first = first[:2] + chance.sample(first[2:], bound - 2)
    yield from first
    for _ in range(bound - len(first)):
        yield tuple(chance.choice(each) for each in choices)
