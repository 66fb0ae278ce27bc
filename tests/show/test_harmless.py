from __future__ import annotations

import io
import json
import re

import pytest

from installer.show.harmless import Harmless, command

# what GitHub's runner obeys: `::name …::` at the start of a line, after blanks; `##[name …]` anywhere
OBEYED = re.compile(r"(?m)(?:^|\r)\s*::|##\[")

BAD = (
    "::set-output name=cache-key::poisoned\n",
    "  \t::error::no\n",
    "\u3000\u00a0::add-mask::a\n",
    "\ufeff::stop-commands::x\n",
    "fine\r::set-env name=PATH::/tmp\n",
    "fine\r\n::save-state name=a::b\n",
    "fine\n\n\n  ::endgroup::\n",
    "said ##[set-output name=a;]b\n",
    "##[add-path]/tmp\n",
)


@pytest.mark.parametrize("text", BAD)
@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_nothing_that_is_written_is_a_command_in_whatever_pieces_it_comes(text: str, size: int) -> None:
    held = io.StringIO()
    stream = Harmless(held, "github")
    for start in range(0, len(text), size):
        stream.write(text[start : start + size])
    stream.flush()
    assert not OBEYED.search(held.getvalue())
    assert re.sub(r"[^a-z]", "", held.getvalue()) == re.sub(r"[^a-z]", "", text)


@pytest.mark.parametrize("text", BAD)
def test_a_flush_in_the_middle_of_a_command_does_not_let_it_through(text: str) -> None:
    for cut in range(len(text)):
        held = io.StringIO()
        stream = Harmless(held, "github")
        stream.write(text[:cut])
        stream.flush()
        stream.writelines([text[cut:]])
        assert not OBEYED.search(held.getvalue())


def test_what_is_no_command_stays_as_it_is() -> None:
    held = io.StringIO()
    stream = Harmless(held, "github")
    text = "tests/test_a.py::test_b\n  std::vector\n# [x] ## y [z]\n"
    stream.write(text)
    assert held.getvalue() == text


def test_a_line_of_json_means_the_same_as_before() -> None:
    held = io.StringIO()
    fact = {"text": "##[set-output name=a;]b ::error::c"}
    Harmless(held, "github").write(json.dumps(fact) + "\n")
    assert not OBEYED.search(held.getvalue())
    assert json.loads(held.getvalue()) == fact


def test_our_own_command_is_one_on_a_line_of_its_own() -> None:
    held = io.StringIO()
    stream = Harmless(held, "github")
    stream.write("begun")
    command(stream, "::group::a")  # type: ignore[arg-type]  # it stands for a text stream
    assert held.getvalue() == "begun\n::group::a\n"


def test_no_mark_of_gitlab_gets_through() -> None:
    held = io.StringIO()
    Harmless(held, "gitlab").write("\x1b[0Ksection_end:1:surefoot_2\r\x1b[0K\na section_start here\n")
    assert held.getvalue() == "\x1b[0Ksection end:1:surefoot_2\r\x1b[0K\na section_start here\n"


def test_what_else_a_stream_can_is_asked_of_the_stream() -> None:
    assert Harmless(io.StringIO(), "github").isatty() is False
