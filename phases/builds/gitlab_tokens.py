"""GitLab's kinds of tokens, and what each may be used for: one for triggers may do nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.errors import NotAllowed
from installer.i18n import tr
from phases.builds import failures
from phases.builds.model import Strategy

if TYPE_CHECKING:
    from phases.builds.remotes import Remote
    from phases.builds.tokens import Token

STRATEGIES = (Strategy.AUTO, Strategy.PIPELINE, Strategy.TRIGGER, Strategy.EMPTY_COMMIT)
_FOR_TRIGGERS = "glptt-"  # how one begins
_OTHERS = ("glpat-", "gloas-", "gldt-", "glcbt-")


def is_for_triggers(token: Token) -> bool:
    """Is it a pipeline trigger token, as far as its text tells? Those of old installations have no mark."""
    return token.value.startswith(_FOR_TRIGGERS)


def chosen(token: Token, host: str, strategy: Strategy) -> Strategy:
    """The strategy, and for `AUTO` the one that the token can do.

    Raises `NotAllowed` for a token that is none for the strategy, `UsageError` for a strategy that GitLab has not.
    """
    if strategy is Strategy.AUTO:
        return Strategy.TRIGGER if is_for_triggers(token) else Strategy.PIPELINE
    if strategy is Strategy.TRIGGER and token.value.startswith(_OTHERS):
        raise NotAllowed(
            "build.token-kind",
            tr("the strategy `trigger` needs a pipeline trigger token, and this is another kind"),
            hint=tr('Settings, CI/CD, Pipeline trigger tokens makes one; or say `strategy = "pipeline"` in `[build]`'),
        )
    if strategy is Strategy.PIPELINE and is_for_triggers(token):
        raise NotAllowed(
            "build.token-kind",
            tr("a pipeline trigger token can only trigger"),
            hint=tr('say `strategy = "trigger"` in `[build]`, or make a token with the scope `api`'),
        )
    if strategy not in {Strategy.TRIGGER, Strategy.PIPELINE}:
        raise failures.no_strategy(host, strategy.value, STRATEGIES)
    return strategy


def unanswered(remote: Remote) -> NotAllowed:
    """The same of who asked for a pipeline and got no answer: a person has to look."""
    return NotAllowed(
        "build.unanswered",
        tr(
            "a pipeline trigger token may not look whether an earlier request began one: {page}",
            page=f"{remote.page}/-/pipelines",
        ),
        hint=tr("look there; `manage.py build trigger --anew` asks for another, a token with the scope `api` finds it"),
    )


def unseen(host: str) -> NotAllowed:
    """Who may only trigger cannot be told what is there."""
    return NotAllowed(
        "build.blind",
        tr("a pipeline trigger token may not look at what is at {host}", host=host),
        hint=tr(
            'say `strategy = "trigger"` in `[build]` to begin without looking, or make a token with the scope `api`'
        ),
    )
