/** What a bench makes outside itself, child processes, a private folder, a small volume: all of it gone in the end, also after Ctrl-C. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { TEMPORARY_PREFIX } from "../lib/host/temporary-name.ts";

export interface Workbench {
  readonly folder: string;
  /** Starts a program in the private folder, as the leader of its own group. */
  start(command: string, words: readonly string[]): Child;
  /** Runs it to its end. */
  run(command: string, words: readonly string[]): Promise<Ran>;
  /** Mounts memory as a volume of this size; the caller unmounts. */
  mountVolume(bytes: number): Volume;
  close(): void;
}

export interface Child {
  readonly pid: number;
  /** Resolves when it has ended by itself; a failure rejects with what it said. */
  readonly ended: Promise<Ran>;
  /** Ends it and its children, and waits for that. */
  stop(): Promise<void>;
}

interface Ran {
  readonly output: string;
  /** From before it was started until it was reaped. */
  readonly wallMs: number;
}

interface Volume {
  readonly folder: string;
  unmount(): void;
}

export function openWorkbench(parent: string): Workbench {
  const folder = mkdtempSync(join(parent, `${TEMPORARY_PREFIX}bench-`));
  const children = new Set<ChildProcess>();
  const volumes = new Set<Volume>();

  const startProgram = (command: string, words: readonly string[]): Child => {
    const startedMs = performance.now();
    const child = spawn(command, words, { cwd: folder, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    children.add(child);
    const ended = follow(child, startedMs).finally(() => children.delete(child));
    ended.catch(() => {});
    const stop = async () => {
      // stress-ng's children end with it, and clean up, when it is asked; a group that is killed leaves files
      signalGroup(child, "SIGTERM");
      const late = setTimeout(() => signalGroup(child, "SIGKILL"), 10_000);
      await ended.catch(() => {});
      clearTimeout(late);
    };
    return { pid: child.pid ?? 0, ended, stop };
  };

  return {
    folder,
    start: startProgram,
    run: (command, words) => startProgram(command, words).ended,
    mountVolume(bytes) {
      const path = join(folder, `volume-${volumes.size}`);
      mkdirSync(path, { recursive: true });
      const words = ["-t", "tmpfs", "-o", `size=${bytes},mode=0700`, "tmpfs", path];
      const { status, stderr } = spawnSync("mount", words, { encoding: "utf8" });
      if (status !== 0) throw new Error(`Cannot mount a volume: ${stderr?.trim()}`);
      const volume = {
        folder: path,
        unmount() {
          if (volumes.delete(volume)) spawnSync("umount", ["--lazy", path]);
        },
      };
      volumes.add(volume);
      return volume;
    },
    close() {
      for (const child of children) signalGroup(child, "SIGKILL");
      for (const volume of volumes) volume.unmount();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function follow(child: ChildProcess, startedMs: number): Promise<Ran> {
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  let exitedMs = 0;
  child.once("exit", () => {
    exitedMs = performance.now();
  });
  const [code, signal]: unknown[] = await once(child, "close");
  if (code !== 0)
    throw new Error(`Cannot run ${child.spawnargs.join(" ")}: ${signal ?? code}: ${output.trim()}`);
  return { output, wallMs: exitedMs - startedMs };
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // it ended between two lines
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
