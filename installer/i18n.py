"""The language of what people read. The English sentence is the key; `locale_zh` holds the Chinese ones."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

LANGUAGES = ("en", "zh")

_table: Mapping[str, str] = {}
_language = "en"
_installed = False


def tr(template: str, **fields: object) -> str:
    """`template` in the language in use, its `{fields}` filled in. English where no translation is known."""
    text = _table.get(template, template)
    if _installed:
        text = text.replace("`manage.py ", "`surefoot-manage ").replace("`quickstart.py", "`surefoot")
    return text.format(**fields) if fields else text


def installed() -> None:
    """From now on, name the commands as an installed tool has them: nobody has a `manage.py` then."""
    global _installed  # noqa: PLW0603 -- as the language
    _installed = True


def use(language: str) -> None:
    """Speak `language` from now on, in this process."""
    global _table, _language  # noqa: PLW0603 -- a process has one language; passing it on would drown the code
    if language == "zh":
        from installer.locale_zh import SENTENCES

        _table = SENTENCES
    else:
        _table = {}
    _language = language


def language() -> str:
    """The language in use."""
    return _language


def choose(
    flag: str = "", manifest: str = "", *, prefix: str = "SUREFOOT", environ: Mapping[str, str] = os.environ
) -> str:
    """`--lang` > `<PREFIX>_LANG` > the manifest > the system's locale > English; others do not count."""
    asked = (flag, environ.get(f"{prefix}_LANG", ""), environ.get("SUREFOOT_LANG", ""), manifest)
    for wish in (*asked, _locale(environ)):
        spoken = wish.replace("-", "_").partition("_")[0].lower()
        if spoken in LANGUAGES:
            return spoken
    return "en"


def _locale(environ: Mapping[str, str]) -> str:
    """The first of the locale's variables that says anything, as POSIX ranks them."""
    return next(filter(None, (environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
