/** Events for users who are away: what of them has to be kept, and what each user got of it. */
import { setTimeout as delay } from "node:timers/promises";
import { openHttpClient } from "../clients/http-client.ts";
import type { Introduction } from "./credentials.ts";
import { atMost, type Measure, skipped, unknown } from "./measure.ts";

/** Of all users together. */
export interface MailRecord {
  readonly users: number;
  /** To each, while it was away, the first time and the second. */
  readonly sent: readonly number[];
  /** Had to be kept for each, of the two times. */
  readonly due: readonly number[];
  /** Users that did not get exactly the newest ones, got them in another order, or some twice; the first few told. */
  readonly incomplete: Told;
  readonly disordered: Told;
  readonly repeated: Told;
}

interface Told {
  readonly count: number;
  readonly first: readonly string[];
}

export interface Mail {
  /** So many more for each user, of whom so many can be kept. */
  send(count: number): Promise<void>;
  take(user: number, text: string): void;
  /** What has come is all that had to. */
  isWhole(): boolean;
  tell(): MailRecord;
}

const REQUEST_WITHIN_MS = 10_000;
/** That a hub takes in one request. */
const MOST_PER_REQUEST = 1000;
const MOST_TOLD = 5;
const LOOK_MS = 10;

export function openMail(
  { url: eventsUrl, headers }: Introduction,
  users: readonly string[],
  capacity: number,
): Mail {
  const received = users.map(() => [] as number[]);
  const sent: number[] = [];
  const due: number[] = [];
  const expected: number[] = [];
  let next = 0;
  const mostKept = () => 4 * (expected.length + capacity);

  async function post(events: readonly object[]): Promise<void> {
    // on a connection of its own: one that is kept would be counted as left over
    const client = openHttpClient(REQUEST_WITHIN_MS);
    const json = { ...headers, "content-type": "application/json" };
    const question = { method: "POST", headers: json, body: JSON.stringify(events) } as const;
    await client.ask(eventsUrl, question).finally(client.close);
  }

  return {
    async send(count) {
      const numbers = Array.from({ length: count }, () => next++);
      const events = numbers.flatMap((number) => users.map((user) => ({ user, text: `#mail:${number}#` })));
      for (let first = 0; first < events.length; first += MOST_PER_REQUEST)
        await post(events.slice(first, first + MOST_PER_REQUEST));
      sent.push(count);
      due.push(Math.min(count, capacity));
      expected.push(...numbers.slice(-capacity));
    },
    take(user, text) {
      const own = received[user];
      for (const [, number] of text.matchAll(/#mail:(\d{1,9})#/g))
        if (own && own.length < mostKept()) own.push(Number(number));
    },
    isWhole: () => received.every((own) => own.length >= expected.length),
    tell() {
      const all = received.map((own, index) => ({ name: users[index] ?? "", ...compare(own, expected) }));
      const told = (pick: (one: (typeof all)[number]) => string | null): Told => {
        const lines = all.flatMap((one) => {
          const what = pick(one);
          return what === null ? [] : [`${one.name}: ${what}`];
        });
        return { count: lines.length, first: lines.slice(0, MOST_TOLD) };
      };
      return {
        users: users.length,
        ...{ sent, due },
        incomplete: told(({ missing, extra }) =>
          missing + extra === 0 ? null : `${missing} of ${expected.length} missing, ${extra} too many`,
        ),
        disordered: told(({ disordered }) => (disordered === 0 ? null : `${disordered} out of order`)),
        repeated: told(({ repeated }) => (repeated === 0 ? null : `${repeated} came again`)),
      };
    },
  };
}

function compare(got: readonly number[], expected: readonly number[]) {
  const once = [...new Set(got)];
  const wanted = new Set(expected);
  return {
    missing: expected.filter((number) => !once.includes(number)).length,
    extra: once.filter((number) => !wanted.has(number)).length,
    disordered: once.filter((number, index) => number < Math.max(...once.slice(0, index))).length,
    repeated: got.length - once.length,
  };
}

/** Holds when this is so of no user. */
export function judgeMail(
  {
    mail,
    first,
    second,
  }: { readonly mail: MailRecord } & Record<"first" | "second", { readonly cutShort: boolean }>,
  what: "incomplete" | "disordered" | "repeated",
): Measure {
  if (mail.users === 0) return skipped("nobody can publish for single users at a server of yours");
  if (first.cutShort || second.cutShort) return unknown("the run was ended early");
  const { count, first: told } = mail[what];
  return atMost(count, 0, "count", [
    ...told,
    `${mail.users} users, to each ${mail.sent.join(" and ")} events while it was away`,
  ]);
}

/** Until all has come that had to, or it has had its time. */
export async function awaitMail(mail: Mail, withinMs: number, signal: AbortSignal): Promise<void> {
  const untilMs = performance.now() + withinMs;
  while (!mail.isWhole() && performance.now() < untilMs && !signal.aborted) await delay(LOOK_MS);
}
