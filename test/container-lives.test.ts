/** Nothing of a container scenario is lost: neither when its engine goes away in its midst, nor when it is killed. */
import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { bringUp, removeOwned } from "../lib/engine/demo.ts";
import { own } from "../lib/engine/owned.ts";
import { explain, parseReport, run, skipReason, temporaryFolder } from "./command.ts";
import { endDaemon, engineMissing, hostOf, openEngineIn, startEngine, stopEngine } from "./engine/daemon.ts";
import { finishNext, startLong } from "./long-run.ts";
import { becomes } from "./remains.ts";

const WAITS = "trap 'exit 0' TERM; while :; do sleep 0.2; done";

describe("with an engine", { skip: skipReason(engineMissing()) }, () => {
  const folder = mkdtempSync(join(tmpdir(), "proofload-lives-test-"));
  const environment = { DOCKER_HOST: hostOf(folder) };
  before(() => startEngine(folder));
  after(() => stopEngine(folder));

  async function stateOf(end: string): Promise<string | null> {
    const engine = await openEngineIn(folder);
    try {
      const found = await Promise.all((await engine.all()).map((id) => engine.inspect(id)));
      return found.find((one) => one?.Name.endsWith(end))?.State.Status ?? null;
    } finally {
      await engine.close();
    }
  }

  test("an engine that goes away in the midst proves nothing; what it left is taken away when it is back", async (t) => {
    const out = temporaryFolder(t);
    const words = ["--smoke", "--json", "--out", out];
    const running = startLong(t, "scripts/container-restart.ts", words, undefined, environment);
    await running.said(/: load/);
    await endDaemon(folder);
    const report = parseReport(await running.ended);
    // the last that it says, or that it says no more
    assert.equal(report.verdict.kind, "inconclusive", explain(report));
    assert.match(report.verdict.sentence, /cannot be asked any more|Cannot restart container/);
    assert.match(
      report.notes.join("\n"),
      /^Could not remove containers of [0-9a-f]{12} unix:.+: (no engine listens|there is no socket)/m,
    );
    await startEngine(folder);
    assert.notEqual(await stateOf("-server"), null);
    await run("scripts/limits-audit.ts", ["--out", out]);
    assert.equal(await stateOf("-server"), null);
  });

  test("containers of a killed run are taken away by the next command", async (t) => {
    const out = temporaryFolder(t);
    const words = ["--smoke", "--out", out, "--hold", "30s"];
    const running = startLong(t, "scripts/container-health.ts", words, undefined, environment);
    await running.said(/: hold/);
    assert.equal(await stateOf("-server"), "running");
    running.child.kill("SIGKILL");
    await running.ended;
    await finishNext(out, "container-health");
    assert.equal(await stateOf("-server"), null);
  });

  test("a container that a killed run had stopped runs again after the next command", async (t) => {
    const out = temporaryFolder(t);
    const project = "kept";
    const labels = (service: string, needs = "") => ({
      "com.docker.compose.project": project,
      "com.docker.compose.service": service,
      "com.docker.compose.depends_on": needs,
      "proofload.category": service === "database" ? "databases" : "applications",
    });
    const owned = own(hostOf(folder));
    const engine = await openEngineIn(folder);
    t.after(async () => {
      await engine.close();
      await removeOwned(owned);
    });
    await bringUp(engine, owned, temporaryFolder(t), [
      { name: "database", command: WAITS, labels: labels("database") },
      {
        name: "application",
        command: WAITS,
        labels: labels("application", "database:service_started:false"),
      },
    ]);
    const words = [
      "--compose-project",
      project,
      "--allow-restart",
      "--hold",
      "1s",
      "--outage",
      "30s",
      "--out",
      out,
    ];
    const running = startLong(t, "scripts/service-dependencies.ts", words, undefined, environment);
    await running.said(/: load/);
    await becomes(
      async () => (await stateOf(`${owned.mark}-database`)) === "exited",
      () => "the database was not stopped",
    );
    running.child.kill("SIGKILL");
    await running.ended;
    await finishNext(out, "service-dependencies");
    assert.equal(await stateOf(`${owned.mark}-database`), "running");
  });
});
