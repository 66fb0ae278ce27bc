"""The page of a job: what others say in it is text, and never a link."""

from __future__ import annotations

import pytest

from installer.show import markdown


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("see https://e.org/x", "see https:<!-- -->//e.org/x"),
        ("HTTP://e.org", "HTTP:<!-- -->//e.org"),
        ("(www.e.org)", "(www<!-- -->.e.org)"),
        ("WWW.e.org", "WWW<!-- -->.e.org"),
        ("a@b.org", "a\\@<!-- -->b.org"),  # a mark alone does not keep it from being an address of mail
        ("[a](https://e.org) <https://e.org>", "\\[a\\](https:<!-- -->//e.org) &lt;https:<!-- -->//e.org&gt;"),
        ("a: b // c", "a: b // c"),
    ],
)
def test_no_text_is_a_link(said: str, shown: str) -> None:
    page = markdown.page({"state": "failed", "error": {"message": said}, "warnings": [{"message": said}], "hint": said})
    assert f"**{shown}**" in page
    assert f"⚠️ {shown}\n" in page
    assert f"hint: {shown}\n" in page
