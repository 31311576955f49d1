/** Reports of every kind in a real browser: nothing overlaps, nothing is cut off, everything can be read, at every width, in light and dark. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { type Browser, noBrowser, startBrowser } from "./browser.ts";
import { skipReason } from "./command.ts";
import { makeCorpus } from "./report-corpus.ts";

/** One expression, for the browser. */
const FIND_FLAWS = `(${readFileSync(new URL("./page-flaws.js", import.meta.url), "utf8")})()`;
const WIDTHS = [360, 768, 1280];
const NAMES = [
  ...["pass", "fail", "inconclusive", "empty", "interrupted", "killed"],
  ...["stress-all", "fault-matrix", "index", "hostile"],
];
/** What HTML Tidy says of CSS and ARIA that is younger than it. */
const noTidy = spawnSync("tidy", ["-version"]).error ? "tidy is not installed" : null;

describe("pages in a browser", { skip: skipReason(noBrowser) }, () => {
  const out = mkdtempSync(join(tmpdir(), "pages-test-"));
  let pages: Record<string, string> = {};
  let browser: Browser;
  before(async () => {
    pages = await makeCorpus(out);
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    rmSync(out, { recursive: true });
  });

  const urlOf = (name: string) => pathToFileURL(join(out, pages[name] ?? "there is none")).href;

  for (const name of NAMES)
    test(`${name}: fits, touches nothing, and can be read, at ${WIDTHS.join(", ")} px, and in the dark`, async () => {
      const { page } = browser;
      for (const scheme of ["light", "dark"] as const) {
        await page.prefer(scheme);
        // colours are the same at every width
        for (const width of scheme === "dark" ? [1280] : WIDTHS) {
          await page.resize(width, 900);
          await page.open(urlOf(name));
          assert.deepEqual(await page.evaluate(FIND_FLAWS), [], `${scheme}, ${width} px`);
        }
      }
    });

  test("findFlaws() sees text that is too pale, labels that touch, and what sticks out", async () => {
    const { page } = browser;
    await page.resize(768, 900);
    await page.open(urlOf("pass"));
    await page.evaluate(`document.body.insertAdjacentHTML("afterbegin",
      '<p style="color:#999;background:#fff">pale</p><p style="width:2000px;background:#000">wide</p>' +
      '<div class="plot"><span class="x" style="left:0">one label</span><span class="x" style="left:1%">another</span></div>')`);
    const flaws = String(await page.evaluate(FIND_FLAWS));
    for (const sign of [
      /"pale" has a contrast of 2\.8/,
      /page is \d+ px wide/,
      /"one label" touches "another"/,
    ])
      assert.match(flaws, sign);
  });

  for (const name of NAMES)
    test(`${name} is valid HTML`, { skip: skipReason(noTidy) }, () => {
      const path = join(out, pages[name] ?? "there is none");
      const { stdout, stderr } = spawnSync("tidy", ["-quiet", "-errors", "--show-info", "no", path], {
        encoding: "utf8",
      });
      assert.equal(`${stdout}${stderr}`, "");
    });

  test("a page is whole without script, and prints what is folded away", async () => {
    const { page } = browser;
    await page.allowScript(false);
    await page.open(urlOf("fail"));
    await page.allowScript(true);
    assert.equal(await page.evaluate("document.querySelectorAll('.chart svg path.line').length > 3"), true);
    assert.ok((await page.print()).length > 20_000);
  });

  test("a pointer over a chart shows the values of that moment in all of them", async () => {
    const { page } = browser;
    await page.resize(1280, 900);
    await page.open(urlOf("hostile"));
    const tips = await page.evaluate(`(() => {
      const plot = document.querySelector(".plot"), { left, width, top } = plot.getBoundingClientRect();
      plot.dispatchEvent(new PointerEvent("pointermove", { clientX: left + width / 2, clientY: top + 5 }));
      return [...document.querySelectorAll(".tip")].map((tip) => [getComputedStyle(tip).visibility, tip.textContent]);
    })()`);
    assert.ok(Array.isArray(tips) && tips.length > 10);
    for (const [visibility, told] of tips) {
      assert.equal(visibility, "visible");
      assert.match(told, /^(29\.\d+|30) min: /);
    }
  });

  test("every link of the index leads to a page that is there", async () => {
    const { page } = browser;
    await page.open(urlOf("index"));
    const links = (await page.evaluate("[...document.links].map(({ href }) => href)")) as string[];
    assert.ok(links.length >= 3);
    for (const link of links) assert.match(readFileSync(new URL(link), "utf8"), /^<!doctype html>/);
  });
});
