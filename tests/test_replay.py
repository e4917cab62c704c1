"""`verifier replay`: a witness is evaluated again from the report and the user's code alone."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mpmath import mp

import verifier as vf
from verifier.certificate import replay
from verifier.certificate.arrays import entries, run
from verifier.certificate.taylor import Unsure, moving, number, precision
from verifier.cli import main
from verifier.errors import BadSpec
from verifier.report import Report

MODEL = """
import numpy as np

X = np.array([[0.5, -1.0], [1.5, 0.25], [-0.75, 0.5]])
LABELS = np.array([0, 1, 1])


def loss(w, X):
    return np.sum(np.tanh(X @ w) ** 2)


def slope_lost(w, X):
    return X.T @ (2 * np.tanh(X @ w))


def slope(w, X):
    z = np.tanh(X @ w)
    return X.T @ (2 * z * (1 - z**2))


def hairline(w, X):
    return slope(w, X) * np.array([1.0, 1.0 + 1e-12])


def cubic(w):
    return w[0] ** 2 * w[1] + np.exp(w[1])


def cubic_hessian(w):
    return np.array([[2 * w[1], 2 * w[0]], [w[0], np.exp(w[1])]])


def softplus(x):
    return np.logaddexp(0, x)


def naive(x):
    return np.exp(x) / (1 + np.exp(x))


def relu(x):
    return np.maximum(x, 0)


def step(x):
    return (x > 0) * 1.0


def beyond(x):
    return (x >= 0) * 2.0 - (x == 0) * 0.0


def swish(x):
    return np.sum(x / (1 + np.exp(-x)))


def root(x):
    return np.sqrt(np.abs(x))


def droot(x):
    return np.where(x == 0, 0.0, 0.5 * np.sign(x) / np.sqrt(np.maximum(np.abs(x), 1e-300)))


def picked(params, labels):
    z = params["W"] @ params["v"][0]
    return np.sum(z[labels])


def picked_gradient(params, labels):
    counts = np.bincount(labels, minlength=2).astype(float)
    return {"W": np.outer(counts, params["v"][0]), "v": [2.5 * (params["W"].T @ counts)]}


def grown(x):
    out = np.zeros(len(x))
    for k in range(len(x)):
        out[k] = np.exp(-x[k]) * x[0]
    return np.linalg.norm(out)


def grown_gradient(x):
    return np.ones(len(x))


class Layer:
    def __init__(self):
        self.W = np.array([[1.0, 2.0], [0.5, -1.0]])

    def forward(self, x):
        self.x = x
        return np.tanh(x @ self.W)

    def backward(self, d):
        back = d * (1 - np.tanh(self.x @ self.W))
        self.dW = self.x.T @ back
        return back @ self.W.T


def opaque(x):
    return float(x) ** 2


def opaque_slope(x):
    return 3 * float(x)
"""
TOML = """
[check.gradient]
subject = "model:loss"
gradient = "model:slope_lost"
on = { w = "[-1, 1]^(2)", X = "model:X" }

[check.hairline]
subject = "model:loss"
gradient = "model:hairline"
on = { w = "[0.25, 1]^(2)", X = "model:X" }

[check.hessian]
subject = "model:cubic"
hessian = "model:cubic_hessian"
on = { w = "[0.5, 2]^(2)" }

[check.nan]
subject = "model:softplus"
derivative = "model:naive"
at = [1.0, 800.0]

[check.kink]
subject = "model:relu"
derivative = "model:step"
at = [-1.0, 0.0, 2.0]

[check.outside]
subject = "model:relu"
derivative = "model:beyond"
at = [0.0]

[check.steep]
subject = "model:root"
derivative = "model:droot"
at = [0.0, 1.0]

[check.chord]
subject = "model:swish"
claims = ["convex"]
on = { x = "[-6, 6]^(2)" }

[check.buffer]
subject = "model:grown"
gradient = "model:grown_gradient"
on = { x = "[0.5, 2]^(3)" }

[check.state]
subject = "model:Layer().forward"
backward = "model:Layer().backward"
grads = { W = "dW" }
on = { x = "[-1, 1]^(3x2)" }

[check.opaque]
subject = "model:opaque"
gradient = "model:opaque_slope"
on = { x = "[1, 2]" }
opaque = true
"""
# What each check must find, and what its replay must say besides REPRODUCED.
FOUND = (
    ("gradient", "wrong-derivative", "Claim and truth are disjoint"),
    ("hairline", "wrong-derivative", "Claim and truth are disjoint"),
    ("hessian", "wrong-derivative", "Claim and truth are disjoint"),
    ("hessian", "asymmetric-hessian", "are disjoint"),
    ("nan", "nan-derivative", "The claim computes nan where the truth is a number"),
    ("kink", "one-sided-derivative", "The claim 0 lies between them"),
    ("outside", "not-a-subgradient", "lies outside them"),
    ("steep", "infinite-slope", "the difference quotient grows without bound"),
    ("chord", "not-convex", "the gap is strictly positive"),
    ("buffer", "wrong-derivative", "Claim and truth are disjoint"),
    ("state", "wrong-derivative", "Claim and truth are disjoint"),
    ("opaque", "wrong-derivative", "The claim lies outside their error"),
)

Finding = dict[str, Any]
Command = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the module and its report, made by the command once."""
    folder = tmp_path_factory.mktemp("replay")
    (folder / "model.py").write_text(MODEL)
    (folder / "verifier.toml").write_text(TOML)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(sys, "argv", ["verifier", "run", "-o", "report.json"])
        with pytest.raises(SystemExit):
            main()
    return folder


@pytest.fixture
def project(made: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Stand in the folder as a fresh process would: its module not yet imported."""
    monkeypatch.chdir(made)
    monkeypatch.setattr(sys, "path", list(sys.path))
    sys.modules.pop("model", None)
    importlib.invalidate_caches()
    yield made
    sys.modules.pop("model", None)


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["verifier", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return int(ended.value.code or 0), said.out, said.err

    return call


def document(folder: Path) -> Any:
    return json.loads((folder / "report.json").read_text())


def finding_of(data: Any, check: str, rule: str) -> Finding:
    found = [
        finding
        for each in data["checks"]
        if each["name"] == check
        for claim in each["claims"]
        for finding in claim.get("findings", ())
        if finding["rule"] == rule
    ]
    assert found, [c for c in data["checks"] if c["name"] == check]
    first: Finding = found[0]
    return first


# ------------------------------------------------------------------------- what holds
@pytest.mark.parametrize(("check", "rule", "reason"), FOUND)
def test_a_witness_is_reproduced(
    project: Path, command: Command, check: str, rule: str, reason: str
) -> None:
    finding = finding_of(document(project), check, rule)
    code, out, err = command("replay", "report.json", finding["id"])
    assert code == 0, out + err
    assert reason in out
    assert out.rstrip().endswith("REPRODUCED") and "NOT" not in out
    if "claimed" in finding["witness"] and rule != "not-convex":
        assert "same bits" in out


def test_replay_uses_no_reader_of_the_engine(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("replay asked the engine")

    for module, names in {
        "verifier.readers.value": ["read"],
        "verifier.readers.slope": ["slope"],
        "verifier.readers.series": ["series"],
        "verifier.frontends.from_numpy.lift": ["lift"],
        "verifier.checks.lifting": ["lift", "read", "take_road"],
        "verifier.oracles.mpmath_difference": ["mpmath_difference"],
        "verifier.oracles.finite_difference": ["finite_difference"],
    }.items():
        for name in names:
            monkeypatch.setattr(importlib.import_module(module), name, refuse)
    report = Report.load("report.json")
    for finding in report.findings:
        if finding.witness is not None:
            assert replay(report.document, finding.id)[0], finding


def test_an_id_may_be_shortened(project: Path, command: Command) -> None:
    id = finding_of(document(project), "gradient", "wrong-derivative")["id"]
    code, out, _ = command("replay", "report.json", id[:6])
    assert code == 0 and id in out


def test_nested_arguments_and_whole_data_are_found_again(project: Path) -> None:
    sys.path.insert(0, str(project))
    model = importlib.import_module("model")
    rng = np.random.default_rng(3)
    params = {"W": rng.normal(size=(2, 3)), "v": [rng.normal(size=3)]}
    report = vf.verify(
        model.picked,
        at={"params": params, "labels": model.LABELS},
        wrt="params",
        gradient=model.picked_gradient,
    )
    report.save(project / "nested.json")
    again = Report.load(project / "nested.json")
    (finding,) = [f for f in again.findings if f.rule == "wrong-derivative"]
    confirmed, text = replay(again.document, finding.id)
    assert confirmed, text


CLAIMS = """
import numpy as np
import verifier as vf

DATA = {"X": np.array([[1.0, 2.0], [0.5, -1.0]]), "scale": [np.array(2.0), "a word"]}


@vf.claim(on={"w": "[-1, 1]^(2)", "d": DATA}, jacobian="jacobian", wrt="w", name="table")
def table(w, d):
    return np.exp(d["X"] @ w) * d["scale"][0]


def jacobian(w, d):
    return d["X"] * np.exp(d["X"] @ w)[:, None]


@vf.claim(
    on={"w": "[-1, 1]^(2)", "b": "[0.5, 1]"}, hvp="product", vjp="pulled",
    value_and_gradient="pair", hessian="blocks", name="blocks",
)
def cost(w, b):
    return np.sum(w**3) * b**2, None


def product(w, b, v):
    vw, vb = v
    return 6 * w * vw * b**2 + 6 * w**2 * b * vb, 2 * np.sum(w**3) * vb


def pulled(w, b, c):
    return 3 * w**2 * b**2 * c, 3 * np.sum(w**3) * b * c


def pair(w, b):
    return cost(w, b)[0], (3 * w**2 * b**2, np.sum(w**3) * b)


def blocks(w, b):
    mixed = 6 * w**2 * b
    return ((np.diag(6 * w * b**2), mixed), (mixed, 3 * np.sum(w**3)))


@vf.claim(on={"w": "[-1, 1]^(2)"}, vjp="narrow", dtype="float32", name="narrow")
def product_of(w):
    return np.tanh(w) * w[::-1]


def narrow(w, c):
    return c * (1 - np.tanh(w) ** 2)
"""


def test_every_kind_of_claim_of_a_python_file_is_found_again(
    project: Path, command: Command
) -> None:
    (project / "verify_claims.py").write_text(CLAIMS)
    command("run", "verify_claims.py", "-o", "claims")
    seen = set()
    for file in sorted((project / "claims").glob("*.json")):
        for each in json.loads(file.read_text())["checks"]:
            for claim in each["claims"]:
                for finding in claim.get("findings", ()):
                    code, out, err = command("replay", "claims", finding["id"])
                    assert code == 0, out + err
                    seen.add(claim["claim"])
    assert seen == {"jacobian", "hessian", "hvp", "vjp", "value_and_gradient"}


# ------------------------------------------------------------------------- what was tampered with
def _hex(witness: Finding) -> None:
    witness["point"]["w"]["hex"][0] = (0.123).hex()


def _hex_and_text(witness: Finding) -> None:
    value = 0.123
    held = witness["point"]["w"]
    held["hex"][0] = value.hex()
    held["text"] = f"[{value}, {float.fromhex(held['hex'][1])}]"


def _claimed(witness: Finding) -> None:
    value = witness["claimed"]["number"] * 2
    witness["claimed"] = {"hex": value.hex(), "text": str(value), "number": value}


def _claimed_text(witness: Finding) -> None:
    witness["claimed"]["text"] = "17.5"


def _ball(witness: Finding) -> None:
    witness["ball"]["mid"] = "17.500000000000000000"


def _no_ball_text(witness: Finding) -> None:
    witness["ball"]["mid"] = "seventeen"


def _formula(witness: Finding) -> None:
    witness["formula"] = witness["ball"]


def _no_claimed(witness: Finding) -> None:
    del witness["claimed"]


def _no_leaf(witness: Finding) -> None:
    del witness["point"]["w"]


def _no_point(witness: Finding) -> None:
    witness["point"] = {}


def _cut(witness: Finding) -> None:
    witness["point"]["X"]["hex"].pop()


def _relative(witness: Finding) -> None:
    witness["relative_error"] = 0.9 * witness["relative_error"]


def _mpmath(witness: Finding) -> None:
    witness["mpmath"] = "17.5"


def _dtype(witness: Finding) -> None:
    witness["point"]["w"]["dtype"] = "float31"


@pytest.mark.parametrize(
    ("tamper", "message"),
    [
        (_hex, "point w: the bits say [0.123, "),
        (_hex_and_text, "claimed: the report says"),
        (_claimed, "claimed: the report says"),
        (_claimed_text, "the text beside them 17.5"),
        (_ball, "truth: the report says 17.5"),
        (_no_ball_text, "ball: 'seventeen'"),
        (_formula, "claimed formula: the report says"),
        (_no_claimed, "claimed: the report holds no number"),
        (_no_leaf, "the witness holds no point for 'w'"),
        (_no_point, "its point is missing"),
        (_cut, "point X: an array of shape (3, 2) needs 6 elements, the report holds 5"),
        (_relative, "relative error: the report says"),
        (_mpmath, "mpmath: the report says 17.5"),
        (_dtype, "point w: an array of dtype float31"),
    ],
)
def test_a_tampered_witness_is_refused(
    project: Path, command: Command, tamper: Callable[[Finding], None], message: str
) -> None:
    data = document(project)
    finding = finding_of(data, "gradient", "wrong-derivative")
    tamper(finding["witness"])
    (project / "tampered.json").write_text(json.dumps(data))
    code, out, err = command("replay", "tampered.json", finding["id"])
    assert code == 1, out + err
    assert message in out and "NOT REPRODUCED" in out


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"index": [7]}, "index [7] is no entry of w, (2,)"),
        ({"index": [0, 1]}, "index [0, 1] is no entry of w, (2,)"),
        ({"argument": "v"}, "the witness holds no point for 'v'"),
        ({"rule": "kink"}, "Both sides agree: there is a derivative here"),
        ({"rule": "nan-derivative"}, "NOT REPRODUCED"),
        ({"witness": None}, "this finding carries none"),
    ],
)
def test_a_tampered_finding_is_refused(
    project: Path, command: Command, change: Finding, message: str
) -> None:
    data = document(project)
    finding = finding_of(data, "gradient", "wrong-derivative")
    finding.update(change)
    (project / "tampered.json").write_text(json.dumps(data))
    code, out, err = command("replay", "tampered.json", finding["id"])
    assert code == 1, out + err
    assert message in out and "NOT REPRODUCED" in out


def _weight(witness: Finding) -> None:
    witness["weight"] = "3/2"


def _same_point(witness: Finding) -> None:
    witness["second_point"] = witness["point"]


def _far(witness: Finding) -> None:
    held = witness["point"]["x"]
    held["hex"], held["text"] = [(50.0).hex()] * 2, "[50.0, 50.0]"


def _value(witness: Finding) -> None:
    witness["numbers"]["f(x)"] = "[1.0 +/- 1e-20]"


def _no_second(witness: Finding) -> None:
    witness["second_point"] = {}


@pytest.mark.parametrize(
    ("tamper", "message"),
    [
        (_weight, "weight: '3/2' is no number between 0 and 1"),
        (_same_point, "is not certainly positive"),
        (_far, "point x: it lies outside the domain"),
        (_value, "f(x): the report says [1.0"),
        (_no_second, "the second point has no x"),
    ],
)
def test_a_tampered_chord_is_refused(
    project: Path, command: Command, tamper: Callable[[Finding], None], message: str
) -> None:
    data = document(project)
    finding = finding_of(data, "chord", "not-convex")
    tamper(finding["witness"])
    (project / "tampered.json").write_text(json.dumps(data))
    code, out, err = command("replay", "tampered.json", finding["id"])
    assert code == 1, out + err
    assert message in out and "NOT REPRODUCED" in out


def test_a_tampered_slope_at_a_kink_is_refused(project: Path, command: Command) -> None:
    data = document(project)
    finding = finding_of(data, "kink", "one-sided-derivative")
    finding["witness"]["left"]["mid"] = "-1.0000000000000000000"
    (project / "tampered.json").write_text(json.dumps(data))
    code, out, _ = command("replay", "tampered.json", finding["id"])
    assert code == 1
    assert "slope from left: the report says -1.0000000000000000000" in out


def test_mended_code_no_longer_reproduces(project: Path, command: Command) -> None:
    finding = finding_of(document(project), "gradient", "wrong-derivative")
    mended = MODEL.replace(
        "def slope_lost(w, X):\n", "def slope_lost(w, X):\n    return slope(w, X)\n"
    )
    try:
        (project / "model.py").write_text(mended)
        code, out, _ = command("replay", "report.json", finding["id"])
    finally:
        (project / "model.py").write_text(MODEL)
    assert code == 1
    assert "claimed: the report says" in out and "Claim and truth have points in common" in out


def test_code_that_raises_is_said(project: Path, command: Command) -> None:
    finding = finding_of(document(project), "gradient", "wrong-derivative")
    try:
        raising = MODEL.replace("def slope_lost(w, X):", "def slope_lost(w, X):\n    1 / 0")
        (project / "model.py").write_text(raising)
        code, out, _ = command("replay", "report.json", finding["id"])
    finally:
        (project / "model.py").write_text(MODEL)
    assert code == 1
    assert "the claim raises ZeroDivisionError" in out and "model.py:" in out


# ------------------------------------------------------------------------- what is not there
def test_interactive_functions_are_compared_by_the_reports_numbers() -> None:
    report = vf.verify(
        lambda x: np.sum(x**2), on={"x": "[1, 2]^(2)"}, gradient=lambda x: 3 * x, name="typed"
    )
    (finding,) = [f for f in report.findings if f.rule == "wrong-derivative"]
    confirmed, text = replay(report.document, finding.id)
    assert not confirmed
    assert "does not say where" in text and "put them in a module" in text
    assert "claim and truth are disjoint" in text
    assert text.endswith("NOT REPRODUCED: the code could not be run again")


def test_a_local_derivative_of_a_named_function_is_said(project: Path) -> None:
    sys.path.insert(0, str(project))
    model = importlib.import_module("model")
    report = vf.verify(model.cubic, on={"w": "[0.5, 2]^(2)"}, gradient=lambda w: w, name="half")
    (finding,) = [f for f in report.findings if f.rule == "wrong-derivative"]
    confirmed, text = replay(report.document, finding.id)
    assert not confirmed and "where the claimed gradient is defined" in text


def test_another_folder_is_said(
    project: Path, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finding = finding_of(document(project), "gradient", "wrong-derivative")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [p for p in sys.path if p and "replay" not in p])
    code, out, _ = command("replay", str(project / "report.json"), finding["id"])
    assert code == 1
    assert "no module named 'model'" in out
    assert "Run replay from the folder where the report was made" in out


def test_an_unknown_id_names_the_nearest(project: Path, command: Command) -> None:
    id = finding_of(document(project), "gradient", "wrong-derivative")["id"]
    wrong = id[:-1] + ("0" if id[-1] != "0" else "1")
    code, out, err = command("replay", "report.json", wrong)
    assert (code, out) == (2, "")
    assert f"no finding and no proof has the id {wrong!r}" in err and id in err


def test_an_ambiguous_beginning_lists_the_ids(project: Path) -> None:
    loaded = Report.load("report.json").document
    found = [f for c in loaded.checks for k in c.claims for f in k.findings]
    with pytest.raises(BadSpec, match="no finding and no proof has the id ''"):
        replay(loaded, "")
    data = document(project)
    for number_, finding in enumerate(
        f for c in data["checks"] for k in c["claims"] for f in k.get("findings", ())
    ):
        finding["id"] = f"same{number_}"
    (project / "same.json").write_text(json.dumps(data))
    with pytest.raises(BadSpec, match="'same' begins several ids: same0, same1"):
        replay(Report.load("same.json").document, "same")
    assert len(found) > 1


@pytest.mark.parametrize(
    ("file", "message"),
    [("nothing.json", "cannot read"), ("model.py", "is not JSON"), ("verifier.toml", "not JSON")],
)
def test_a_wrong_file_is_one_message(
    project: Path, command: Command, file: str, message: str
) -> None:
    code, out, err = command("replay", file, "abcdef")
    assert (code, out) == (2, "")
    assert message in err


# ------------------------------------------------------------------------- its own numbers
FUNCTIONS = (
    ("exp", 0.3), ("expm1", 0.3), ("exp2", 0.3), ("log", 0.3), ("log1p", 0.3), ("log2", 0.3),
    ("log10", 0.3), ("sqrt", 0.3), ("cbrt", -0.3), ("sin", 0.3), ("cos", 0.3), ("tan", 0.3),
    ("sinh", 0.3), ("cosh", 0.3), ("tanh", -0.3), ("arcsin", 0.3), ("arccos", 0.3),
    ("arctan", 0.3), ("arcsinh", -0.3), ("arccosh", 1.3), ("arctanh", 0.3),
)  # fmt: skip
TWINS = {
    "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arcsinh": "asinh", "arccosh": "acosh",
    "arctanh": "atanh",
}  # fmt: skip


def _mpmath_of(name: str) -> Callable[[Any], Any]:
    special = {
        "exp2": lambda x: mp.mpf(2) ** x,
        "log2": lambda x: mp.log(x, 2),
        "cbrt": lambda x: mp.sign(x) * mp.cbrt(abs(x)),
    }
    return special.get(name) or getattr(mp, TWINS.get(name, name))


@pytest.mark.parametrize(("name", "at"), FUNCTIONS)
def test_functions_and_their_series_agree_with_mpmath(name: str, at: float) -> None:
    found = run(lambda v: getattr(np, name)(v["x"]), {"x": np.array(at)}, 192, {"x": 1.0}, 2)
    with mp.workdps(60):
        wanted = mp.taylor(_mpmath_of(name), mp.mpf(at), 2)
    with precision(192):
        for place, value in enumerate(wanted):
            told = found.coefficient(place)
            assert abs(told - type(told)(mp.nstr(value, 40))) < 1e-25, (name, place)


SPECIAL = (
    ("expit", 0.3), ("log_expit", -2.0), ("logit", 0.3), ("erf", 0.3), ("erfc", 0.3),
    ("gammaln", 2.3), ("digamma", 2.3), ("ndtr", 0.3), ("log_ndtr", -3.0), ("entr", 0.3),
)  # fmt: skip


@pytest.mark.parametrize(("name", "at"), SPECIAL)
def test_special_functions_agree_with_scipy(name: str, at: float) -> None:
    special = pytest.importorskip("scipy.special")
    function = getattr(special, name)
    found = run(lambda v: function(v["x"]), {"x": np.array(at)}, 192, {"x": 1.0}, 1)
    step = 2.0**-14
    slope = (function(at + step) - function(at - step)) / (2 * step)
    with precision(192):
        assert float(found.coefficient(0)) == pytest.approx(function(at), rel=8 * 2.0**-52)
        assert float(found.coefficient(1)) == pytest.approx(slope, rel=64 * step**2)


@pytest.mark.parametrize(
    ("code", "at"),
    [
        (lambda x: np.einsum("i,ij,j->", x, np.array([[2.0, 1.0], [0.0, 3.0]]), x), (0.3, 4.0)),
        (lambda x: np.concatenate([x, x**2]).cumsum()[::2].sum(), (0.3, 4.0)),
        (lambda x: np.divide(x, x - 4, out=np.zeros_like(x), where=x < 3).sum(), (0.3, 5.0)),
        (lambda x: np.linalg.solve(np.diag(x) + 0.5, x).sum(), (0.3, 5.0)),
        (lambda x: np.linalg.slogdet(np.outer(x, x) + np.eye(2))[1], (0.3, 5.0)),
        (lambda x: np.linalg.inv(np.diag(x) + 0.25)[0, 1] * np.linalg.det(np.diag(x)), (0.3, 5.0)),
        (lambda x: np.std(x) + np.var(x) + x.max() + np.sort(x)[0], (0.3, 5.0)),
        (lambda x: np.where(x > 1, np.log(x), -x).astype(float).sum(), (0.3, 5.0)),
        (lambda x: np.sinc(x).sum() + np.hypot(*x) + np.arctan2(x[0], x[1]), (0.3, 5.0)),
        (lambda x: np.pad(x, 1).sum() ** 1.5 + np.linalg.norm(x), (0.3, 5.0)),
    ],
)
def test_numpy_code_gives_what_floats_give(code: Any, at: tuple[float, ...]) -> None:
    x, d = np.array(at), np.array([1.0, -0.5])
    found = run(lambda v: code(v["x"]), {"x": x}, 192, {"x": d}, 1)
    step = 2.0**-17
    slope = (code(x + step * d) - code(x - step * d)) / (2 * step)
    with precision(192):
        exact = entries(found).ravel()[0]
        assert float(exact.coefficient(0)) == pytest.approx(code(x), rel=1e-14)
        assert float(exact.coefficient(1)) == pytest.approx(slope, rel=1e-7)


def test_numpy_is_put_back_even_where_the_code_raises() -> None:
    module, before = np, (np.zeros, np.array, np.full)

    def raising(_: Any) -> None:
        assert np is not module and np.zeros is not before[0]
        assert module.zeros is before[0], "compiled code must not meet arrays of objects"
        raise RuntimeError

    with pytest.raises(RuntimeError):
        run(raising, {"x": np.array(1.0)}, 192)
    assert np is module and (np.zeros, np.array, np.full) == before


def test_random_masks_are_filled_by_compiled_code() -> None:
    def dropped(leaves: Any) -> Any:
        kept = np.random.RandomState(0).rand(*leaves["x"].shape) < 0.7
        return leaves["x"] * kept / 0.7

    found = entries(run(dropped, {"x": np.arange(1.0, 6.0)}, 192))
    told = [float(n.coefficient(0)) for n in found]
    assert told == pytest.approx(dropped({"x": np.arange(1.0, 6.0)}), rel=1e-15)


def test_comparisons_never_guess() -> None:
    with precision(64, 3):
        third = number(1) / 3
        with pytest.raises(Unsure, match="could not be decided"):
            _ = third * 3 > 1
        assert moving(0.0, 1.0) > 0 and moving(0.0, -1.0) < 0, "just beside the point"
        assert third <= third, "one and the same quantity"
        with pytest.raises(Unsure, match="vanishes to the order"):
            _ = moving(0.0, 1.0) * moving(0.0, 1.0) * moving(0.0, 1.0) > 0
        with pytest.raises(TypeError, match="Python float"):
            float(third)
