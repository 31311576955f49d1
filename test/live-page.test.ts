/** --ui: a run seen in a real browser while it lasts, whose page becomes the report; and nobody else is let in. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { WebSocket } from "ws";
import { noBrowser, startBrowser } from "./browser.ts";
import { PATIENT, skipReason, start, temporaryFolder } from "./command.ts";

const FILE = "scripts/descriptor-exhaustion.ts";

/** A run that is shown, and where. */
async function startShown(words: readonly string[]) {
  const running = start(FILE, ["--smoke", "--ui", ...words], undefined, PATIENT);
  let told = "";
  running.child.stderr?.on("data", (text) => {
    told += text;
  });
  await running.said(/Live: \S+\n/);
  const [, url = ""] = /Live: (\S+)\n/.exec(told) ?? [];
  return { ...running, url };
}

test("--ui shows a run while it lasts, and the page becomes the report, which needs nobody", {
  skip: skipReason(noBrowser),
}, async (t) => {
  const { page, close } = await startBrowser();
  t.after(close);
  const { url, ended } = await startShown(["--hold", "6s", "--out", temporaryFolder(t)]);
  await page.open(url);
  const poll = async (expression: string) => {
    while (!(await page.evaluate(expression))) await delay(100);
  };
  await poll("/^hold/.test(document.getElementById('phase')?.textContent ?? '')");
  await poll("document.querySelectorAll('.chart:not([hidden]) path.line').length > 5");
  await ended;
  // the process has gone: what is there now is there to stay
  await poll("/^(PASS|INCONCLUSIVE) descriptor-exhaustion/.test(document.title)");
  assert.equal(await page.evaluate("document.querySelectorAll('.invariants tr').length > 5"), true);
  assert.equal(await page.evaluate("document.getElementById('state')"), null);
});

/** Answers the status, or what the connection ended with. */
function ask(url: string, headers: Record<string, string>): Promise<number | string> {
  return new Promise((resolve) => {
    const asked = request(url, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.on("error", (error) => resolve(error.message));
    asked.end();
  });
}

test("--ui listens to this box alone, to its own page alone, and ends with the run whoever is listening", async (t) => {
  const { url, ended } = await startShown(["--out", temporaryFolder(t)]);
  const { host, origin } = new URL(url);
  assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/$/);
  assert.equal(await ask(url, {}), 200);
  // a name that somebody has made to mean this box (DNS rebinding)
  assert.equal(await ask(url, { host: "evil.example" }), 403);
  assert.equal(await ask(`${url}etc/passwd`, {}), 404);
  const socket = (headers: Record<string, string>) => new WebSocket(`ws://${host}/samples`, { headers });
  const [refused] = await once(socket({ origin: "http://evil.example" }), "error");
  assert.match(String(refused), /socket hang up/);
  // one that listens, and one that never reads
  const [listening, deaf] = [socket({ origin }), socket({ origin })];
  const messages: { html?: string; toMs?: number }[] = [];
  listening.on("message", (data) => messages.push(JSON.parse(String(data))));
  await once(deaf, "open");
  deaf.pause();
  const { code } = await ended;
  assert.ok(code === 0 || code === 3, `exit ${code}`);
  deaf.terminate();
  const updates = messages.filter(({ toMs }) => toMs !== undefined);
  assert.ok(updates.length >= 2, `${updates.length} updates`);
  // at most one a second, beside the first
  const span = (updates.at(-1)?.toMs ?? 0) / 1000;
  assert.ok(updates.length <= span + 2, `${updates.length} updates in ${span} s`);
  assert.match(messages.at(-1)?.html ?? "", /^<!doctype html>/);
});
