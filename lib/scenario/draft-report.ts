/** The report of a run that has only begun: what is on the disk from its first second. */
import { volunteerAsVictim } from "../host/oom-score.ts";
import { type Report, SCHEMA_VERSION } from "../report/report.ts";
import { allOptions } from "./common-options.ts";
import type { Options } from "./option.ts";
import type { Prepared } from "./prepare.ts";
import type { Described } from "./sentences.ts";
import { flagName } from "./settings.ts";

interface Starting<O extends Options> {
  readonly name: string;
  readonly scenario: Pick<Described, "group" | "summary" | "options">;
  readonly prepared: Prepared<O>;
}

/** Everything that is known before the load; the rest is filled in as the run ends, or by whoever finds it killed. */
export function draftReport<O extends Options>(
  { name, scenario, prepared }: Starting<O>,
  run: string,
  startedAt: Date,
): Report {
  return {
    schemaVersion: SCHEMA_VERSION,
    scenario: name,
    group: scenario.group,
    summary: scenario.summary,
    run,
    startedAt: startedAt.toISOString(),
    endedAt: null,
    durationMs: null,
    verdict: { kind: "unfinished", sentence: "Still running, or killed without a word." },
    exitCode: null,
    findings: [],
    phases: [],
    loads: [],
    guard: null,
    target: null,
    sampling: null,
    host: { ...prepared.host, allowedCpus: [...prepared.host.allowedCpus] },
    process: {
      pid: process.pid,
      command: hideSecrets(process.argv.slice(1), allOptions(scenario)),
      oomScoreAdj: volunteerAsVictim(),
    },
    seed: prepared.seed,
    profile: prepared.profile,
    settings: prepared.settings,
    evidence: null,
    notes: [],
  };
}

/** The words of the command, but for what follows an option that is a secret. */
export function hideSecrets(words: readonly string[], options: Options): string[] {
  const secrets = Object.entries(options).flatMap(([key, { secret, item }]) =>
    (secret ?? item?.secret) ? [`--${flagName(key)}`] : [],
  );
  return words.map((word, index) => {
    const [name = ""] = word.split("=");
    if (secrets.includes(name) && word.includes("=")) return `${name}=(not shown)`;
    return secrets.includes(words[index - 1] ?? "") ? "(not shown)" : word;
  });
}
