/** Target files for servers of a few lines, that do what a test wants: run by the runtime of the tests. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/** Bodies of programs for Node; `port` is theirs to listen on. */
export const SERVERS = {
  healthy: serve("socket.on('end', () => socket.end())"),
  /** Opens a file again and again, and does not expect that it cannot. */
  "dies without descriptors": `${serve("")}; setInterval(() => fs.closeSync(fs.openSync('/dev/null')), 20)`,
  /** Never closes what its clients have closed. */
  "keeps descriptors": `const kept = []; ${serve("kept.push(socket)", "{ allowHalfOpen: true }, ")}`,
  /** Says first how the kernel would choose it (proc(5)). */
  "dies under load": serve(
    "if (++seen === 1) console.log('oom_score_adj', String(require('fs').readFileSync('/proc/self/oom_score_adj')).trim()); if (seen === 30) { console.error('Error: out of cheese\\n    at the shop'); process.exit(3); }",
  ),
  "dies by a signal": serve("if (++seen === 30) process.kill(process.pid, 'SIGSEGV')"),
  "answers garbage": serve("socket.end('\\0nonsense\\r\\n\\r\\n')"),
  "ends at once":
    "console.error('\\x1b[31mcannot open the database\\x1b[0m\\nno such file'); process.exit(7)",
  "never gets ready": "console.log('still loading'); setInterval(() => {}, 1000)",
  floods: `${serve("")}; ${flood()}`,
  /** Children in its own session and out of it, and out of its sight. */
  "has children": `${bear()}; ${serve("")}`,
  "has children, and never gets ready": `${bear()}; setInterval(() => {}, 1000)`,
} as const;

/** Writes its target file, and answers the words that name it. */
export function targetWords(
  dir: string,
  name: keyof typeof SERVERS,
  more: Readonly<Record<string, unknown>> = {},
): string[] {
  const program = `const fs = require('fs'), port = process.argv[1]; let seen = 0; ${SERVERS[name]}`;
  const command = [process.execPath, "-e", program, "{port}"];
  const path = join(dir, `${name.replaceAll(/\W+/g, "-")}.json`);
  writeFileSync(path, JSON.stringify({ name, command, url: "tcp://127.0.0.1:{port}", ...more }));
  return ["--target", path];
}

const lockSchema = z.object({
  temporary: z.array(z.object({ kind: z.string(), path: z.string() })),
});

/** The marks of what a run has started, as its lock's journal has them. */
export function readMarks(out: string, scenario: string): string[] {
  try {
    const lock = lockSchema.parse(JSON.parse(readFileSync(join(out, scenario, ".lock.json"), "utf8")));
    return lock.temporary.flatMap(({ kind, path }) => (kind === "processes" ? [path] : []));
  } catch {
    return [];
  }
}

function serve(onConnection: string, options = ""): string {
  return `require('net').createServer(${options}(socket) => { socket.on('error', () => {}).resume(); ${onConnection} }).listen(port, '127.0.0.1')`;
}

function flood(): string {
  return "const line = 'x'.repeat(999) + '\\n'; (function write() { while (process.stdout.write(line)); process.stdout.once('drain', write); })()";
}

function bear(): string {
  const sleep = (options: string) =>
    `require('child_process').spawn('sleep', ['1000'], { stdio: 'ignore', ${options} }).unref()`;
  const lost = "require('child_process').spawn('sh', ['-c', 'setsid sleep 1000 &'], { stdio: 'ignore' })";
  return [sleep(""), sleep("detached: true"), lost].join("; ");
}
