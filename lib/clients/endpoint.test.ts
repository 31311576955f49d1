/** Where a URL leads. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readEndpoint } from "./endpoint.ts";

test("readEndpoint() knows the ports, the Host field and what is asked for", () => {
  const { host, port, secure, authority, target } = readEndpoint("wss://localhost/events?level=info");
  assert.deepEqual(
    [host, port, secure, authority, target],
    ["localhost", 443, true, "localhost", "/events?level=info"],
  );
  assert.equal(readEndpoint("ws://127.0.0.1:9/").authority, "127.0.0.1:9");
  assert.equal(readEndpoint("ws://[::1]:80").host, "::1");
  assert.equal(readEndpoint("tcp://127.0.0.1:6379").port, 6379);
});

test("readEndpoint() takes Unix sockets, with what is asked for", () => {
  const { socketPath, target } = readEndpoint("unix:/run/hub.sock:/events?x=1#here");
  assert.deepEqual([socketPath, target], ["/run/hub.sock", "/events?x=1"]);
  assert.equal(readEndpoint("unix:/run/hub.sock").target, "/");
});

test("readEndpoint() says what it expected", () => {
  for (const url of ["", "hub", "ftp://x/", "tcp://127.0.0.1", "unix:hub.sock", "ws://"])
    assert.throws(() => readEndpoint(url), /^Error: Cannot connect: expected ws:\/\/.*, got "/, url);
});
