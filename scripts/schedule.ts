#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Has cron or systemd run a script of ours again and again: silent on a pass, a mail's text on anything else. */
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { EXIT } from "../lib/report/verdict.ts";
import { isProgram } from "../lib/scenario/main.ts";
import { optional, type Values } from "../lib/scenario/option.ts";
import { type Program, runProgram, tellFailure } from "../lib/scenario/program.ts";
import { addToCrontab, type Job, removeFromCrontab, renderUnits } from "../lib/scenario/schedule.ts";
import { choice, flag, text } from "../lib/scenario/text-options.ts";

const options = {
  with: choice(["cron", "systemd"], { default: "cron", help: "who runs it" }),
  command: text({
    default: "scripts/stress-all.ts --quiet",
    placeholder: "COMMAND",
    help: "what is run, from this repository's folder",
  }),
  at: optional(
    text({
      default: "17 3 * * *",
      placeholder: "TIME",
      help: 'when: of cron five fields, as "17 3 * * *"; of systemd a calendar event, as "03:17"',
      accepts: (at) => (/[\r\n]/.test(at) || at.trim() === "" ? "a time, in one line" : null),
    }),
    "every night at 3:17",
  ),
  user: optional(
    text({ default: "", placeholder: "NAME", help: "whose crontab; another's only for root" }),
    "one's own",
  ),
  memory: text({
    default: "50%",
    placeholder: "LIMIT",
    help: "MemoryMax= of the systemd unit: of the box, or bytes, as 2G",
    accepts: (memory) => (/^\d+(%|[KMGT]?)$/.test(memory) ? null : "a share, as 50%, or bytes, as 2G"),
  }),
  units: optional(
    text({ default: "", placeholder: "DIR", help: "where systemd's unit files go" }),
    "/etc/systemd/system for root, else ~/.config/systemd/user",
  ),
  remove: flag({ help: "take it away again" }),
  dryRun: flag({ help: "print what would be installed, and do nothing" }),
} as const;
type Wanted = Values<typeof options>;

const program: Program<typeof options> = {
  file: "scripts/schedule.ts",
  usage: `scripts/schedule.ts [--with cron|systemd] [--command COMMAND] [--at TIME] [options]

Have cron or systemd run a script of ours again and again. Without --command: stress-all, every night.`,
  options,
  run: (values) => (values.with === "cron" ? scheduleWithCron(values) : scheduleWithSystemd(values)),
};

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

function jobOf({ command }: Wanted): Job {
  const path = [dirname(process.execPath), "/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"];
  return { folder: ROOT, command, path: [...new Set(path)].join(delimiter) };
}

function scheduleWithCron(values: Wanted): number {
  const { at, user, remove, dryRun } = values;
  const whose = user === null ? [] : ["-u", user];
  const listed = spawnSync("crontab", [...whose, "-l"], { encoding: "utf8" });
  if (listed.error && !dryRun)
    return refuse(`Cannot schedule with cron: ${listed.error.message}. Install it, or take --with systemd`);
  // without a crontab it fails, and lists nothing
  const crontab = listed.stdout ?? "";
  const job = jobOf(values);
  const changed = remove ? removeFromCrontab(crontab, job) : addToCrontab(crontab, at ?? "17 3 * * *", job);
  if (dryRun) return tell(changed);
  const { status, stderr } = spawnSync("crontab", [...whose, "-"], { input: changed, encoding: "utf8" });
  if (status !== 0) return refuse(`Cannot change the crontab: ${stderr.trim()}`);
  return tell(
    remove ? `No longer in the crontab: ${job.command}` : changed.trimEnd().split("\n").slice(-2).join("\n"),
  );
}

const UNITS = { service: "proofload.service", timer: "proofload.timer" } as const;

function scheduleWithSystemd(values: Wanted): number {
  const { at, memory, remove, dryRun, units } = values;
  const rendered = renderUnits(at ?? "03:17", memory, jobOf(values));
  const isRoot = process.getuid?.() === 0;
  const folder = units ?? (isRoot ? "/etc/systemd/system" : join(homedir(), ".config/systemd/user"));
  const paths = { service: join(folder, UNITS.service), timer: join(folder, UNITS.timer) };
  const call = isRoot ? "systemctl" : "systemctl --user";
  if (dryRun) return tell(`# ${paths.service}\n${rendered.service}\n# ${paths.timer}\n${rendered.timer}`);
  if (remove) {
    for (const path of Object.values(paths)) rmSync(path, { force: true });
    return tell(`Removed ${paths.service} and ${paths.timer}. Now: ${call} daemon-reload`);
  }
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(paths.service, rendered.service);
    writeFileSync(paths.timer, rendered.timer);
  } catch (error) {
    return refuse(`Cannot write units to ${folder}: ${(error as Error).message}`);
  }
  return tell(
    `Wrote ${paths.service} and ${paths.timer}. Now: ${call} daemon-reload && ${call} enable --now ${UNITS.timer}`,
  );
}

function tell(text: string): number {
  console.log(text);
  return EXIT.pass;
}

function refuse(mistake: string): number {
  console.error(mistake);
  return EXIT.usage;
}

if (isProgram(import.meta))
  process.exitCode = await runProgram(program, process.argv.slice(2)).catch(tellFailure);
