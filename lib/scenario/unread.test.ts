/** A report names what was missing, how often, and why. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { collectUnread } from "./unread.ts";

test("collectUnread() tells the last reason of each reading, and how often where it was not always", () => {
  const unread = collectUnread();
  assert.equal(unread.tell().size, 0);
  unread.add({ liveBytes: "no probe", "gauge queue": "HTTP 404" });
  unread.add({ liveBytes: "no probe" });
  unread.add({ liveBytes: "no probe", "gauge queue": "HTTP 500" });
  assert.deepEqual(Object.fromEntries(unread.tell()), {
    targetLiveBytes: "no probe",
    "gauge queue": "HTTP 500 (at 2 of 3 looks)",
  });
});
