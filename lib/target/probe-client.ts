/** Speaks with the probes in a target's Node processes, over their unix sockets: a JSON line asked, a JSON line answered. */
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { withDeadline } from "./deadline.ts";
import { withSpareDescriptor } from "./spare-descriptor.ts";

export interface Probes {
  /** Asks every process that listens now. Rejects when nobody answers, and when one answers an error or too late. */
  ask(method: Question): Promise<unknown[]>;
  close(): void;
}

/** What a probe can be asked. */
type Question = "read" | "countObjects";

interface Probe {
  /** Null when the process has ended instead. */
  ask(method: Question): Promise<unknown>;
  close(): void;
}

/** A process that restarts leaves its socket behind: so many are tried, the newest pid last. */
const MOST = 256;
const MOST_LINE = 64 * 1024;

/** Those at `path` and at `path`.<pid>. Rejects when there is none that can be connected to. */
export async function connectProbes(path: string, patienceMs: number): Promise<Probes> {
  const probes = new Map<string, Probe>();
  const refused = new Map<string, string>();
  let closed = false;

  /** Children that have come since the last time. */
  async function connectNew() {
    const fresh = listSockets(path).filter((one) => !probes.has(one) && !refused.has(one));
    for (const one of fresh.slice(0, MOST)) {
      try {
        probes.set(one, await connectOne(one, patienceMs));
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        // nobody listens there any more; whatever else it was may be better next time
        if (code === "ECONNREFUSED") refused.set(one, code);
        else if (probes.size === 0 && fresh.length === 1)
          throw new Error(`${CANNOT} ${path}, got ${message}`);
      }
    }
    if (probes.size === 0)
      throw new Error(`${CANNOT} ${path}, got ${[...refused.values()][0] ?? "no such socket"}`);
  }

  await connectNew();
  return {
    async ask(method) {
      if (closed) throw new Error("Cannot read live bytes: it was closed");
      await connectNew();
      const answers = await Promise.all(
        [...probes].map(async ([one, probe]) => {
          const answer = await probe.ask(method);
          if (answer === null) probes.delete(one);
          return answer;
        }),
      );
      const given = answers.filter((answer) => answer !== null);
      if (given.length === 0) throw new Error(`${CANNOT} ${path}, got its end`);
      return given;
    },
    close() {
      closed = true;
      for (const probe of probes.values()) probe.close();
      probes.clear();
    },
  };
}

const CANNOT = "Cannot read live bytes: expected an answer of the probe at";

function listSockets(path: string): string[] {
  const name = basename(path);
  const folder = dirname(path);
  try {
    return withSpareDescriptor(() => readdirSync(folder))
      .filter(
        (one) => one === name || (one.startsWith(`${name}.`) && /^\d+$/.test(one.slice(name.length + 1))),
      )
      .map((one) => join(folder, one));
  } catch {
    return [];
  }
}

const answerSchema = z.looseObject({ id: z.number(), error: z.string().optional() });

async function connectOne(path: string, patienceMs: number): Promise<Probe> {
  const socket = connect(path);
  await once(socket, "connect", { signal: AbortSignal.timeout(patienceMs) });
  const waiting = new Map<number, (answer: unknown) => void>();
  let lastId = 0;
  const end = () => {
    socket.destroy();
    for (const resolve of waiting.values()) resolve(null);
    waiting.clear();
  };
  socket.on("error", end).on("close", end);
  readLines(socket, (line) => {
    const { data } = answerSchema.safeParse(parseJson(line));
    if (!data) return end();
    waiting.get(data.id)?.(data);
    waiting.delete(data.id);
  });
  // a target that is never asked again must not keep us alive
  socket.unref();

  async function ask(method: Question): Promise<unknown> {
    if (socket.destroyed) return null;
    const id = ++lastId;
    const answered = new Promise<unknown>((resolve) => waiting.set(id, resolve));
    socket.ref();
    socket.write(`${JSON.stringify({ id, method })}\n`);
    const answer = await withDeadline(
      answered,
      patienceMs,
      `${CANNOT} ${path} within ${patienceMs} ms, got none`,
    );
    waiting.delete(id);
    socket.unref();
    const { data } = answerSchema.safeParse(answer);
    if (data?.error !== undefined) throw new Error(`${CANNOT} ${path}, got ${data.error.slice(0, 200)}`);
    return answer;
  }
  return { ask, close: end };
}

/** Ends one whose line is longer than any answer of ours. */
function readLines(socket: Socket, take: (line: string) => void): void {
  let rest = "";
  socket.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > MOST_LINE) socket.destroy();
    for (const line of lines) take(line);
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
