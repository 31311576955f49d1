/**
 * How a server is asked whether it answers. That its port takes a connection says little: the kernel does so by itself, also for
 * a process that is stopped, until its queue is full. Something that the process itself has to do is asked for.
 */
import { type Address, connectionOf, parseHealth } from "./address.ts";
import { askClose, askConnection, askHttp, BODY_WITHIN_MS, describeFailure } from "./ask.ts";
import { introduce, type TargetSpec } from "./spec.ts";

export interface Question {
  /**
   * `answer`: an HTTP request is answered. `close`: a connection that we have closed is closed by the server, too, or it speaks
   * first. `accept`: a connection is taken, and only the kernel may have done that.
   */
  readonly by: "answer" | "close" | "accept";
  /** Null when it answered, else what went wrong. */
  ask(timeoutMs: number, signal: AbortSignal): Promise<string | null>;
}

/** More than a server takes that does not wait for something. */
const FIRST_ANSWER_MS = 2000;

/**
 * The questions that a target's health allows, the one that tells most first; none where there is nobody to ask. Of a URL that
 * is ws:// or wss:// an HTTP GET without an upgrade: any status below 500 (426, 400, 404) is an answer.
 */
export function questionsFor(spec: Pick<TargetSpec, "health" | "url" | "headers">): Question[] {
  const { health, url } = spec;
  // a unix socket stands for itself, whatever is spoken there
  const asked = health ?? url?.replace(/^ws/, "http").replace(/^(unix:[^:]+):.*$/s, "$1");
  const address = asked === undefined ? null : parseHealth(asked);
  if (!address) return [];
  const http = address.kind === "http" ? [askByHttp(introduce(spec, address))] : [];
  // an HTTP page that was named is asked, whatever it answers
  if (address.kind === "http" && (health !== null || !url?.startsWith("ws"))) return http;
  const place = connectionOf(address);
  return [
    ...http,
    { by: "close", ask: failureOf((timeoutMs, signal) => askClose(place, timeoutMs, signal)) },
    { by: "accept", ask: failureOf((timeoutMs, signal) => askConnection(place, timeoutMs, signal)) },
  ];
}

/**
 * The first of these that the server answers now, while it is well: a Node server without a handler for requests leaves them
 * without an answer, and one that keeps connections half-open never closes them. Null where none is answered.
 */
export async function chooseQuestion(
  questions: readonly Question[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Question | null> {
  const withinMs = Math.min(timeoutMs, FIRST_ANSWER_MS);
  const asked = questions.map((question) => question.ask(withinMs, signal));
  for (const [index, question] of questions.entries()) {
    if ((await asked[index]) === null) return question;
  }
  return null;
}

function askByHttp(address: Address & { kind: "http" }): Question {
  return {
    by: "answer",
    ask: failureOf(async (timeoutMs, signal) => {
      const { status } = await askHttp(address, {
        ...{ timeoutMs, signal },
        ...{ mostBytes: 2 ** 20, bodyWithinMs: BODY_WITHIN_MS },
      });
      if (status >= 500) throw new Error(`HTTP ${status}`);
    }),
  };
}

function failureOf(ask: (timeoutMs: number, signal: AbortSignal) => Promise<void>): Question["ask"] {
  return (timeoutMs, signal) => ask(timeoutMs, signal).then(() => null, describeFailure);
}
