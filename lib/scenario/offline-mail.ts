/** Events for users who are away: what of them has to be kept, and what each user got of it. */
import { postJson } from "../clients/post-json.ts";
import { lookUntil } from "./abortable.ts";
import type { Introduction } from "./credentials.ts";
import { atMost, type Measure, skipped, unknown } from "./measure.ts";

/** Of all users together. `error`: why events could not be published; or null. */
export interface MailRecord {
  readonly error: string | null;
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

/** That a hub takes in one request. */
const MOST_PER_REQUEST = 1000;
const MOST_TOLD = 5;

export function openMail(
  { url: eventsUrl, headers }: Introduction,
  users: readonly string[],
  capacity: number,
): Mail {
  const received = users.map(() => [] as number[]);
  let error: string | null = null;
  const sent: number[] = [];
  const due: number[] = [];
  const expected: number[] = [];
  let next = 0;
  const mostKept = () => 4 * (expected.length + capacity);

  return {
    async send(count) {
      const numbers = Array.from({ length: count }, () => next++);
      const events = numbers.flatMap((number) => users.map((user) => ({ user, text: `#mail:${number}#` })));
      for (let first = 0; first < events.length && error === null; first += MOST_PER_REQUEST) {
        const some = JSON.stringify(events.slice(first, first + MOST_PER_REQUEST));
        // a server that has died is told of elsewhere
        await postJson(eventsUrl, headers, some).catch(({ message }: Error) => {
          error = message;
        });
      }
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
        error,
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
  if (mail.error !== null) return unknown(`events could not be published: ${mail.error}`);
  if (first.cutShort || second.cutShort) return unknown("the run was ended early");
  const { count, first: told } = mail[what];
  return atMost(count, 0, "count", [
    ...told,
    `${mail.users} users, to each ${mail.sent.join(" and ")} events while it was away`,
  ]);
}

/** Until all has come that had to, or it has had its time. */
export function awaitMail(mail: Mail, withinMs: number, signal: AbortSignal): Promise<void> {
  return lookUntil(mail.isWhole, withinMs, signal);
}
