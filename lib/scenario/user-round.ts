/** One round of a crowd of users: they come over a bad network, talk, go, and what was known of them is cleaned up. */
import type { Network } from "../clients/network.ts";
import { postJson } from "../clients/post-json.ts";
import type { Ending } from "../clients/settings.ts";
import type { Tally } from "../clients/tally.ts";
import type { NamedReadings } from "../host/gauges.ts";
import { maximum } from "../stats/summary.ts";
import { awaitGone } from "./churn.ts";
import { type CleanupRecord, cleanUp } from "./cleanup.ts";
import type { Introduction } from "./credentials.ts";
import { ofGauge } from "./gauge-limit.ts";
import type { LeftOver } from "./left-over.ts";
import { atMost, type Measure, unknown } from "./measure.ts";
import type { TargetRun } from "./target-run.ts";
import { type Arrival, gatherUsers, type UserCrowd, type UserCrowdSettings } from "./user-crowd.ts";

export interface RoundRecord extends LeftOver {
  readonly arrival: Arrival;
  readonly asked: number;
  readonly opened: number;
  readonly notOpened: Tally;
  /** While all were there; null where the server has no such gauge. */
  readonly managers: number | null;
  readonly managersPerUser: number | null;
  readonly heard: number;
  readonly strays: UserCrowd["strays"];
  /** Why events could not be published; null where they were, or nobody can. */
  readonly publishError: string | null;
  /** Null: there is nothing that could be looked at. */
  readonly cleanup: CleanupRecord | null;
}

export interface EmergencyRecord {
  readonly opened: number;
  readonly cleanup: CleanupRecord;
}

export interface RoundSettings extends Pick<UserCrowdSettings, "userIn" | "devices" | "timeoutMs"> {
  readonly target: TargetRun;
  readonly introduction: Introduction;
  readonly users: number;
  readonly network: Network;
  /** What each connection sends. */
  readonly message: string;
  /** Asked by POST; null: nobody can. */
  readonly cleanupUrl: string | null;
  readonly emergencyUrl: string | null;
  /** Where events for a user are published; null: nobody can. */
  readonly eventsUrl: string | null;
  readonly cleanupWatchMs: number;
  readonly emergencyWatchMs: number;
  readonly socketsBefore: number | null;
  readonly leaveWithinMs: number;
  /** The gauges of what has to be forgotten, before anybody came. */
  readonly before: NamedReadings;
  readonly signal: AbortSignal;
}

/** What is forgotten with a user. */
const FORGOTTEN = ["managers", "offline"];
/** A silent link answers nothing: the others have answered by then. */
const ANSWER_WITHIN_MS = 250;
const ARRIVALS: readonly Arrival[] = ["at once", "in turn"];
const ENDINGS: readonly Ending[] = ["polite", "destroy", "reset"];

export function openRounds(settings: RoundSettings) {
  const { target, network, introduction, signal } = settings;
  const { headers } = introduction;
  const names = Array.from({ length: settings.users }, (_, index) => `user-${index + 1}`);
  const before = pick(settings.before, FORGOTTEN);
  const isCounted = Object.values(before).some((value) => value !== null);
  const gather = (arrival: Arrival) =>
    gatherUsers(arrival, { ...settings, ...introduction, users: names, through: network });
  /** One event for each of them. Answers what went wrong: a server that has died is told of elsewhere. */
  async function publish(): Promise<string | null> {
    const events = names.map((user) => ({ level: "info", user, text: `for ${user}` }));
    if (settings.eventsUrl === null) return null;
    return postJson(settings.eventsUrl, headers, JSON.stringify(events)).then(
      () => null,
      ({ message }: Error) => message,
    );
  }
  const timed = (url: string | null, counted: NamedReadings, watchMs: number) =>
    cleanUp({
      ask: url === null ? null : () => postJson(url, headers, ""),
      read: target.readNamed,
      before: counted,
      ...{ watchMs, signal },
    });

  return {
    async round(index: number): Promise<RoundRecord> {
      const arrival = ARRIVALS[index % ARRIVALS.length] ?? "at once";
      const crowd = await gather(arrival);
      const firstError = await publish();
      await crowd.say(settings.message, ANSWER_WITHIN_MS);
      const { managers = null, managersPerUser = null } = await target.readNamed();
      await crowd.end(ENDINGS[index % ENDINGS.length] ?? "polite");
      const left = await awaitGone({ ...settings, settleMs: settings.leaveWithinMs });
      // for users who are away
      const publishError = (await publish()) ?? firstError;
      const cleanup = isCounted ? await timed(settings.cleanupUrl, before, settings.cleanupWatchMs) : null;
      const { opened, notOpened, heard, strays } = crowd;
      const asked = settings.users * settings.devices;
      return {
        ...{ arrival, asked, opened, notOpened, managers, managersPerUser },
        ...{ heard, strays, publishError, cleanup },
        ...left,
      };
    },
    /** While all are there. Null where nobody can ask for it, or see what comes of it. */
    async emergency(): Promise<EmergencyRecord | null> {
      if (settings.emergencyUrl === null || !isCounted || signal.aborted) return null;
      const crowd = await gather("at once");
      await publish();
      const everybody = pick(settings.before, [...FORGOTTEN, "subscribers"]);
      const cleanup = await timed(settings.emergencyUrl, everybody, settings.emergencyWatchMs);
      await crowd.end("destroy");
      return { opened: crowd.opened, cleanup };
    },
  };
}

function pick(readings: NamedReadings, names: readonly string[]): NamedReadings {
  return Object.fromEntries(
    names.flatMap((name) => (name in readings ? [[name, readings[name] ?? null]] : [])),
  );
}

/** Of these rounds. */
export function judgeManagers(rounds: readonly RoundRecord[], perUser: number): Measure {
  if (rounds.length === 0) return unknown("there was no such round");
  const most = rounds.map(({ managersPerUser }) => managersPerUser).filter((value) => value !== null);
  return ofGauge("managersPerUser", most.length === 0 ? null : most, (values) =>
    atMost(maximum(values), perUser, "count", [`${values.length} rounds`]),
  );
}
