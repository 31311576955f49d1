/** Bad input: every mistake is told at once, on stderr, with exit code 2; nothing is started and nothing is made. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { mountTmpfs } from "../lib/host/fixtures/tmpfs.ts";
import { RUNTIMES, skipReason, temporaryFolder } from "./command.ts";
import { type Mistakes, refuse } from "./refuse.ts";
import { cannotMount } from "./remains.ts";

interface Case {
  readonly told: string;
  readonly script?: string;
  /** May name the test's own folder as {dir}: there is a file in it, and nothing may come to it. */
  readonly words: readonly string[];
  readonly environment?: Record<string, string>;
  readonly mistakes: Mistakes;
}

const DURATION = "expected a duration such as 500ms, 90s or 2h";
const STRANGER = "there is no such option";

const CASES: readonly Case[] = [
  {
    told: "an unknown option, with what it was probably meant to be",
    words: ["--hodl", "1s"],
    mistakes: [`Cannot take --hodl: ${STRANGER}; did you mean --hold?`],
  },
  {
    told: "an option that is close to none",
    words: ["--wibble"],
    mistakes: [/--wibble: .+; --help lists them$/],
  },
  { told: "a word", words: ["quickly"], mistakes: [/^Cannot take "quickly": expected only options/] },
  {
    told: "no duration",
    words: ["--hold", "banana"],
    mistakes: [`Cannot read --hold: ${DURATION}, got "banana"`],
  },
  { told: "no value", words: ["--hold"], mistakes: [`Cannot read --hold: ${DURATION}, got ""`] },
  {
    told: "a share for a size",
    words: ["--limit", "300%"],
    mistakes: [/--limit: expected a size .+ got "300%"$/],
  },
  {
    told: "neither yes nor no",
    words: ["--smoke=maybe"],
    mistakes: [/--smoke: expected true or false, got "maybe"$/],
  },
  {
    told: "an option that is given twice",
    words: ["--grace", "1s", "--grace=2s"],
    mistakes: [`Cannot take --grace more than once: got "1s" and "2s"`],
  },
  {
    told: "a folder that is not there",
    words: ["--dir", "{dir}/none"],
    mistakes: [/--dir: .+ \(there is none\)/],
  },
  { told: "a file for a folder", words: ["--dir", "{dir}/file"], mistakes: [/--dir: .+ \(this is a file\)/] },
  { told: "a folder below a file", words: ["--dir", "{dir}/file/x"], mistakes: [/--dir: .+ \(ENOTDIR\)/] },
  {
    told: "reports below a file",
    words: ["--out", "{dir}/file/reports"],
    mistakes: [/^Cannot write reports to --out: expected a folder .+ got ".+\/file\/reports" \(ENOTDIR\)$/],
  },
  {
    told: "two options that exclude one another",
    words: ["--to-enospc", "--limit", "1MiB", "--max-fill", "1000TiB"],
    mistakes: ["Cannot fill a volume both --to-enospc and to a --limit: expected one of them"],
  },
  {
    told: "a volume that is too large to fill",
    words: ["--to-enospc", "--max-fill", "1"],
    mistakes: [/^Cannot fill the volume of .+: expected at most 1 B free \(--max-fill\), got /],
  },
  {
    told: "a limit that the volume does not have",
    words: ["--limit", "1000TiB"],
    mistakes: [/^Cannot write --limit .+ are free there$/],
  },
  {
    told: "more cores than there are",
    script: "cpu-saturation",
    words: ["--cores", "999"],
    mistakes: [/^Cannot load --cores 999: expected at most the \d+ that this process may use$/],
  },
  {
    told: "a headroom above the limit",
    script: "descriptor-exhaustion",
    words: ["--headroom", "9999999999"],
    mistakes: [
      /^Cannot leave --headroom 9999999999: expected at most \d+ under this process's limit of \d+$/,
    ],
  },
  {
    told: "a budget that is too small",
    words: ["--budget", "1s"],
    mistakes: [/^Cannot keep to --budget: expected at least .+ for these options, got 1 s$/],
  },
  {
    told: "a bad variable, by its name",
    words: [],
    environment: { PROOFLOAD_SETTLE: "soon" },
    mistakes: [`Cannot read PROOFLOAD_SETTLE: ${DURATION}, got "soon"`],
  },
  {
    told: "all of it at once",
    words: ["--hodl", "1s", "quickly", "--hold", "banana", "--dir", "{dir}/none", "--out", "{dir}/file/x"],
    environment: { PROOFLOAD_INTERVAL: "often" },
    mistakes: [/--hodl/, /"quickly"/, /PROOFLOAD_INTERVAL/, /--dir/, /--hold/, /--out/],
  },
  {
    told: "all that only a second look can see",
    script: "cpu-saturation",
    words: ["--cores", "999", "--budget", "1s", "--out", "{dir}/file/x"],
    mistakes: [/--cores 999/, /--out/, /--budget/],
  },
  {
    told: "a scenario that there is not",
    script: "stress-all",
    words: ["--only", "limits-audit,nope", "--skip", "neither"],
    mistakes: [/^Cannot find "nope": expected a scenario or a group, one of .+/, /^Cannot find "neither"/],
  },
  {
    told: "all of it at once",
    script: "stress-all",
    words: ["--hodl", "1s", "quickly", "--budget", "1s", "--only", "nope", "--out", "{dir}/file/x"],
    mistakes: [/--hodl/, /"quickly"/, /--budget: .+ at least 10 s, got "1s"$/, /"nope"/, /--out/],
  },
];

for (const { told, script = "disk-exhaustion", words, environment, mistakes } of CASES) {
  test(`${script} tells ${told}`, async (t) => {
    const dir = temporaryFolder(t);
    writeFileSync(join(dir, "file"), "in the way");
    await refuse(script, dir, words, mistakes, environment);
  });
}

describe("a read-only volume", () => {
  for (const runtime of RUNTIMES) {
    const skip = skipReason(runtime.missing ?? cannotMount);
    test(`is refused to fill and to report on, on ${runtime.name}`, { skip }, async (t) => {
      const volume = mountReadOnly(t);
      if (!volume) return;
      const words = ["--dir", volume, "--out", join(volume, "reports")];
      const mistakes = [/--dir: .+ \(its volume is read-only\), got ".+"$/, /--out: .+ \(EROFS\)$/];
      await refuse("disk-exhaustion", volume, words, mistakes, {}, runtime);
      assert.ok(!existsSync(join(volume, "reports")));
    });
  }
});

/** Read-only from its first moment on. */
function mountReadOnly(t: TestContext): string | null {
  const volume = mountTmpfs(t, "ro,size=1m");
  if (volume) assert.notEqual(spawnSync("touch", [join(volume, "file")]).status, 0);
  return volume;
}
