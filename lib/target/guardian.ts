/**
 * Sees to it that no target outlives us, however we end: a small process that holds the other end of a pipe, and kills the
 * target's whole tree when the pipe closes without a word.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { MARK_VARIABLE } from "../host/marked-processes.ts";
import { spareFromOom } from "../host/oom-score.ts";

/**
 * Nothing that a user wrote is in it: $1 is the mark, and the lines it reads are the session's number, "none" and "done".
 * Field 4 after the name in /proc/<pid>/stat is the session (proc(5)). It gives up after a minute: what it then still
 * finds waits for a device, and cannot be killed. The session's first group is killed at once and as one, which no fork escapes.
 */
const SCRIPT = `
trap '' HUP INT TERM PIPE
session=none
while read -r word; do
  [ "$word" = done ] && exit 0
  session=$word
done
mark=$1
round=0
quiet=0
while [ $quiet -lt 5 ] && [ $round -lt 600 ]; do
  found=
  if [ "$session" != none ]; then
    kill -9 "-$session"
    for folder in /proc/[0-9]*; do
      read -r stat < $folder/stat || continue
      set -- \${stat##*) }
      [ "$1" != Z ] && [ "$4" = "$session" ] && found="$found \${folder#/proc/}"
    done
  fi
  for environ in $(grep -lzxF -e "${MARK_VARIABLE}=$mark" /proc/[0-9]*/environ); do
    pid=\${environ#/proc/}
    found="$found \${pid%/environ}"
  done
  quiet=$((quiet + 1))
  [ -n "$found" ] && quiet=0 && kill -9 $found
  round=$((round + 1))
  sleep 0.1
done 2>/dev/null
`;

export interface Guardian {
  /** Its own pid. */
  readonly pid: number;
  /** The session to end beside whoever carries the mark; null once nobody is left in it, as its number may be reused. */
  watch(session: number | null): void;
  /** All is well: it leaves without killing anybody. */
  dismiss(): Promise<void>;
}

/** Starts it before the target, so that there is no moment without. Throws where there is no sh. */
export async function startGuardian(marker: string): Promise<Guardian> {
  const child = spawn("sh", ["-c", SCRIPT, "proofload-guardian", marker], {
    // of a session of its own, it hears no Ctrl-C; of the root folder, it holds no volume
    detached: true,
    cwd: "/",
    env: { PATH: process.env.PATH ?? "/usr/bin:/bin" },
    stdio: ["pipe", "ignore", "ignore"],
  });
  if (child.pid !== undefined) spareFromOom(child.pid);
  const left = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  await once(child, "spawn");
  // one that somebody killed cannot be written to
  child.stdin.on("error", () => {});
  child.unref();
  return {
    pid: child.pid ?? Number.NaN,
    watch: (session) => child.stdin.write(`${session ?? "none"}\n`),
    async dismiss() {
      child.ref();
      child.stdin.end("done\n");
      await left;
    },
  };
}
