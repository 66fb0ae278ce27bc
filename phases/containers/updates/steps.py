"""The steps by which a group of containers moves to another image. Each does one thing, and names its way back."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from installer.frozen import dataclass
from installer.i18n import tr
from installer.model import Effect, Facts, Step
from phases.containers import labels, taking_back
from phases.containers.volumes import plain, store
from phases.containers.volumes.steps import copy_step, keep_step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from installer.model import Json, Planned
    from phases.containers.client import Address

Deed = tuple[str, ...]
_STARTS = max(1, (os.cpu_count() or 1) // 2)  # at once: a start is work for two cores; more would all be done last


@dataclass(frozen=True, slots=True, kw_only=True)
class Mover:
    """Makes the steps of one run. `wait`, `steady`: seconds, see `proving.wait`."""

    facts: Facts
    at: Address
    phase: str
    wait: float
    steady: float

    def group(self, number: int, targets: Sequence[Json], images: Json, volumes: Json) -> Planned:
        """All of `targets` at the same time; `images`: reference: the very image; `volumes`: what is kept of theirs.

        New ones stand beside before an old one stops; from there to the start of the new ones as little is done as can
        be: the names are changed and the volumes copied before; what changed in them since is added between, when
        nobody writes to them.
        """
        running = [each for each in targets if each["running"]]
        for each in targets:
            yield self._create(each, images[each["reference"]])
        mine = sorted({name for each in running for name in each["volumes"] if name in volumes})
        yield tuple(self._copy(number, place, name, running) for place, name in enumerate(mine))
        for each in targets:
            if each["policy"][0] not in {"", "no"}:
                yield self._hold(each)
            yield self._rename_old(each)
            yield self._rename_new(each)
        yield tuple(map(self._stop, running))
        yield tuple(self._keep(number, place, name, running) for place, name in enumerate(mine))
        if mine:
            yield self._seal(number, {name: volumes[name] for name in mine})
        for first in range(0, len(running), _STARTS):
            yield tuple(map(self._start, running[first : first + _STARTS]))
        yield tuple(map(self._prove, running))

    def put_away(self, each: Json) -> Step:
        """The one that an earlier update of the container kept goes for good."""
        title = tr("Remove {name}, which an earlier update kept", name=each["name"])
        effect = Effect(lasting=tr("it is removed for good; its volumes stay"), repeatable=True)
        return self._step(f"o{each['number']:02}", "put_away", title, effect, id=each["id"])

    def _create(self, each: Json, image: str) -> Step:
        temporary = f"{each['name']}.next-{self.facts.install_id}"
        return self._step(
            _of(each),
            "create",
            tr("Make the new {name} beside the old one", name=each["name"]),
            self._effect(("remove-container", *self._made(each))),
            step=self._id(_of(each), "create"),
            name=each["name"],
            temporary=temporary,
            old=each["id"],
            reference=each["reference"],
            image=image,
        )

    def _hold(self, each: Json) -> Step:
        title = tr("Let the engine not start the old {name} again by itself", name=each["name"])
        back = ("restart-policy", each["id"], each["policy"][0], str(each["policy"][1]))
        return self._step(_of(each), "hold", title, self._effect(back), id=each["id"])

    def _rename_old(self, each: Json) -> Step:
        name = f"{each['name']}.before-{self.facts.install_id}"
        title = tr("Keep the old {name} as {other}", name=each["name"], other=name)
        effect = self._effect(("name-container", each["id"], each["name"]))
        return self._step(_of(each) + "a", "rename", title, effect, id=each["id"], deed="", to=name)

    def _rename_new(self, each: Json) -> Step:
        title = tr("Give the new one the name {name}", name=each["name"])
        effect = self._effect(("name-labelled", *self._made(each), f"{each['name']}.next-{self.facts.install_id}"))
        deed = self._made(each)[1]
        return self._step(_of(each) + "b", "rename", title, effect, id="", deed=deed, to=each["name"])

    def _stop(self, each: Json) -> Step:
        title = tr("Stop the old {name}", name=each["name"])
        effect = self._effect(("start-container", each["id"]))
        return self._step(_of(each), "stop", title, effect, id=each["id"], seconds=each["timeout"])

    def _copy(self, number: int, place: int, volume: str, running: Sequence[Json]) -> Step:
        user = next((each for each in running if volume in each["places"]), None)
        source = (user["id"], user["places"][volume]) if user else ("", "")
        step = self._id(f"v{number:02}{place:02}", "copy")
        return copy_step(step, self.phase, self.at, volume, self._early(number, place), source)

    def _early(self, number: int, place: int) -> str:
        return taking_back.script(self.facts).parent / f"early-{number:02}{place:02}.tar.gz"

    def _keep(self, number: int, place: int, volume: str, running: Sequence[Json]) -> Step:
        """It is read through an old container that has it; that costs no time for another."""
        user = next(each for each in running if volume in each["volumes"])
        there = user["places"].get(volume, "")
        return keep_step(
            self._id(f"v{number:02}{place:02}", "keep"),
            self.phase,
            self.facts,
            self.at,
            volume,
            store.archive(self.facts, volume),
            image=user["image"],
            source=(user["id"], there) if there.strip("/") else ("", ""),
            early=self._early(number, place),
        )

    def _seal(self, number: int, volumes: Json) -> Step:
        deeds = [
            (
                "bring-back",
                name,
                store.archive(self.facts, name),
                store.set_aside(self.facts, name),
                *way,
            )
            for name, way in volumes.items()
        ]
        title = tr("Prove the archives: from here on the data may change")
        kept = [store.archive(self.facts, name) for name in volumes]
        return self._step(f"s{number:02}", "seal", title, self._effect(*deeds), archives=kept)

    def _start(self, each: Json) -> Step:
        title = tr("Start the new {name}", name=each["name"])
        effect = self._effect(("stop-labelled", *self._made(each), str(each["timeout"])))
        return self._step(_of(each), "start", title, effect, deed=self._made(each)[1])

    def _prove(self, each: Json) -> Step:
        title = tr("See that {name} is well", name=each["name"])
        more: dict[str, Any] = {"old": each["id"], "name": each["name"], "wait": self.wait, "steady": self.steady}
        return self._step(_of(each), "prove", title, Effect(repeatable=True), deed=self._made(each)[1], **more)

    def _made(self, each: Json) -> tuple[str, str]:
        """The label of the new container, and its value."""
        return labels.STEP, labels.mark(self.facts.root, self.facts.install_id, self._id(_of(each), "create"))

    def _effect(self, *deeds: Deed) -> Effect:
        """Cut short, each may simply be run again: it looks for what it did."""
        return Effect(inverse=taking_back.inverse(self.facts, self.at, *deeds), repeatable=True)

    def _id(self, which: str, verb: str) -> str:
        return f"{self.phase}.{which}.{verb}"

    def _step(self, which: str, verb: str, title: str, effect: Effect, **args: Any) -> Step:  # noqa: ANN401 -- JSON
        return Step(
            id=self._id(which, verb),
            phase=self.phase,
            title=title,
            action=f"updates.{verb}",
            args={"engine": plain.as_args(self.at), **args},
            effect=effect,
        )


def _of(each: Json) -> str:
    return f"c{each['number']:02}"
