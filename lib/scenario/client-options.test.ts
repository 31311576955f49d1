/** How clients introduce themselves: what is taken, what is refused, and that no secret is shown. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readEndpoint } from "../clients/endpoint.ts";
import { parseUrl } from "../target/address.ts";
import { clientOptions, headersOf } from "./client-options.ts";
import { resolveSettings } from "./settings.ts";

const read = (flags: Record<string, string[]>, environment = {}) =>
  resolveSettings(clientOptions, {
    flags: new Map(Object.entries(flags)),
    environment,
    profile: "development",
    size: { share: 1, why: "" },
  });

test("headersOf() makes headers of a subprotocol, a token and headers as curl takes them", () => {
  const { values, mistakes } = read({
    protocol: ["mqtt"],
    token: ["s3cret"],
    header: ["Origin: https://a.example", "Cookie:a=b:c", "X-Empty:"],
  });
  assert.deepEqual(mistakes, []);
  assert.deepEqual(headersOf(values), {
    "Sec-WebSocket-Protocol": "mqtt",
    Authorization: "Bearer s3cret",
    Origin: "https://a.example",
    Cookie: "a=b:c",
    "X-Empty": "",
  });
  assert.deepEqual(headersOf(read({}).values), {});
});

test("clientOptions refuse what is no header, and would let others be slipped in", () => {
  for (const header of ["Origin", ": x", "A B: c", "A: b\r\nEvil: c", "A: \0", "Ä: x"])
    assert.equal(read({ header: [header] }).mistakes.length, 1, header);
  for (const token of ["", "a b", "a\nb"]) assert.equal(read({ token: [token] }).mistakes.length, 1, token);
  assert.equal(read({ protocol: ["a, b"] }).mistakes.length, 1);
});

test("clientOptions show no secret among a report's settings", () => {
  const { settings } = read({ header: ["Cookie: s3cret"] }, { PROOFLOAD_TOKEN: "s3cret" });
  assert.doesNotMatch(JSON.stringify(settings), /s3cret/);
  assert.match(JSON.stringify(settings), /Cookie: …/);
});

test("readEndpoint() leads where parseUrl() says, and takes what it takes", () => {
  const texts = [
    ...["ws://127.0.0.1:8080/a?b=1#c", "wss://localhost", "http://[::1]:81/", "https://a.example/x"],
    ...["tcp://127.0.0.1:6379", "tcp://[::1]:6379/x", "unix:/run/x.sock", "unix:/run/a b.sock:/x?y"],
    ...["", "hub", "ftp://a:21/", "tcp://a", "tcp://a:0", "tcp://a:99999", "ws://", "ws://a:0/", "unix:x"],
    ...["unix:/x:y", "unix:///x", "ws+unix:/x", "http+unix:/x:/y", "WS://LOCALHOST:1/", "ws:127.0.0.1:9"],
  ];
  for (const text of texts) {
    const address = parseUrl(text);
    if (!address) assert.throws(() => readEndpoint(text), /^Error: Cannot connect: expected/, text);
    else {
      const { host, port, socketPath } = readEndpoint(text);
      if (address.kind === "tcp") assert.deepEqual([host, port], [address.host, address.port], text);
      else assert.equal(socketPath, address.kind === "unix" ? address.path : address.socketPath, text);
    }
  }
});
