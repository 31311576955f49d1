/** What cron or systemd has to be told to run a script of ours again and again. Pure: text in, text out. */
import { quoteWord } from "../report/repeat.ts";

export interface Job {
  /** Absolute; where the script is called, and `reports/` is made. */
  readonly folder: string;
  /** The script and its options, ready for a shell: "scripts/stress-all.ts --quiet". */
  readonly command: string;
  /** Where programs are looked for: cron's own PATH has no node. */
  readonly path: string;
}

/** Before the line that is ours, by which it is found again. */
const markOf = ({ command }: Job) => `# proofload: ${command}`;

/** The crontab with this job, once, in place of an earlier version of it. See crontab(5). */
export function addToCrontab(crontab: string, schedule: string, job: Job): string {
  const { folder, command, path } = job;
  const line = `${schedule} cd ${quoteWord(folder)} && PATH=${quoteWord(path)} ${command}`;
  // to cron a percent sign is a new line
  return `${removeFromCrontab(crontab, job)}${markOf(job)}\n${line.replaceAll("%", "\\%")}\n`;
}

/** The crontab without it; all else stays as it is. */
export function removeFromCrontab(crontab: string, job: Job): string {
  const lines = crontab.split("\n");
  const kept = lines.filter((line, index) => line !== markOf(job) && lines[index - 1] !== markOf(job));
  const text = kept.join("\n");
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}

export interface Units {
  readonly service: string;
  readonly timer: string;
}

/** See systemd.service(5), systemd.resource-control(5), systemd.timer(5). `memory`: "50%", "2G". */
export function renderUnits(calendar: string, memory: string, { folder, command, path }: Job): Units {
  // to systemd a percent sign begins a specifier, a dollar a variable
  const plain = (text: string) => text.replaceAll("%", "%%").replaceAll("$", "$$$$");
  return {
    service: `[Unit]
Description=Proofload: ${plain(command)}

[Service]
Type=oneshot
WorkingDirectory=${folder.replaceAll("%", "%%")}
Environment="PATH=${plain(path)}"
ExecStart=/bin/sh -c ${doubleQuote(plain(`exec ${command}`))}
# 77: nothing of it can be done here
SuccessExitStatus=77
# the scenarios take their shares of this, not of the whole box
MemoryMax=${memory}
MemorySwapMax=0
TasksMax=4096
# a victim that is killed at its limit is a result
OOMPolicy=continue
KillMode=mixed
TimeoutStopSec=1min
`,
    timer: `[Unit]
Description=Proofload: ${plain(command)}, ${plain(calendar)}

[Timer]
OnCalendar=${calendar}
Persistent=true
RandomizedDelaySec=5min

[Install]
WantedBy=timers.target
`,
  };
}

/** For a unit file. */
function doubleQuote(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
