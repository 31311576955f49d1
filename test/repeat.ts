/** Runs our socket tests again and again, in random order: `make test-repeat`. Exits with 1 on any flake, or anything left. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createRandom } from "../lib/stress/random.ts";
import { formatDuration, parseDuration } from "../lib/units.ts";
import { ROOT, RUNTIMES, type Runtime } from "./command.ts";
import { type Outcome, runFile } from "./repeated-file.ts";

const HELP = `make test-repeat ARGS="[options] [files]"

Runs the tests that open sockets, each file as a process of its own, in another order each time. A test that fails in any run
is a flake; a process that does not end by itself, or leaves one behind, has left something.

  --runs N         how often (50)
  --seed N         of the first run's order, the next run has the next one: --seed 7 --runs 1 repeats the order of "seed 7"
  --concurrency N  files at a time (3)
  --patience TIME  so long a file may say nothing (60s)
  files            in place of all that open sockets
`;

/** Who opens sockets itself, or has a hub or a server of the clients' do so. */
const OPENS_SOCKETS =
  /from "(ws|socket\.io-client)"|\/running-hub\.ts"|\/fixtures\/servers\.ts"|from "\.\/(plain|crowd)\.ts"/;
const NEEDS_THE_BOX = "Needs the box to itself";
const MOST_DETAIL_LINES = 25;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: "string", default: "50" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    concurrency: { type: "string", default: "3" },
    patience: { type: "string", default: "60s" },
    help: { type: "boolean", default: false },
  },
});

if (values.help) process.stdout.write(HELP);
else process.exitCode = await repeat();

async function repeat(): Promise<number> {
  const [runs, seed, concurrency] = [values.runs, values.seed, values.concurrency].map(Number);
  const patienceMs = parseDuration(values.patience);
  if (
    !runs ||
    !concurrency ||
    seed === undefined ||
    !Number.isInteger(runs + concurrency + seed) ||
    !patienceMs
  ) {
    process.stderr.write(`Cannot read the options: expected whole numbers and a duration\n\n${HELP}`);
    return 2;
  }
  const files = positionals.length > 0 ? positionals : findFamily();
  const runtime = chooseRuntime();
  const stop = interruptible();
  console.log(
    `${runs} runs of ${files.length} files, ${concurrency} at a time, on Node ${versionOf(runtime)}`,
  );
  const flakes = new Map<string, number>();
  for (let run = 1; run <= runs; run++) {
    const order = shuffle(files, createRandom(seed + run - 1));
    const startMs = performance.now();
    const outcomes = await runAll(order, concurrency, { runtime, patienceMs, signal: stop.signal });
    if (stop.signal.aborted) {
      console.log(`interrupted in run ${run} of ${runs}`);
      tellEnd(flakes, run - 1);
      return stop.signal.reason;
    }
    const took = formatDuration(performance.now() - startMs);
    tellRun(`run ${run} of ${runs} · seed ${seed + run - 1} · ${took}`, outcomes, flakes);
  }
  return tellEnd(flakes, runs);
}

function findFamily(): string[] {
  return ["lib", "targets", "test"]
    .flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" }).map((name) =>
        join(folder, name),
      ),
    )
    .filter((path) => path.endsWith(".test.ts"))
    .filter((path) => {
      const text = readFileSync(join(ROOT, path), "utf8");
      return OPENS_SOCKETS.test(text) && !text.split("\n", 1)[0]?.includes(NEEDS_THE_BOX);
    })
    .sort();
}

/** Node 24 where it is, as it starts a test file and what that starts in half the time. */
function chooseRuntime(): Runtime {
  const found = RUNTIMES.find(({ name, missing }) => name === "node 24" && missing === null) ?? RUNTIMES[0];
  if (!found) throw new Error("Cannot run tests: no runtime is known");
  return found;
}

function versionOf({ command: [program = ""] }: Runtime): string {
  return execFileSync(program, ["--version"], { encoding: "utf8" }).trim();
}

/** Aborted with the exit code of the signal. */
function interruptible(): AbortController {
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort(130)).once("SIGTERM", () => stop.abort(143));
  return stop;
}

/** Fisher and Yates. */
function shuffle(files: readonly string[], random: () => number): string[] {
  const left = [...files];
  return files.flatMap(() => left.splice(Math.floor(random() * left.length), 1));
}

async function runAll(
  order: readonly string[],
  concurrency: number,
  settings: Parameters<typeof runFile>[1],
) {
  const next = order.values();
  const outcomes: Outcome[] = [];
  // all take from the same iterator
  const work = async () => {
    for (const file of next) if (!settings.signal.aborted) outcomes.push(await runFile(file, settings));
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return outcomes;
}

function tellRun(head: string, outcomes: readonly Outcome[], flakes: Map<string, number>): void {
  const tests = outcomes.reduce((sum, outcome) => sum + outcome.tests, 0);
  const failures = outcomes.flatMap(({ file, failures }) => failures.map((one) => ({ ...one, file })));
  console.log(`${head} · ${tests} tests · ${failures.length === 0 ? "pass" : `${failures.length} failed`}`);
  for (const { file, name, detail } of failures) {
    const title = `${file}: ${name}`;
    flakes.set(title, (flakes.get(title) ?? 0) + 1);
    const lines = detail.split("\n").slice(0, MOST_DETAIL_LINES);
    console.log([`  ${title}`, ...lines.map((line) => `    ${line}`)].join("\n"));
  }
}

/** Gives the exit code. */
function tellEnd(flakes: ReadonlyMap<string, number>, runs: number): number {
  if (flakes.size === 0) {
    console.log(`${runs} runs: no flake, nothing left`);
    return 0;
  }
  for (const [title, count] of flakes) console.log(`failed in ${count} of ${runs} runs: ${title}`);
  return 1;
}
