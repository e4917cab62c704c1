"""`verifier run --changed`: what is run, what is taken from the cache, and what never is."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from verifier.cache import Cache
from verifier.crew import search_path
from verifier.footprint import Footprint, machine, source_reason
from verifier.specification import CheckSpec
from verifier.verdicts import Check, Claim, Verdict
from verifier.worker import Job, Reply

ROOT = Path(__file__).resolve().parents[1]

pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="git is not installed here")

ACTIVATIONS = "import numpy as np\nfrom constants import SCALE\n\n\n"
ACTIVATIONS += "def f(x):\n    return np.tanh(SCALE * x)\n\n\n"
ACTIVATIONS += "def df(x):\n    return SCALE / np.cosh(SCALE * x) ** 2\n"
OTHER = "def g(x):\n    return x * x\n\n\ndef dg(x):\n    return 2 * x\n"
CONFIG = """
effort = "quick"
pythonpath = ["src"]
[check.f]
subject = "activations:f"
derivative = "activations:df"
at = [0.5]
[check.g]
subject = "other:g"
derivative = "other:dg"
at = [0.5]
"""


def git(folder: Path, *words: str) -> None:
    names = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a"}
    names |= {"GIT_COMMITTER_EMAIL": "a@b", "GIT_CONFIG_GLOBAL": os.devnull}
    subprocess.run(["git", *words], cwd=folder, env={**os.environ, **names}, check=True,
                   capture_output=True)  # fmt: skip


def commit(folder: Path) -> None:
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "x")


def verifier(folder: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "verifier", *words]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **env}
    environment.pop("PRE_COMMIT_FROM_REF", None) if "PRE_COMMIT_FROM_REF" not in env else None
    return subprocess.run(line, cwd=folder, env=environment, capture_output=True, text=True)


def changed(folder: Path, *words: str, **env: str) -> tuple[set[str], set[str], int]:
    """Run `--changed`; return the checks that were run, those from the cache, the exit code."""
    out = folder.parent / "changed.json"
    out.unlink(missing_ok=True)
    done = verifier(folder, "run", "--changed", "-o", str(out), *words, **env)
    assert "Traceback" not in done.stderr and done.returncode in (0, 1, 2), done.stderr
    if not out.exists():
        return set(), set(), done.returncode
    document = json.loads(out.read_text())
    names = {check["name"] for check in document["checks"]}
    cached = set(document["machine"].get("from_cache", {}))
    return names - cached, cached, done.returncode


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "activations.py").write_text(ACTIVATIONS)
    (folder / "src" / "constants.py").write_text("SCALE = 2.0\n")
    (folder / "src" / "other.py").write_text(OTHER)
    (folder / "verifier.toml").write_text(CONFIG)
    git(folder, "init", "-q")
    commit(folder)
    return folder


def test_only_what_changed_is_run_and_only_once(project: Path) -> None:
    assert changed(project) == (set(), set(), 0)
    said = verifier(project, "run", "--changed").stderr
    assert "2 of 2 checks or files of claims left out" in said and "since HEAD" in said
    assert not json.loads((project.parent / "changed.json").read_text())["checks"]
    (project / "src" / "constants.py").write_text("SCALE = 3.0\n")
    assert changed(project) == ({"f"}, set(), 0)
    assert changed(project) == (set(), {"f"}, 0)
    told = verifier(project, "run", "--changed").stdout
    assert "from the cache, as nothing they depend on changed: 1 check" in told
    git(project, "add", "-A")
    assert changed(project) == (set(), {"f"}, 0), "staged is changed too"
    status = subprocess.run(["git", "status", "--short"], cwd=project, capture_output=True)
    assert status.stdout.split() == [b"M", b"src/constants.py"], "the cache ignores itself"
    (project / "verifier.toml").write_text(CONFIG.replace("[check.g]", "[check.g]\nseed = 1"))
    assert changed(project) == ({"g"}, {"f"}, 0)
    commit(project)
    assert changed(project) == (set(), set(), 0)
    assert changed(project, PRE_COMMIT_FROM_REF="HEAD~1") == (set(), {"f", "g"}, 0)


def test_a_report_from_the_cache_is_the_same(project: Path) -> None:
    (project / "src" / "constants.py").write_text("SCALE = 3.0\n")
    documents = []
    for _ in range(2):
        verifier(project, "run", "--changed", "-o", "out.json")
        documents.append(json.loads((project / "out.json").read_text()))
        (project / "out.json").unlink()
    for document in documents:
        document.pop("machine")
    assert documents[0] == documents[1]


CHANGES = {
    "the file": ("src/activations.py", ACTIVATIONS.replace("2\n", "2 * 1.0\n")),
    "a module that hides another": ("constants.py", "SCALE = 5.0\n"),
    "one that hides a library": ("src/numpy.py", "from math import *\nSCALE = 1\n"),
    "data it reads": ("src/scale.txt", "7.0"),
    "a setting": ("verifier.toml", CONFIG.replace("quick", "normal")),
}
READS = "import pathlib\nSCALE = float((pathlib.Path(__file__).parent / 'scale.txt').read_text())\n"


@pytest.mark.parametrize("what", CHANGES)
def test_nothing_is_reused_across_a_change(project: Path, what: str) -> None:
    name, text = CHANGES[what]
    (project / "src" / "scale.txt").write_text("6.0")
    (project / "src" / "constants.py").write_text(READS if "data" in what else "SCALE = 3.0\n")
    if what == "a module that hides another":
        (project / "verifier.toml").write_text(CONFIG.replace('["src"]', '[".", "src"]'))
    assert "f" in changed(project)[0]
    assert len(list((project / ".verifier_cache").iterdir())) > 1
    (project / name).write_text(text)
    assert "f" in changed(project)[0]


UNSEEN = {
    "import os\nSCALE = float(os.environ.get('SCALE', '2'))\n": "x.py:2 uses environ",
    "import time\nSCALE = 2.0 + 0 * time.time()\n": "x.py:1 uses time",
    "import numpy as np\nr = np.random.default_rng().random()\n": "x.py:2 uses default_rng",
    "import numpy as np\nr = np.random.default_rng(3).random()\n": "",
    "from pathlib import Path\nSCALE = 3.0 if Path('x').exists() else 2.0\n": "x.py:2 uses exists",
    "def f(x:\n": "x.py cannot be read again",
}


@pytest.mark.parametrize("text, reason", UNSEEN.items(), ids=UNSEEN.values())
def test_sources_that_see_more_than_files_are_known(
    tmp_path: Path, text: str, reason: str
) -> None:
    (tmp_path / "x.py").write_text(text)
    assert source_reason(str(tmp_path / "x.py")) == reason


PROGRAMS = {
    "program": "import subprocess\nSCALE = 2.0\nsubprocess.run(['true'])\n",
    "writes": "SCALE = 2.0\nopen('left.txt', 'w').close()\n",
    "clock": "import time\nSCALE = 2.0 + 0 * time.time()\n",
}


@pytest.mark.parametrize("text", PROGRAMS.values(), ids=PROGRAMS)
def test_what_depends_on_something_unseen_is_never_kept(project: Path, text: str) -> None:
    (project / "src" / "constants.py").write_text(text)
    assert changed(project)[:2] == ({"f"}, set())
    assert not (project / ".verifier_cache").exists()


def test_damaged_entries_are_as_good_as_absent(tmp_path: Path) -> None:
    cache, job = Cache(tmp_path / "cache"), Job("check", CheckSpec("f", "m:f", {}, None, "."), 1.0)
    made = Footprint(machine(), search_path(job.spec), {}, {}, {}, {}, ())
    check = Check("f", "m:f", Verdict.PASSED, (Claim("derivative", Verdict.PASSED),))
    reply = Reply("done", check, footprint=made)
    cache.keep(job, reply, 2.5)
    (entry,) = (e for e in cache.folder.iterdir() if e.name != ".gitignore")
    assert cache.answer(job) == msgspec.structs.replace(reply, cached_seconds=2.5)
    whole = entry.read_bytes()
    flipped = whole[:100] + bytes([whole[100] ^ 1]) + whole[101:]
    for damaged in (b"", whole[:-1], flipped, b"\xff" * 100, hashlib.sha256().digest()):
        entry.write_bytes(damaged)
        assert cache.answer(job) is None
    cache.keep(job, reply, 2.5)
    assert entry.read_bytes() == whole, "it is written anew"


@pytest.mark.parametrize("change", ["cut", "error", "internal", "unseen"])
def test_what_another_run_might_answer_otherwise_is_not_kept(tmp_path: Path, change: str) -> None:
    cache, job = Cache(tmp_path / "cache"), Job("check", CheckSpec("f", "m:f", {}, None, "."), 1.0)
    made = Footprint(machine(), search_path(job.spec), {}, {}, {}, {}, ())
    made = msgspec.structs.replace(made, unseen="the clock" if change == "unseen" else "")
    verdict = Verdict.ERROR if change == "error" else Verdict.PASSED
    check = Check("f", "m:f", verdict, (), cut=change == "cut")
    cache.keep(job, Reply("done", check, internal=change == "internal", footprint=made), 1.0)
    assert not cache.folder.exists()


def test_a_cache_that_cannot_be_written_is_gone_without(project: Path) -> None:
    (project / "src" / "constants.py").write_text("SCALE = 3.0\n")
    (project / ".verifier_cache").write_text("a file where a folder should be")
    assert changed(project) == ({"f"}, set(), 0)


def test_two_runs_at_once(project: Path) -> None:
    (project / "src" / "constants.py").write_text("SCALE = 3.0\n")
    with ThreadPoolExecutor(2) as pool:
        words = ("run", "--changed", "-o", "reports")
        both = [pool.submit(verifier, project, *words) for _ in range(2)]
        assert [run.result().returncode for run in both] == [0, 0]
    assert json.loads((project / "reports" / "f.json").read_text())["checks"]
    assert not list(project.rglob("*.tmp"))
    assert changed(project)[1] == {"f"}


def test_what_git_cannot_tell_is_said(project: Path, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "verifier.toml").write_text(CONFIG)
    done = verifier(tmp_path / "plain", "run", "--changed", GIT_CEILING_DIRECTORIES=str(tmp_path))
    assert done.returncode == 2 and "is in no git repository" in done.stderr
    done = verifier(project, "run", "--changed", PRE_COMMIT_FROM_REF="nowhere")
    assert done.returncode == 2 and "git knows no commit 'nowhere'" in done.stderr
    done = verifier(project, "run", "--changed", PATH="")
    assert done.returncode == 2 and "there is no git here" in done.stderr


def test_a_repository_without_commits_is_all_new(tmp_path: Path) -> None:
    (tmp_path / "other.py").write_text(OTHER)
    (tmp_path / "verifier.toml").write_text(CONFIG[: CONFIG.index("[check.f]")].strip()
                                            + CONFIG[CONFIG.index("\n[check.g]") :])  # fmt: skip
    git(tmp_path, "init", "-q")
    done = verifier(tmp_path, "run", "--changed")
    assert done.returncode == 0 and "1 check: 1 holds" in done.stdout


def test_claims_in_python_files(project: Path) -> None:
    claim = "import verifier as vf\n@vf.claim(on={'x': '[0, 1]'}, derivative='other:dg')\n"
    (project / "verify_g.py").write_text(claim + "def g(x):\n    return x * x\n")
    commit(project)
    assert changed(project) == (set(), set(), 0)
    (project / "src" / "other.py").write_text(OTHER.replace("2 * x", "x + x"))
    assert changed(project) == ({"g", "g (2)"}, set(), 0)
    assert changed(project) == (set(), {"g", "g (2)"}, 0)
