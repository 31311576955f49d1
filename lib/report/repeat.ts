/** The command that shows a run again, ready for a shell. */
import type { Report } from "./report.ts";
import { showScript } from "./shown-script.ts";

/** Where a report goes, and who is told, does not matter to what it shows. Each with whether a value follows. */
const ELSEWHERE: Readonly<Record<string, boolean>> = {
  ...{ "--json": false, "--quiet": false, "--ui": false },
  ...{ "--out": true, "--seed": true, "--junit": true, "--prom": true, "--ping": true },
  ...{ "--keep": true, "--keep-bytes": true, "--baseline": true, "--ui-port": true },
};

/** As it was started, with its seed. */
export function shellCommand({
  scenario,
  process,
  seed,
}: Pick<Report, "scenario" | "process" | "seed">): string {
  const words = process.command.slice(1).filter((word, index, all) => {
    const [name = ""] = word.split("=");
    return !(name in ELSEWHERE) && !ELSEWHERE[all[index - 1] ?? ""];
  });
  return [
    showScript(process.command[0] ?? "", scenario),
    ...words.map(quoteWord),
    "--seed",
    String(seed),
  ].join(" ");
}

/** As one word for sh(1). */
export function quoteWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
