/** Every form that an address may have is read, and what is none is told what was expected. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  parseHealth,
  parseReady,
  parseUrl,
  refuseHealth,
  refuseReady,
  refuseUrl,
  remoteHost,
} from "./address.ts";

test("parseUrl() answers how the address behind a URL is reached", () => {
  const tcp = (host: string, port: number) => ({ kind: "tcp", host, port });
  assert.deepEqual(parseUrl("ws://127.0.0.1:8080/path?x=1"), tcp("127.0.0.1", 8080));
  assert.deepEqual(parseUrl("wss://localhost/"), tcp("localhost", 443));
  assert.deepEqual(parseUrl("http://[::1]:81"), tcp("::1", 81));
  assert.deepEqual(parseUrl("tcp://[::1]:82"), tcp("::1", 82));
  assert.deepEqual(parseUrl("unix:/run/x.sock"), { kind: "unix", path: "/run/x.sock" });
});

test("parseHealth() reads HTTP over a unix socket as well", () => {
  const address = parseHealth("unix:/run/x.sock:/health?full=1");
  assert.ok(address?.kind === "http");
  assert.deepEqual(
    [address.socketPath, address.url.pathname, address.url.search],
    ["/run/x.sock", "/health", "?full=1"],
  );
});

test("parseReady() reads a bare port and a pattern", () => {
  assert.deepEqual(parseReady("tcp:8080"), { kind: "tcp", host: "127.0.0.1", port: 8080 });
  assert.deepEqual(parseReady("output:on port \\d+"), { kind: "output", pattern: /on port \d+/u });
  // no pattern with the u flag, but one without
  const dashed = parseReady("output:a\\-b");
  assert.ok(dashed?.kind === "output" && dashed.pattern.test("a-b"));
});

test("refuseUrl(), refuseReady() and refuseHealth() say what they expect, and take placeholders", () => {
  for (const good of ["ws://127.0.0.1:{port}/", "unix:{dir}/sock", "tcp://localhost:{port}"])
    assert.equal(refuseUrl(good), null);
  for (const good of ["tcp:{port}", "http://127.0.0.1:{port}/ready", "output:^up", "unix:{dir}/s:/x"]) {
    assert.equal(refuseReady(good), null);
  }
  for (const bad of [
    "",
    "127.0.0.1:80",
    "ftp://a/",
    "tcp://a",
    "tcp://a:0",
    "ws://a:0/",
    "tcp://a:99999",
    "unix:relative",
    "ws://",
  ])
    assert.match(refuseUrl(bad) ?? "", /^ws:\/\/, wss:/, bad);
  for (const bad of ["output:", "output:(", "tcp:", "tcp:x", "tcp:70000", "ws://a/", "80"])
    assert.match(refuseReady(bad) ?? "", /^http:\/\/HOST/, bad);
  for (const bad of ["ws://a/", "output:x", "tcp:80", "health"])
    assert.match(refuseHealth(bad) ?? "", /^http:/, bad);
});

test("remoteHost() lets pass what is loopback, and nothing that only looks like it", () => {
  const here = [
    "ws://127.0.0.1:1/",
    "http://127.9.9.9/",
    "http://localhost/",
    "http://[::1]/",
    "tcp:80",
    "tcp:{port}",
    "unix:/x",
  ];
  for (const text of [...here, "output:http://example.com", "tcp://[::1]:5", "http://127.0.0.1:{port}/{dir}"])
    assert.equal(remoteHost(text), null, text);
  const away = {
    "http://example.com/": "example.com",
    "ws://127.0.0.1.example.com/": "127.0.0.1.example.com",
    "http://127.0.0.1@example.com/": "example.com",
    "http://10.0.0.1:80/": "10.0.0.1",
    "tcp://[fe80::1]:80": "fe80::1",
    "http://[::ffff:7f00:1]/": "::ffff:7f00:1",
    "http://0.0.0.0/": "0.0.0.0",
    "http://localhost.example.com/": "localhost.example.com",
  };
  for (const [text, host] of Object.entries(away)) assert.equal(remoteHost(text), host);
});
