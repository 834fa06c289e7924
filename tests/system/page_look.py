#!/usr/bin/env python3
# Opens a page in headless Chromium, over the DevTools protocol on a pipe, and tells
# what it finds: console messages, overflow, what scripts and hovering did, pictures.
#
# usage: page_look.py PAGE < VIEWS > FOUND
# VIEWS: {"name": {"width": 360, "height": 740, "is": ["dark", "noscript", "whole", "print"],
#         "eval": ["an expression"], "shot": "a file"}}
# FOUND: {"name": {"messages": [...], "requests": [...], "wide": pixels, "values": [...]}}
import base64
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

LIMIT = 60


class Browser:
    def __init__(self, folder):
        program = shutil.which("chromium") or shutil.which("chromium-browser")
        to_read, self.to = os.pipe()
        self.back, back_write = os.pipe()
        # The protocol's ends are 3 and 4 in the browser.
        to_read, back_write = os.dup2(to_read, 103), os.dup2(back_write, 104)

        def ends():
            os.dup2(to_read, 3)
            os.dup2(back_write, 4)

        self.process = subprocess.Popen(
            [program, "--headless", "--no-sandbox", "--disable-gpu",
             "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars",
             "--disable-background-networking", "--disable-extensions",
             "--user-data-dir=" + folder, "--remote-debugging-pipe",
             "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, close_fds=False, preexec_fn=ends)
        os.close(to_read)
        os.close(back_write)
        self.number = 0
        self.rest = b""
        self.events = []
        self.session = None

    def read(self):
        while b"\0" not in self.rest:
            more = os.read(self.back, 1 << 16)
            if not more:
                sys.exit("the browser is gone")
            self.rest += more
        text, self.rest = self.rest.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        until = time.time() + LIMIT
        while time.time() < until:
            answer = self.read()
            if answer.get("id") == self.number:
                if "error" in answer:
                    sys.exit(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)
        sys.exit(f"{method}: no answer")

    def wait(self, event):
        while not any(e.get("method") == event for e in self.events):
            self.events.append(self.read())

    def value(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression,
                           returnByValue=True)
        if "exceptionDetails" in answer:
            sys.exit(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def close(self):
        self.process.kill()
        self.process.wait()


def messages(events):
    said = []
    for event in events:
        method, p = event.get("method"), event.get("params", {})
        if method == "Runtime.consoleAPICalled":
            said.append(" ".join(str(a.get("value", a)) for a in p["args"]))
        elif method == "Runtime.exceptionThrown":
            said.append(p["exceptionDetails"].get("text", "exception"))
        elif method == "Log.entryAdded":
            said.append(p["entry"]["text"])
    return said


def requests(events):
    return [e["params"]["request"]["url"] for e in events
            if e.get("method") == "Network.requestWillBeSent"
            and not e["params"]["request"]["url"].startswith("data:")]


def shoot(browser, path, whole):
    size = browser.call("Page.getLayoutMetrics")["cssContentSize"]
    more = {}
    if whole:
        more = {"captureBeyondViewport": True,
                "clip": {"x": 0, "y": 0, "width": size["width"],
                         "height": min(size["height"], 14000), "scale": 1}}
    picture = browser.call("Page.captureScreenshot", **more)
    pathlib.Path(path).write_bytes(base64.b64decode(picture["data"]))


def look(browser, page, view):
    words = view.get("is", [])
    width, height = view["width"], view["height"]
    browser.session, browser.events = None, []
    target = browser.call("Target.createTarget", url="about:blank")["targetId"]
    browser.session = browser.call("Target.attachToTarget", targetId=target,
                                   flatten=True)["sessionId"]
    for domain in ("Page", "Runtime", "Log", "Network"):
        browser.call(domain + ".enable")
    browser.call("Emulation.setDeviceMetricsOverride", width=width,
                 height=height, deviceScaleFactor=1, mobile=width < 600)
    browser.call("Emulation.setEmulatedMedia",
                 media="print" if "print" in words else "",
                 features=[{"name": "prefers-color-scheme",
                            "value": "dark" if "dark" in words else "light"}])
    if "noscript" in words:
        browser.call("Emulation.setScriptExecutionDisabled", value=True)
    browser.call("Page.navigate", url=pathlib.Path(page).resolve().as_uri())
    browser.wait("Page.loadEventFired")
    values = [browser.value(e) for e in view.get("eval", [])]
    wide = browser.call("Page.getLayoutMetrics")["cssContentSize"]["width"]
    if "shot" in view:
        shoot(browser, view["shot"], "whole" in words)
    return {"messages": messages(browser.events), "wide": wide,
            "requests": requests(browser.events), "values": values}


def main():
    # An expression may go over several lines, and these are indented.
    views = json.load(sys.stdin, strict=False)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        browser = Browser(folder)
        try:
            print(json.dumps({name: look(browser, sys.argv[1], views[name])
                              for name in views}))
        finally:
            browser.close()


main()
