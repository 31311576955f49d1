/** What is to follow a run: options of every command that leaves a report. */
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { refusePingUrl } from "../report/ping-url.ts";
import { bytes, count } from "./number-options.ts";
import { optional } from "./option.ts";
import { text } from "./text-options.ts";

export const afterOptions = {
  keep: count({
    default: "30",
    min: "1",
    help: "runs of each scenario to keep in --out, and always the last pass and the last failure",
  }),
  keepBytes: bytes({
    default: "1GiB",
    help: "what all of --out may take on the disk: the oldest runs go first",
  }),
  junit: optional(
    text({
      default: "",
      placeholder: "FILE",
      help: "write JUnit XML there, too",
      accepts: refuseFile,
    }),
    "none",
  ),
  prom: optional(
    text({
      default: "",
      placeholder: "FILE",
      help: "write Prometheus text there, too, for the node exporter's textfile collector: its name ends in .prom",
      accepts: refuseFile,
    }),
    "none",
  ),
  ping: {
    ...optional(
      text({
        default: "",
        placeholder: "URL",
        help: "tell a monitor of cron jobs: URL/start, then URL after a pass, else URL/<exit code>",
        accepts: refusePingUrl,
      }),
      "none",
    ),
    // whoever has it can say that all is well
    secret: true as const,
    format: (url: string | null) => (url === null ? "none" : "(not shown)"),
  },
} as const;

function refuseFile(path: string): string | null {
  return existsSync(dirname(path)) ? null : "a file in a folder that is there";
}
