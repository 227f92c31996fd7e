# chromium.py: a Chromium without a screen, driven through chromedriver's HTTP protocol.
# SPDX-License-Identifier: MIT
import base64
import http.client
import json
import re
import shutil
import subprocess
import time

DEADLINE = 20  # seconds; nothing takes so long when all is well
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
KEYS = {"Tab": "\ue004", "Enter": "\ue007"}


def is_there():
    return shutil.which("chromedriver") and (shutil.which("chromium") or shutil.which("chromium-browser"))


class Browser:
    """with Browser() as browser: browser.open(url); browser.run("return document.title")"""

    def __enter__(self):
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        said = b""
        while not (found := re.search(rb"started successfully on port (\d+)", said)):
            line = self.driver.stdout.readline()
            if not line:
                raise RuntimeError("chromedriver did not begin: " + said.decode())
            said += line
        self.port = int(found.group(1))
        # Without --no-sandbox it does not run as root, and /dev/shm is small in containers.
        options = {"args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                            "--hide-scrollbars", "--force-color-profile=srgb"]}
        asked = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        self.session = ""
        self.session = "/session/" + self.call("POST", "/session", {"capabilities": {"alwaysMatch": asked}})["sessionId"]
        return self

    def __exit__(self, *_):
        try:
            self.call("DELETE", "")
        finally:
            self.driver.terminate()
            self.driver.wait()
            self.driver.stdout.close()

    def call(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, self.session + path, json.dumps(body or {}) if method == "POST" else None)
        answer = json.loads(connection.getresponse().read())["value"]
        connection.close()
        if isinstance(answer, dict) and "error" in answer:
            raise RuntimeError(answer["error"] + ": " + answer["message"].split("\n")[0])
        return answer

    def open(self, url):
        self.call("POST", "/url", {"url": url})

    def run(self, script, *arguments):
        return self.call("POST", "/execute/sync", {"script": script, "args": arguments})

    def run_async(self, script, *arguments):
        """The script calls its last argument with the answer."""
        return self.call("POST", "/execute/async", {"script": script, "args": arguments})

    def text(self, selector):
        return self.run("return document.querySelector(arguments[0])?.innerText ?? ''", selector)

    def click(self, selector):
        element = self.call("POST", "/element", {"using": "css selector", "value": selector})[ELEMENT]
        self.call("POST", "/element/%s/click" % element)

    def type(self, *keys):
        """Keys by name, or text, to where the focus is."""
        actions = []
        for key in "".join(KEYS.get(key, key) for key in keys):
            actions += [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]
        self.call("POST", "/actions", {"actions": [{"type": "key", "id": "keys", "actions": actions}]})

    def until(self, script, *arguments, deadline=DEADLINE):
        """Waits until the script answers something true, and answers that."""
        end = time.monotonic() + deadline
        while not (answer := self.run(script, *arguments)):
            if time.monotonic() > end:
                raise AssertionError("in vain: " + script + " " + json.dumps(arguments))
            time.sleep(0.01)
        return answer

    def devtools(self, command, **parameters):
        return self.call("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def size(self, width, height, dark=False):
        self.devtools("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.devtools("Emulation.setEmulatedMedia",
                      features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def picture(self, path):
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.devtools("Page.captureScreenshot", format="png")["data"]))

    def script_ms(self, act):
        """How long scripts ran meanwhile, by the profiler: compiling, running, collecting garbage."""
        self.devtools("Profiler.enable")
        self.devtools("Profiler.setSamplingInterval", interval=200)
        self.devtools("Profiler.start")
        act()
        profile = self.devtools("Profiler.stop")["profile"]
        self.devtools("Profiler.disable")
        idle = {node["id"] for node in profile["nodes"]
                if node["callFrame"]["functionName"] in ("(idle)", "(program)", "(root)")}
        return sum(spent for at, spent in zip(profile["samples"], profile["timeDeltas"]) if at not in idle) / 1000

    def errors(self):
        """What the console has said since it was last asked, but for what is harmless."""
        return [line["message"] for line in self.call("POST", "/se/log", {"type": "browser"})
                if line["level"] in ("SEVERE", "WARNING")]
