/** Users at a server, each with a few connections under one name, over a network that may be bad: who came, and whose messages they got. */
import { setMaxListeners } from "node:events";
import type { Network } from "../clients/network.ts";
import type { Ending } from "../clients/settings.ts";
import { addUp, type Tally } from "../clients/tally.ts";
import { type Clients, connectMany } from "../clients/websocket.ts";
import { type Introduction, introduce } from "./credentials.ts";

/** Whether all connections of a user come in the same moment, or one after another. */
export type Arrival = "at once" | "in turn";

export interface UserCrowdSettings extends Introduction {
  /** The parameter of the URL that says who it is. */
  readonly userIn: string;
  readonly users: readonly string[];
  /** Connections of each. */
  readonly devices: number;
  readonly through: Network;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface UserCrowd {
  readonly opened: number;
  /** By status, close code or errno. */
  readonly notOpened: Tally;
  /** Events that came to whom they are for, and to others: so many, the first few told. */
  readonly heard: number;
  readonly strays: { readonly count: number; readonly first: readonly string[] };
  /** Sends a text on every connection, and waits until each has answered a ping after it, has gone, or has had its time. */
  say(text: string, withinMs: number): Promise<void>;
  end(ending: Ending): Promise<void>;
}

const MOST_TOLD = 5;

export async function gatherUsers(arrival: Arrival, settings: UserCrowdSettings): Promise<UserCrowd> {
  const first: string[] = [];
  let [heard, strays] = [0, 0];
  function hear(user: string, payload: Buffer): void {
    for (const to of addressees(payload)) {
      if (to === user) heard++;
      else if (strays++ < MOST_TOLD) first.push(`${user} got an event for ${to}`);
    }
  }
  const { users, devices } = settings;
  // the connections of each user listen to it, and of many users that is no leak
  const signal = AbortSignal.any([settings.signal]);
  setMaxListeners(0, signal);
  const connect = (user: string, count: number) =>
    connectMany({
      ...introduce(settings, { place: "query", name: settings.userIn, value: user }),
      ...{ count, through: settings.through, timeoutMs: settings.timeoutMs, signal },
      confirm: true,
      listener: { onMessage: (_, payload) => hear(user, payload) },
    });
  const all: Clients[] = [];
  const [turns, each] = arrival === "at once" ? [1, devices] : [devices, 1];
  for (let turn = 0; turn < turns; turn++)
    all.push(...(await Promise.all(users.map((user) => connect(user, each)))));
  return {
    opened: all.reduce((sum, { opened }) => sum + opened, 0),
    notOpened: all.map(({ refused, failed }) => addUp(refused, failed)).reduce(addUp, {}),
    get heard() {
      return heard;
    },
    get strays() {
      return { count: strays, first };
    },
    async say(text, withinMs) {
      for (const clients of all) clients.send(text);
      await Promise.all(all.map((clients) => clients.ask(withinMs)));
    },
    async end(ending) {
      await Promise.all(all.map((clients) => clients.end(ending)));
    },
  };
}

/** For whom the events in it are, as far as they are for somebody: a server of another kind has none. */
function addressees(payload: Buffer): string[] {
  // most messages are for nobody in particular
  if (!payload.includes('"user"')) return [];
  return [...payload.toString().matchAll(/"user":"([^"\\]{1,64})"/g)].map(([, user = ""]) => user);
}
