#!/usr/bin/env python3
"""Uses the page of a running `rowwise serve` as people do, in a headless Chromium, and looks at what happens.

    Scripts/checks/page.py URL [--model NAME] [--token TOKEN] [--screenshots FOLDER]

It draws digits by pointer and by keys, drops pictures, plays the reading, walks through the page with the tab
key, and checks both colour schemes for contrast, small text, names for screen readers and widths from 320
pixels on; the page may ask nobody but its server, and the console has to stay empty. The first model's
classes should be the digits: where they are not, which class is shown is not checked, which is said.

Needs chromium (or google-chrome) and `playwright` from PyPI, no browser of its own. Without these the exit
status is 77; it is 1 where something is wrong. Screenshots are to be looked at.
"""

import argparse
import json
import math
import pathlib
import shutil
import sys
import urllib.parse

try:
    from playwright.sync_api import sync_playwright
except ImportError:
    sync_playwright = None

ROOT = pathlib.Path(__file__).resolve().parents[2]


def arc(x, y, width, height, first, last, steps=24):
    angles = [math.radians(first + (last - first) * step / steps) for step in range(steps + 1)]
    return [(x + width * math.cos(angle), y + height * math.sin(angle)) for angle in angles]


# Digits as strokes in a unit square, x to the right and y down.
DIGITS = {
    "0": [arc(.5, .5, .22, .34, -90, 270)],
    "2": [arc(.48, .34, .2, .19, -170, 40) + [(.30, .82)], [(.30, .82), (.72, .82)]],
    "3": [arc(.47, .33, .2, .18, -160, 80), arc(.47, .67, .23, .18, -80, 160)],
    "5": [[(.68, .17), (.37, .17), (.35, .46)] + arc(.48, .64, .2, .2, -130, 150)],
}

# Text that is too pale (WCAG 2.2, 1.4.3) or too small, of all that can be seen.
READABLE = """() => {
  const found = new Set();
  const parse = text => {
    const numbers = text.match(/[\\d.]+/g).map(Number);
    return text.startsWith("color(") ? [...numbers.slice(0, 3).map(v => v * 255), numbers[3] ?? 1]
      : [...numbers.slice(0, 3), numbers[3] ?? 1];
  };
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, at) => sum + v * [0.2126, 0.7152, 0.0722][at], 0);
  const over = ([r, g, b, a], under) => [r, g, b].map((v, at) => v * a + under[at] * (1 - a));
  const ground = node => {
    if (!node) return [255, 255, 255];
    if (node.classList.contains("board")) return [0, 0, 0];
    const color = parse(getComputedStyle(node).backgroundColor);
    return color[3] === 1 ? color.slice(0, 3) : over(color, ground(node.parentElement));
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !node.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    if (node.closest(".unseen, option, noscript, script, :disabled, .skip, .stale")) continue;
    const style = getComputedStyle(node);
    const under = ground(node);
    const [a, b] = [light(over(parse(style.color), under)), light(under)].sort((x, y) => y - x);
    const contrast = (a + 0.05) / (b + 0.05);
    const text = walker.currentNode.data.trim().slice(0, 40);
    if (contrast < 4.5) found.add(`${contrast.toFixed(2)}:1 for "${text}"`);
    if (parseFloat(style.fontSize) < 12) found.add(`${style.fontSize} for "${text}"`);
  }
  return [...found];
}"""

# Drops files, given as names and bytes, on the page.
DROP = """files => {
  const transfer = new DataTransfer();
  for (const [name, bytes] of files) transfer.items.add(new File([new Uint8Array(bytes)], name, { type: "image/png" }));
  for (const kind of ["dragover", "drop"]) {
    document.body.dispatchEvent(new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true }));
  }
}"""

# The drawing as black ink on a large sheet of white paper, as bytes of a PNG file.
PAPER = """async () => {
  const board = document.getElementById("board");
  const sheet = document.createElement("canvas");
  [sheet.width, sheet.height] = [2 * board.width, 2 * board.height];
  const context = sheet.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, sheet.width, sheet.height);
  context.filter = "invert(1)";
  context.drawImage(board, board.width / 2, board.height / 2);
  const blob = await new Promise(done => sheet.toBlob(done, "image/png"));
  return [...new Uint8Array(await blob.arrayBuffer())];
}"""


class Check:
    """The browser, and what was found wrong."""

    def __init__(self, browser, options):
        self.browser, self.options = browser, options
        self.problems = []
        self.url = options.url.rstrip("/") + "/"

    def that(self, holds, what):
        print(("ok      " if holds else "WRONG   ") + what, flush=True)
        if not holds:
            self.problems.append(what)

    def open(self, width=1280, height=900, quiet=True, prepare=None, **features):
        """The page in a window of its own; `quiet`: nothing may come to the console."""
        page = self.browser.new_context(viewport={"width": width, "height": height}, **features).new_page()
        origin = urllib.parse.urlsplit(self.url)[:2]
        page.on("request", lambda request: None if urllib.parse.urlsplit(request.url)[:2] == origin
                or request.url.startswith("data:") else self.that(False, f"asks {request.url}"))
        if quiet:
            page.on("console", lambda message: None if self.options.token and "401" in message.text
                    else self.that(False, f"console: {message.text}"))
        page.on("pageerror", lambda error: self.that(False, f"error in the page: {error}"))
        page.set_default_timeout(20_000)
        if prepare:
            prepare(page)
        page.goto(self.url)
        if self.options.token:
            page.fill("#token", self.options.token)
            page.press("#token", "Enter")
        page.wait_for_function("() => document.getElementById('model').options.length > 0")
        if self.options.model:
            page.select_option("#model", self.options.model)
        return page

    def shot(self, page, name):
        if self.options.screenshots:
            self.options.screenshots.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=self.options.screenshots / f"{name}.png", full_page=True)

    def draw(self, page, digit):
        if page.is_enabled("#clear"):
            page.click("#clear")
        page.locator("#board").scroll_into_view_if_needed()
        area = page.locator("#board").bounding_box()
        for stroke in DIGITS[digit]:
            points = [(area["x"] + x * area["width"], area["y"] + y * area["height"]) for x, y in stroke]
            page.mouse.move(*points[0])
            page.mouse.down()
            for point in points[1:]:
                page.mouse.move(*point)
            page.mouse.up()
        self.settled(page)

    def settled(self, page):
        """Waits until all is answered, also why."""
        page.wait_for_function("""() => !document.getElementById("result").hidden
          && document.getElementById("answer").ariaBusy === "false" && !document.querySelector("#play.playing")""")

    def answer(self, page):
        return page.inner_text("#named")

    def readable(self, page, where):
        found = page.evaluate(READABLE)
        self.that(not found, f"text can be read, {where}" + "".join(f"\n          {one}" for one in found[:8]))

    def named(self, page):
        """Everything that can be used has a name for screen readers."""
        session = page.context.new_cdp_session(page)
        nodes = session.send("Accessibility.getFullAXTree")["nodes"]
        used = {"button", "combobox", "slider", "radio", "checkbox", "textbox", "application", "grid", "gridcell",
                "image", "link", "Canvas", "region", "dialog", "spinbutton", "DisclosureTriangle"}
        nameless = [node for node in nodes if not node.get("ignored")
                    and node.get("role", {}).get("value") in used and not node.get("name", {}).get("value")]
        self.that(not nameless, "all controls and pictures have names"
                  + "".join(f"\n          {node['role']['value']}" for node in nameless[:8]))

    # What is tried

    def by_pointer(self):
        page = self.open()
        self.models = page.evaluate("async () => (await (await fetch('models')).json()).models") \
            if not self.options.token else None
        self.model = next((one for one in self.models or [] if not self.options.model
                           or one["name"] == self.options.model), None)
        classes = page.eval_on_selector_all("#about option", "all => all.map(one => one.value)")
        self.digits = all(digit in classes for digit in DIGITS)
        if not self.digits:
            print("skipped: the model's classes are not the digits, so which one is shown is not checked")
        self.shot(page, "empty")
        self.readable(page, "before anything is drawn")
        for digit in DIGITS:
            self.draw(page, digit)
            shown = self.answer(page)
            self.that(not self.digits or shown == digit, f"a drawn {digit} is read as {shown}, {page.inner_text('#sure')}")
            said = page.inner_text("#quick").replace("\n", " ")
            self.that(shown in said, f"the line under the board says {said}")
        self.that(shown in page.text_content("#status"), f"screen readers hear: {page.text_content('#status')}")
        self.shot(page, "drawn")
        self.named(page)
        self.readable(page, "with an answer")
        self.draw(page, "2")
        page.click("#undo")
        self.settled(page)
        page.click("#clear")
        page.wait_for_function("() => document.getElementById('result').hidden")
        self.that(page.is_disabled("#undo"), "undo and clear take the drawing back")
        return page

    def reading(self):
        page = self.open()
        self.draw(page, "3")
        if page.is_hidden("#timeline"):
            self.that(page.is_visible("#not-read"), "it is said why the model does not read by rows")
            return
        last = int(page.get_attribute("#slider", "max"))
        page.focus("#slider")
        page.keyboard.press("Home")
        veil = "parseFloat(document.getElementById('veil').style.height)"
        self.that(page.evaluate(veil) == 100, "at row 0 all is veiled")
        for _ in range(3):
            page.keyboard.press("ArrowRight")
        spoken = page.get_attribute("#slider", "aria-valuetext")
        self.that(spoken.startswith(f"3 of {last} rows: "), f"the slider says: {spoken}")
        shares = page.eval_on_selector_all("#bars .share", "all => all.map(one => parseFloat(one.textContent))")
        self.that(len(shares) > 10 or abs(sum(shares) - 100) < 1, f"after row 3 the bars sum to {sum(shares):.1f} %")
        self.shot(page, "row-3")
        page.click("#play")
        page.wait_for_timeout(500)
        between = page.evaluate(veil)
        self.that(0 < between < 100, f"the line sweeps: {between:.0f} % still veiled")
        page.click("#play")
        stopped = page.evaluate(veil)
        page.wait_for_timeout(300)
        self.that(page.evaluate(veil) == stopped, "pause holds it")
        page.click("#play")
        self.settled(page)
        self.that(page.evaluate(veil) == 0, "and it ends with the whole picture")
        self.that(bool(page.inner_text("#early")), f"early exit: {page.inner_text('#early')}")
        exits = "would have stopped" in page.inner_text("#early")
        self.that(page.is_visible("#mark") == exits, "its mark is there where it would have stopped")
        if page.is_visible("#overlays"):
            for kind in ("covered", "pixels"):
                before = page.evaluate("document.getElementById('seen').toDataURL()")
                page.locator(f"input[value={kind}]").check(force=True)
                after = page.evaluate("document.getElementById('seen').toDataURL()")
                self.that(before != after and page.is_visible("#legend"), f"overlay: {kind}")
                self.shot(page, f"overlay-{kind}")
            self.readable(page, "with evidence")
            other = page.eval_on_selector_all("#about option", "all => all[1].value")
            page.select_option("#about", other)
            self.settled(page)
            page.wait_for_function("name => document.getElementById('speaks').textContent.includes(name)", arg=other)
            self.that(True, f"evidence for another class, {other}")

    def dropped(self):
        digit = (ROOT / "Datasets/digits-png/7/007.png").read_bytes()
        page = self.open()
        self.draw(page, "3")
        page.evaluate(DROP, [["seven.png", list(digit)], ["<i>again</i>.png", list(digit)]])
        page.wait_for_function("() => document.getElementById('answer-title').textContent === 'seven.png'")
        self.settled(page)
        page.wait_for_function("() => document.querySelectorAll('#list b').length === 3")
        small = self.model and self.model["width"] == 8 and self.digits
        self.that(not small or self.answer(page) == "7", f"a dropped PNG of a 7 is read as {self.answer(page)}")
        self.that("<i>again</i>.png" in page.inner_text("#list"), "names of files are text")
        self.shot(page, "dropped")
        paper = page.evaluate(PAPER)
        page.evaluate(DROP, [["paper.png", paper]])
        page.wait_for_function("() => document.getElementById('answer-title').textContent === 'paper.png'")
        self.settled(page)
        warned = page.is_visible("#warning")
        self.that(warned or not self.model or not self.model.get("training_images"),
                  "ink on paper: " + (page.inner_text("#warning").replace("\n", " ") if warned else "no warning"))
        self.readable(page, "with a warning")
        self.shot(page, "warned")
        button = page.locator("#warning button").first
        if button.count():
            button.click()
            self.settled(page)
            self.that(page.is_checked("#invert"), "light and dark can be exchanged")
            page.uncheck("#invert")
            page.check("#paper")
            self.settled(page)
            shown = self.answer(page)
            self.that(not self.digits or shown == "3", f"as ink on paper it is read as {shown}")
            self.shot(page, "paper")
        page.click("#list li:first-child button")
        self.that(page.inner_text("#answer-title") == "Your drawing", "the list chooses")
        page.click("#remove")
        self.that(page.is_hidden("#pictures"), "opened pictures can be removed")

    def damaged(self):
        # The server's refusal is in the console, too.
        page = self.open(quiet=False)
        page.evaluate(DROP, [["broken.png", list(b"no picture at all")], ["notes.txt", [65]]])
        page.wait_for_selector("#failure:not([hidden])")
        self.that("broken.png" in page.inner_text("#failure"), f"a damaged file: {page.inner_text('#failure')}")
        self.readable(page, "with an error")
        self.shot(page, "damaged")

    def by_keys(self):
        page = self.open()
        seen = []
        for _ in range(40):
            page.keyboard.press("Tab")
            focus = page.evaluate("""() => {
              const node = document.activeElement;
              const ring = [node, node.nextElementSibling].filter(Boolean)
                .some(one => getComputedStyle(one).outlineStyle !== "none");
              return [node.id || node.tagName, ring];
            }""")
            if focus[0] == "BODY":
                break
            seen.append(focus)
        ringless = [name for name, ring in seen if not ring]
        self.that(not ringless, f"the focus can be seen {ringless or ''}")
        for needed in ("model", "board", "files", "camera"):
            self.that(any(name == needed for name, _ in seen), f"the tab key comes to {needed}")
        page.focus("#board")
        steps = lambda key, count: [page.keyboard.press(key) for _ in range(count)]
        steps("ArrowUp", 8)
        page.keyboard.press("Space")
        steps("ArrowDown", 16)
        page.keyboard.press("Space")
        self.settled(page)
        shown = self.answer(page)
        self.that(not self.digits or shown == "1", f"a vertical stroke drawn by keys is read as {shown}")
        self.shot(page, "keys")
        page.keyboard.press("Control+z")
        page.wait_for_function("() => document.getElementById('result').hidden")
        self.that(True, "Ctrl+Z takes it back")
        if page.locator("#matrix td").count():
            page.locator("#matrix td[tabindex='0']").focus()
            first = page.inner_text("#cell")
            page.keyboard.press("ArrowRight")
            self.that(page.inner_text("#cell") != first and "taken for" in page.inner_text("#cell"),
                      f"confusion matrix: {page.inner_text('#cell')}")
        else:
            print("skipped: the model has no evaluation")

    def looks(self):
        for scheme in ("light", "dark"):
            for name, width, height, touch in (("phone", 375, 667, True), ("wide", 1280, 900, False)):
                page = self.open(width, height, color_scheme=scheme, has_touch=touch, is_mobile=touch,
                                 reduced_motion="reduce")
                self.draw(page, "5")
                if page.is_visible("#overlays"):
                    page.locator("input[value=pixels]").check(force=True)
                self.readable(page, f"{scheme}, {name}")
                if page.locator("#matrix td").count():
                    page.locator("input[value=share]").check(force=True)
                    self.readable(page, f"{scheme}, {name}, matrix by shares")
                self.shot(page, f"{name}-{scheme}")
        for width in (320, 360, 600, 768, 1024, 1600):
            page = self.open(width, 800)
            self.draw(page, "2")
            over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            self.that(over <= 0, f"{width} pixels wide: nothing stands out" + (f", but for {over} pixels" if over > 0 else ""))
            if width == 320:
                self.shot(page, "narrow")

    def by_touch(self):
        page = self.open(375, 667, has_touch=True, is_mobile=True)
        area = page.locator("#board").bounding_box()
        session = page.context.new_cdp_session(page)
        scroll = page.evaluate("scrollY")
        for stroke in DIGITS["3"]:
            points = [{"x": area["x"] + x * area["width"], "y": area["y"] + y * area["height"]} for x, y in stroke]
            session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": points[:1]})
            for point in points[1:]:
                session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
            session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        self.settled(page)
        shown = self.answer(page)
        self.that(not self.digits or shown == "3", f"a 3 drawn with a finger is read as {shown}")
        self.that(page.evaluate("scrollY") == scroll, "the page does not scroll under the finger")

    def calmly(self):
        page = self.open(reduced_motion="reduce")
        digit = (ROOT / "Datasets/digits-png/7/007.png").read_bytes()
        page.evaluate(DROP, [["seven.png", list(digit)]])
        page.wait_for_selector("#result:not([hidden])")
        self.that(page.locator("#play.playing").count() == 0, "nothing plays by itself where less motion is asked for")

    def hostile(self):
        """Names of classes are text, whatever is in them."""
        evil = "<img src=x onerror=alert(1)><b id=evil>&amp;</b>"
        if not self.digits:
            return

        def rename(route):
            response = route.fetch()
            body = response.text().replace('"3"', json.dumps(evil))
            route.fulfill(status=response.status, headers=response.headers, body=body)

        page = self.open(prepare=lambda page: [page.route(f"**/{path}*", rename)
                                               for path in ("models", "rows", "classify", "explain")])
        self.draw(page, "3")
        self.that(self.answer(page) == evil and page.locator("#evil").count() == 0, "names of classes are text")
        self.shot(page, "hostile")
        over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        self.that(over <= 0, "a long name of a class does not break the page")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--model", help="the model to choose (default: the first)")
    parser.add_argument("--token", help="the server's token, where it has one")
    parser.add_argument("--screenshots", type=pathlib.Path, metavar="FOLDER")
    options = parser.parse_args()
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if sync_playwright is None or chromium is None:
        missing = "chromium" if chromium is None else "playwright (pip install playwright)"
        print(f"SKIPPED: the page was not looked at, for want of {missing}", file=sys.stderr)
        sys.exit(77)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        check = Check(browser, options)
        for step in (check.by_pointer, check.reading, check.dropped, check.damaged, check.by_keys, check.by_touch,
                     check.calmly, check.hostile, check.looks):
            print(f"== {step.__name__}", flush=True)
            step()
        browser.close()
    print(f"{len(check.problems)} problems" if check.problems else "the page works")
    sys.exit(1 if check.problems else 0)


if __name__ == "__main__":
    main()
