/** What clients may say, by schema, and what they are told. */
import { z } from "zod";

const LEVELS = ["debug", "info", "warn", "error"] as const;
export const levelSchema = z.enum(LEVELS);
export type Level = z.output<typeof levelSchema>;

/** Letters, digits and a few signs, so that a user can stand in a log line as it is. */
export const userSchema = z.string().regex(/^[\w.@-]{1,64}$/, "expected 1 to 64 letters, digits, . @ _ or -");

const eventSchema = z.strictObject({
  level: levelSchema.default("info"),
  user: userSchema.optional(),
  // a room is named as a user is
  room: userSchema.optional(),
  text: z.string().max(8000),
});
/** What is published: one event, or a batch of them. */
export const batchSchema = z.union([
  z.array(eventSchema).min(1).max(1000),
  eventSchema.transform((event) => [event]),
]);

export type Batch = z.output<typeof batchSchema>;

/** What a subscriber of WebSocket may send, as text. */
export const messageSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("ping") }),
  z.strictObject({ type: z.literal("level"), level: levelSchema }),
  z.strictObject({ type: z.literal("publish"), events: batchSchema }),
  z.strictObject({ type: z.enum(["join", "leave"]), room: userSchema }),
  z.strictObject({ type: z.literal("token"), token: z.string().max(200) }),
  // throws in the handler, on purpose: what becomes of the subscriber?
  z.strictObject({ type: z.literal("boom") }),
]);

export interface HubEvent {
  readonly id: number;
  readonly level: Level;
  /** For this user alone; absent: for all. */
  readonly user?: string | undefined;
  /** For who has joined this room; absent: for all of the namespace. */
  readonly room?: string | undefined;
  readonly namespace: string;
  readonly text: string;
  /** Of the hub's own clock, performance.now(). */
  readonly atMs: number;
}

export function passesLevel(event: HubEvent, least: Level): boolean {
  return LEVELS.indexOf(event.level) >= LEVELS.indexOf(least);
}

/** Close codes: RFC 6455 §7.4.1, and of our own 4401, as HTTP's 401. */
export const CLOSE = {
  normal: 1000,
  goingAway: 1001,
  notText: 1003,
  refusedMessage: 1008,
  failed: 1011,
  tryAgainLater: 1013,
  wrongToken: 4401,
} as const;
