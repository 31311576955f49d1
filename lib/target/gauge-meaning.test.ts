/** What is kept is judged, and what only rises, is a time or the kernel's to tell is not; a type says more than a name. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { meaningOf } from "./gauge-meaning.ts";

const MEANINGS = {
  things: ["subscribers", "queue", "accounts", "itemCount", "hub_ring_events", "Summary"],
  bytes: ["cacheBytes", "bytes", "cursor_bytes", "buffer_pool_used_bytes"],
  heap: ["heapUsedBytes", "go_memstats_alloc_bytes", "jvm_memory_used_bytes", "nodejs_heap_size_used_bytes"],
  counter: ["http_requests_total", "eventsTotal", "rpc_duration_count", "rpc_size_sum", "sent_bytes_total"],
  time: ["uptimeMs", "ageSeconds", "process_start_time_seconds", "lag_ms"],
  resident: ["process_resident_memory_bytes", "process_virtual_memory_bytes", "rssBytes", "rss_bytes"],
};

for (const [meaning, names] of Object.entries(MEANINGS)) {
  test(`meaningOf() takes ${names.join(", ")} for ${meaning}`, () => {
    for (const name of names) {
      assert.equal(meaningOf([name], null), meaning, name);
      assert.equal(meaningOf(["mine", name], "untyped"), meaning, name);
    }
  });
}

test("meaningOf() believes a type before a name", () => {
  assert.equal(meaningOf(["queue"], "counter"), "counter");
  assert.equal(meaningOf(["rpc", "rpc_duration_seconds"], "summary"), "counter");
  assert.equal(meaningOf(["sessions_count"], "gauge"), "things");
  assert.equal(meaningOf(["poolTotal", "pool_size_bytes"], "gauge"), "bytes");
  assert.equal(meaningOf(["uptime", "process_uptime_seconds"], "gauge"), "time");
});
