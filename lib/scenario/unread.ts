/** What could not be read when a target was looked at, and why: a report says so, whatever the verdict. */

export interface Unread {
  /** Of one look: reasons by the name of the reading, "liveBytes" or "gauge queue". */
  add(reasons: Readonly<Record<string, string>>): void;
  /** By the names that a report has: "targetLiveBytes", "gauge queue"; each with its last reason. */
  tell(): ReadonlyMap<string, string>;
}

export function collectUnread(): Unread {
  const missed = new Map<string, { times: number; reason: string }>();
  let looks = 0;
  return {
    add(reasons) {
      looks++;
      for (const [name, reason] of Object.entries(reasons))
        missed.set(name, { times: (missed.get(name)?.times ?? 0) + 1, reason });
    },
    tell: () =>
      new Map(
        [...missed].map(([name, { times, reason }]) => [
          name.startsWith("gauge ") ? name : `target${name.charAt(0).toUpperCase()}${name.slice(1)}`,
          times < looks ? `${reason} (at ${times} of ${looks} looks)` : reason,
        ]),
      ),
  };
}
