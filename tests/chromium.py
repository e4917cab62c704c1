"""Drives a real Chromium over its debugging pipe: the standard library and nothing else."""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-extensions", "--hide-scrollbars", "--mute-audio", "--remote-debugging-pipe",
)  # fmt: skip
PATIENCE = 60.0  # seconds that any one answer may take
KEYS = {"ArrowRight": 39, "ArrowLeft": 37, "ArrowDown": 40, "Tab": 9, "Enter": 13, "End": 35}


def found() -> str | None:
    """Return the path of a Chromium, or None where there is none."""
    named = (os.environ.get("CHROMIUM", ""), *NAMES)
    return next((path for name in named if name and (path := shutil.which(name))), None)


class Browser:
    """A running Chromium: commands go down one pipe, answers and events come up another."""

    def __init__(self, program: str, folder: str) -> None:
        down, up = os.pipe(), os.pipe()
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 20) for end in (down[0], up[1])]

        def wire() -> None:
            os.dup2(ends[0], 3)
            os.dup2(ends[1], 4)

        with open(Path(folder) / "log", "wb") as log:
            self.process = subprocess.Popen(
                [program, *FLAGS, f"--user-data-dir={folder}/profile", "about:blank"],
                stdout=log, stderr=log, preexec_fn=wire, pass_fds=(3, 4),
            )  # fmt: skip
        for end in (down[0], up[1], *ends):
            os.close(end)
        self._down, self._up = down[1], up[0]
        self._rest, self._count = b"", 0
        self.events: list[dict[str, Any]] = []

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self.send("Browser.close")
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for end in (self._down, self._up):
            os.close(end)

    def send(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        """Return the answer to a command; events met on the way are kept."""
        self._count += 1
        message = {"id": self._count, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        os.write(self._down, json.dumps(message).encode() + b"\0")
        number = self._count
        while True:
            answer = self._next(PATIENCE)
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return dict(answer["result"])

    def wait(self, event: str, session: str) -> dict[str, Any]:
        """Return the first event of a name that a page has sent, waiting for it if need be."""
        end = time.monotonic() + PATIENCE
        while True:
            for met in self.events:
                if met["method"] == event and met.get("sessionId") == session:
                    return dict(met)
            self._next(end - time.monotonic())

    def _next(self, patience: float) -> dict[str, Any]:
        end = time.monotonic() + patience
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._up], [], [], max(0.0, end - time.monotonic()))
            part = os.read(self._up, 1 << 20) if ready else b""
            if not part:
                raise RuntimeError("Chromium does not answer")
            self._rest += part
        text, _, self._rest = self._rest.partition(b"\0")
        message = json.loads(text)
        if "id" not in message:
            self.events.append(message)
        return dict(message)


class Tab:
    """One page: what it shows, says on its console and asks the network for."""

    def __init__(self, browser: Browser, width: int, height: int, scheme: str) -> None:
        self.browser = browser
        target = browser.send("Target.createTarget", url="about:blank")["targetId"]
        attached = browser.send("Target.attachToTarget", targetId=target, flatten=True)
        self.session: str = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "DOM"):
            self.send(f"{domain}.enable")
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=width < 500)
        self.media(scheme)

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        return self.browser.send(method, self.session, **params)

    def media(self, scheme: str, medium: str = "") -> None:
        """Emulate a colour scheme, and a medium such as print."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.send("Emulation.setEmulatedMedia", media=medium, features=features)

    def open(self, path: Path, hash: str = "") -> None:
        """Show a file and wait until it has loaded."""
        self.browser.events.clear()
        self.send("Page.navigate", url=path.resolve().as_uri() + hash)
        self.browser.wait("Page.loadEventFired", self.session)

    def run(self, script: str) -> Any:
        """Return the value of a JavaScript expression, awaited if it is a promise."""
        answer = self.send("Runtime.evaluate", expression=script, returnByValue=True,
                           awaitPromise=True, userGesture=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(str(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def press(self, key: str) -> None:
        """Press a key of KEYS where the focus is."""
        code = {"key": key, "code": key, "windowsVirtualKeyCode": KEYS[key]}
        self.send("Input.dispatchKeyEvent", type="rawKeyDown", **code)
        self.send("Input.dispatchKeyEvent", type="keyUp", **code)

    def point(self, x: float, y: float) -> None:
        """Move the mouse to a place of the window."""
        self.send("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def messages(self) -> list[str]:
        """Return what the console and the security policy have said."""
        said = []
        for event in self.browser.events:
            if event["method"] == "Log.entryAdded":
                said.append(event["params"]["entry"]["text"])
            elif event["method"] in ("Runtime.exceptionThrown", "Runtime.consoleAPICalled"):
                said.append(json.dumps(event["params"]))
        return said

    def requests(self) -> list[str]:
        """Return the addresses asked for, the page itself first."""
        asked = (e for e in self.browser.events if e["method"] == "Network.requestWillBeSent")
        return [event["params"]["request"]["url"] for event in asked]

    def picture(self, path: Path, height: int = 0, top: int = 0) -> None:
        """Write a PNG of the window, or of `height` pixels of the whole page below `top`."""
        clip: dict[str, Any] = {}
        if height:
            width = self.run("innerWidth")
            shape = {"x": 0, "y": top, "width": width, "height": height, "scale": 1}
            clip = {"clip": shape, "captureBeyondViewport": True}
        data = self.send("Page.captureScreenshot", format="png", **clip)["data"]
        path.write_bytes(base64.b64decode(data))

    def paper(self, path: Path) -> None:
        """Write the page as PDF, as printing would."""
        made = self.send("Page.printToPDF", preferCSSPageSize=True)
        path.write_bytes(base64.b64decode(made["data"]))


@contextlib.contextmanager
def running(program: str) -> Iterator[Browser]:
    """Start a Chromium with a profile of its own and stop it at the end."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        browser = Browser(program, folder)
        try:
            yield browser
        finally:
            browser.close()
