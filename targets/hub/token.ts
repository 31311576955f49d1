/** Tokens of the hub: the one that it was given, which is good for ever, and those signed with it, which end. */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** A token that ends at this time of the wall clock, ms since 1970: "1764201600000.<HMAC-SHA-256 of that, hex>". */
export function mintToken(key: string, endsMs: number): string {
  // of durations that were shrunk to a budget parts of a millisecond are left
  const ends = String(Math.round(endsMs));
  return `${ends}.${sign(key, ends)}`;
}

/** When a token of this key ends, also one that has ended: Infinity for the key itself. Null for any other. */
export function readTokenEnd(key: string, token: string): number | null {
  if (isSame(token, key)) return Number.POSITIVE_INFINITY;
  const [ends = "", signature = ""] = token.split(".");
  return /^\d{1,15}$/.test(ends) && isSame(signature, sign(key, ends)) ? Number(ends) : null;
}

function sign(key: string, text: string): string {
  return createHmac("sha256", key).update(text).digest("hex");
}

/** In a time that does not tell how much of it is right. */
function isSame(given: string, expected: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
