"""Asking for a build exactly once: look, ask, and where the answer is lost, look again before anything is repeated."""

from __future__ import annotations

import time
from http import HTTPStatus
from typing import TYPE_CHECKING

from installer.errors import InstallerError, NotAllowed, Precondition, Unavailable, UsageError
from installer.frozen import dataclass, replace
from phases.builds import moments
from phases.builds.model import BuildState, Strategy

if TYPE_CHECKING:
    from collections.abc import Callable

    from phases.builds.model import BuildRun, Provider, Tip, Wish

WAITS = (0.0, 0.5, 1.0, 2.0, 3.0)  # seconds before each look for a run that was asked for a moment ago
_YOUNG = 60.0  # seconds after which a push has begun what it begins
_VAIN = frozenset({BuildState.FAILED, BuildState.CANCELLED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`run` is None where the provider accepted and shows it later. `found`: it was there before we asked."""

    run: BuildRun | None
    found: bool
    wish: Wish


def ask(
    provider: Provider,
    wish: Wish,
    strategy: Strategy,
    *,
    sent: bool = False,
    anew: bool = False,
    sending: Callable[[Wish], None] = lambda _wish: None,
) -> Answer:
    """Have the build that is wished for begun, unless it is there. The wish has a ref: see `wishes.resolved`.

    `sent`: an earlier attempt may have reached the provider, so that its run is looked for first, with patience. With
    the strategy `auto` a run of the commit, whoever began it, is the build; `anew`: not one that was in vain. `sending`
    is told right before the request leaves, with all that is known of the wish by then.
    """
    if sent and (run := look(provider, wish)):
        return Answer(run=run, found=True, wish=wish)
    if strategy is Strategy.AUTO:
        tip = provider.tip(wish)
        wish = replace(wish, commit=tip.commit)
        if run := _of_commit(provider, wish, anew=anew, patient=_is_young(wish, tip)):
            return Answer(run=run, found=True, wish=wish)
    if not sent:
        wish = replace(wish, since=moments.now())  # what began before is no answer to what is sent only now
    sending(wish)
    try:
        run = provider.trigger(wish, strategy)
    except Unavailable as error:
        if is_refusal(error):
            raise  # nobody has begun anything
        if (run := _looked_for(provider, wish)) is None:
            raise
    return Answer(run=run or _looked_for(provider, wish), found=False, wish=wish)


def is_refusal(error: InstallerError) -> bool:
    """Is it certain that nothing was begun? Else the request may have been carried out: look before another."""
    if isinstance(error, NotAllowed | Precondition | UsageError) or error.code == "build.limit":
        return True
    status = error.facts.get("status")
    if isinstance(status, int):
        return HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    return error.facts.get("sent") is False


def there(provider: Provider, wish: Wish, *, anew: bool = False) -> BuildRun | None:
    """The newest run of the commit that the wish's ref has there; with `anew` one in vain is none.

    What a push of a moment ago begins is waited for, but not with `anew`: who wants that asks for it next.
    """
    tip = provider.tip(wish)
    patient = not anew and _is_young(wish, tip)
    return _of_commit(provider, replace(wish, commit=tip.commit), anew=anew, patient=patient)


def look(provider: Provider, wish: Wish) -> BuildRun | None:
    """The run that the wish has; a provider shows a new one some seconds late."""
    for number, wait in enumerate(WAITS, start=1):
        time.sleep(wait)
        if run := provider.find(wish, last=number == len(WAITS)):
            return run
    return None


def _is_young(wish: Wish, tip: Tip) -> bool:
    """May a push of its commit begin a run that does not show yet? An old commit may have been pushed just now."""
    return any(age is not None and age < _YOUNG for age in (tip.age, wish.age))


def _of_commit(provider: Provider, wish: Wish, *, anew: bool, patient: bool) -> BuildRun | None:
    """The newest run of the wish's commit; with `anew` one that failed or was cancelled is none."""
    for wait in (WAITS if patient else (0.0,)) if wish.commit else ():
        time.sleep(wait)
        if found := next((each for each in provider.runs(wish) if not (anew and each.state in _VAIN)), None):
            return found
    return None


def _looked_for(provider: Provider, wish: Wish) -> BuildRun | None:
    """The same, where not finding out is no failure of its own."""
    try:
        return look(provider, wish)
    except InstallerError:
        return None
