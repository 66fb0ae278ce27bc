"""An index that fails, lies, or is not the one that was meant: the right exit code, nothing installed."""

from __future__ import annotations

import os
import random
import subprocess
from typing import TYPE_CHECKING

import pytest

from installer.errors import Refused
from phases.python import plain_indexes
from tests.hostile.index import Index, Trouble, serving
from tests.hostile.wheels import Wheel
from tests.whole.kit import version, write

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hostile.places import Place

NEW = Wheel("evil", entries=[("noise.bin", random.Random(1).randbytes(300_000))])  # noqa: S311 -- just bytes
PAGE, FILE, METADATA = "/simple/evil", f"/files/{NEW.file}", f"/files/{NEW.file}.metadata"
TROUBLES: dict[str, tuple[dict[str, Trouble], int]] = {
    "401": ({PAGE: Trouble(status=401)}, 8),
    "403": ({PAGE: Trouble(status=403)}, 8),
    "404": ({PAGE: Trouble(status=404)}, 1),
    "429": ({PAGE: Trouble(status=429, headers=(("Retry-After", "1"),))}, 7),
    "500": ({PAGE: Trouble(status=500)}, 7),
    "503": ({PAGE: Trouble(status=503)}, 7),
    "401 for the file": ({FILE: Trouble(status=401)}, 8),
    "404 for the file": ({FILE: Trouble(status=404)}, 7),
    "a page that is cut": ({PAGE: Trouble(cut=20)}, 7),
    "a page that never comes": ({PAGE: Trouble(slow=30)}, 7),
    "a file that never comes": ({METADATA: Trouble(times=0), FILE: Trouble(slow=30)}, 7),
    "a file that does not end": ({METADATA: Trouble(times=0), FILE: Trouble(flood=0.5)}, 9),
    "a page that does not end": ({PAGE: Trouble(flood=0.5)}, 1),
    **{
        f"cut after {size} bytes": ({METADATA: Trouble(times=0), FILE: Trouble(cut=size)}, 7)
        for size in (0, 65536, 131072, 262144, 300_000)
    },
}


@pytest.mark.slow
@pytest.mark.parametrize("name", TROUBLES)
def test_an_index_in_trouble_has_its_exit_code_and_costs_nothing(place: Place, name: str) -> None:
    troubles, status = TROUBLES[name]
    place.index.put(NEW.file, NEW.build())
    place.index.trouble.update(troubles)
    place.want("evil")
    before = place.around()
    ended = place.run(UV_HTTP_TIMEOUT="1")
    assert ended.status == status, ended.said
    assert "Traceback" not in ended.said
    assert place.is_as_before(before)
    assert [path for path in place.cache.rglob("*") if path.name in {"noise.bin", "evil.py"}] == []


@pytest.mark.slow
def test_after_the_trouble_the_same_command_goes_on(place: Place) -> None:
    place.index.put(NEW.file, NEW.build())
    place.index.trouble.update({METADATA: Trouble(times=0), FILE: Trouble(cut=65536)})
    place.want("evil")
    assert place.run().status == 7
    place.index.trouble.clear()
    ended = place.run()
    assert ended.status == 0, ended.said
    assert version(place.project, "evil") == "1.0"


@pytest.mark.slow
def test_a_stumbling_index_is_asked_again(place: Place) -> None:
    place.index.put(NEW.file, NEW.build())
    place.index.trouble[PAGE] = Trouble(status=503, times=1)
    place.want("evil")
    ended = place.run("--retries", "1")
    assert ended.status == 0, ended.said
    assert "trying again in 1 s" in ended.said


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["uv", "pip"])
def test_a_file_that_is_not_what_its_page_says_is_refused(place: Place, backend: str) -> None:
    place.index.put(NEW.file, NEW.build())
    place.index.hashes[NEW.file] = "0" * 64
    place.want("evil")
    before = place.around()
    ended = place.run("--backend", backend)
    assert ended.status == 9, ended.said
    assert place.is_as_before(before)
    assert [path for path in place.cache.rglob("*") if path.name in {"noise.bin", "evil.py"}] == []


@pytest.mark.slow
def test_other_content_under_a_version_that_was_locked_is_refused(place: Place) -> None:
    locked = place.index.put(NEW.file, NEW.build())
    good = place.index.put(Wheel("good").file, Wheel("good").build())
    place.index.put(NEW.file, Wheel("evil", entries=[("noise.bin", b"other")]).build())
    listing = f"good==1.0 --hash=sha256:{good}\nevil==1.0 --hash=sha256:{locked}\n"
    write(place.project, {"requirements.txt": listing})
    before = place.around()
    for _ in range(2):
        ended = place.run()
        assert ended.status == 9, ended.said
    assert place.is_as_before(before)


@pytest.mark.slow
def test_without_the_hash_of_a_dependency_nothing_is_installed_under_require_hashes(place: Place) -> None:
    place.index.put(Wheel("evil", requires=("good",)).file, Wheel("evil", requires=("good",)).build())
    digest = place.index.put(NEW.file, NEW.build())
    write(place.project, {"requirements.txt": f"good\nevil==1.0 --hash=sha256:{digest}\n"})
    before = place.around()
    ended = place.run("--require-hashes")
    assert ended.status == 6, ended.said
    assert "requirements.txt gives no hash for `good`" in ended.said
    assert place.is_as_before(before)


@pytest.mark.slow
@pytest.mark.parametrize("way", ["pip's extra index", "uv's index"])
def test_a_public_name_does_not_shadow_an_internal_one(place: Place, other_index: Index, way: str) -> None:
    public, internal = place.index, other_index
    for index, number in ((public, "99.0"), (internal, "1.0")):
        made = Wheel("evil", number)
        index.put(made.file, made.build())
    place.want("evil")
    if way == "uv's index":
        ended = place.run(UV_INDEX=internal.simple)
    else:
        ended = place.run(UV_DEFAULT_INDEX="", PIP_INDEX_URL=public.simple, PIP_EXTRA_INDEX_URL=internal.simple)
    assert ended.status == 0, ended.said
    assert version(place.project, "evil") == "1.0"
    assert "/simple/evil/" not in public.asked


@pytest.mark.slow
def test_pip_which_takes_the_highest_of_all_indexes_is_warned_of(place: Place, other_index: Index) -> None:
    made = Wheel("evil", "1.0")
    other_index.put(made.file, made.build())
    place.want("evil")
    ended = place.run("--backend", "pip", PIP_EXTRA_INDEX_URL=other_index.simple)
    assert ended.status == 0, ended.said
    assert "--backend uv keeps to the first index that has the name" in ended.said


@pytest.mark.slow
@pytest.mark.parametrize("status", [401, 403])
def test_an_internal_index_that_lets_nobody_in_is_not_passed_over(
    place: Place, other_index: Index, status: int
) -> None:
    made = Wheel("evil", "99.0")
    place.index.put(made.file, made.build())
    other_index.trouble["/simple/"] = Trouble(status=status)
    place.want("evil")
    before = place.around()
    ended = place.run(UV_INDEX=other_index.simple)
    assert ended.status == 8, ended.said
    assert "/simple/evil/" not in place.index.asked
    assert place.is_as_before(before)


@pytest.mark.slow
def test_a_certificate_that_nobody_vouches_for_ends_it(place: Place, tmp_path: Path) -> None:
    pem = tmp_path / "self-signed.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(pem), "-out", str(tmp_path / "cert.pem")]
    subprocess.run([*made, *names], check=True, capture_output=True)
    pem.write_bytes(pem.read_bytes() + (tmp_path / "cert.pem").read_bytes())
    place.want("evil")
    before = place.around()
    with serving(pem) as index:
        index.put(NEW.file, NEW.build())
        ended = place.run(UV_DEFAULT_INDEX=index.simple)
        assert ended.status == 7, ended.said
        assert index.asked == []
    assert place.is_as_before(before)


@pytest.mark.slow
@pytest.mark.parametrize("proxy", ["http://127.0.0.1:9", "http://no-such-host.invalid:3128"])
def test_a_proxy_that_does_not_answer_is_unavailable(place: Place, proxy: str) -> None:
    place.want("evil")
    before = place.around()
    ended = place.run(UV_DEFAULT_INDEX="https://index.invalid/simple", ALL_PROXY=proxy, HTTPS_PROXY=proxy)
    assert ended.status == 7, ended.said
    assert place.is_as_before(before)


@pytest.mark.slow
def test_a_host_that_does_not_exist_is_unavailable(place: Place) -> None:
    place.want("evil")
    ended = place.run(UV_DEFAULT_INDEX="https://index.invalid/simple", NO_PROXY="*")
    assert ended.status == 7, ended.said


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["uv", "pip"])
def test_an_index_without_encryption_is_refused_before_it_is_asked(place: Place, backend: str) -> None:
    place.want("--extra-index-url http://index.invalid/simple\nevil")
    before = place.around()
    ended = place.run("--backend", backend)
    assert ended.status == 9, ended.said
    assert "http://index.invalid/simple" in ended.said
    assert "export PIP_TRUSTED_HOST=index.invalid" in ended.said
    assert place.index.asked == []
    assert place.is_as_before(before)


PLAIN = "http://joe:secretword@index.example/simple"


@pytest.mark.parametrize("name", ["UV_DEFAULT_INDEX", "UV_INDEX", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"])
def test_no_variable_makes_an_index_without_encryption_right(tmp_path: Path, name: str) -> None:
    with pytest.raises(Refused) as caught:
        _ask(tmp_path, **{name: PLAIN})
    assert "secretword" not in str(caught.value.details)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("uv.toml", f'[[index]]\nurl = "{PLAIN}"\n'),
        ("pyproject.toml", f'[tool.uv]\nindex-url = "{PLAIN}"\nallow-insecure-host = ["index.example"]\n'),
        ("pyproject.toml", f'[tool.uv.pip]\nextra-index-url = ["{PLAIN}"]\n'),
        ("requirements.txt", f"-i {PLAIN}\n"),
        ("requirements.txt", f"  --extra-index-url={PLAIN}\n--trusted-host index.example\n"),
    ],
)
def test_a_project_cannot_make_an_index_without_encryption_right(tmp_path: Path, file: str, text: str) -> None:
    (tmp_path / file).write_text(text)
    with pytest.raises(Refused):
        _ask(tmp_path)


@pytest.mark.parametrize(
    "variables",
    [
        {"UV_DEFAULT_INDEX": PLAIN, "PIP_TRUSTED_HOST": "index.example"},
        {"UV_DEFAULT_INDEX": PLAIN, "UV_INSECURE_HOST": "other.example index.example"},
        {"UV_DEFAULT_INDEX": "http://127.0.0.1:8080/simple"},
        {"UV_DEFAULT_INDEX": "http://[::1]:8080/simple"},
        {"PIP_INDEX_URL": "http://localhost/simple"},
        {"PIP_INDEX_URL": "https://index.example/simple", "PIP_EXTRA_INDEX_URL": "file:///srv/simple"},
    ],
)
def test_what_the_user_trusts_and_what_never_leaves_the_machine_is_asked(
    tmp_path: Path, variables: dict[str, str]
) -> None:
    _ask(tmp_path, **variables)


def _ask(root: Path, **variables: str) -> None:
    listings = [root / "requirements.txt"]
    plain_indexes.refuse(root, listings, {"HOME": str(root), "PIP_CONFIG_FILE": os.devnull, **variables})
