/** What a client asks for in its URL and headers: as whom, where, from which level on. */
import type { IncomingMessage } from "node:http";
import { z } from "zod";
import { type Level, levelSchema, userSchema } from "./messages.ts";

export interface Subscription {
  readonly namespace: string;
  readonly user: string | null;
  readonly level: Level;
  readonly token: string | null;
}

const querySchema = z.object({ user: userSchema.optional(), level: levelSchema.default("debug") });
const NAMESPACES: Readonly<Record<string, string>> = {
  "/": "/",
  "/ws": "/",
  "/admin": "/admin",
};

/** The subscription, or the HTTP status that refuses it: 404 for another path, 400 for a user or level that cannot be. */
export function readSubscription(request: IncomingMessage): Subscription | 400 | 404 {
  const url = readUrl(request);
  const namespace = url && NAMESPACES[url.pathname];
  if (!url || !namespace) return 404;
  const query = querySchema.safeParse(Object.fromEntries(url.searchParams));
  if (!query.success) return 400;
  const { user = null, level } = query.data;
  return { namespace, user, level, token: readToken(request, url) };
}

/** The token in `?token=`, else in `Authorization: Bearer …`. */
export function readToken(request: IncomingMessage, url: URL | null): string | null {
  const bearer = /^Bearer (\S{1,200})$/i.exec(request.headers.authorization ?? "")?.[1];
  return url?.searchParams.get("token") ?? bearer ?? null;
}

/** Null for what is no URL. */
export function readUrl(request: IncomingMessage): URL | null {
  const base = "http://hub";
  return URL.canParse(request.url ?? "", base) ? new URL(request.url ?? "", base) : null;
}
