/** Lines as the kernel writes them, and what they say. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseInternetSockets } from "./tcp-sockets.ts";

const REST = "00000000:00000000 00:00000000 00000000  1000        0";
const HEADING =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
// written by a kernel in this byte order
const skip = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? false : "lines of a little-endian machine";

function parse(addresses: string) {
  const text = `${HEADING}\n   0: ${addresses} ${REST} 4242 1 00000000da9809ae 100 0 0 10 0\n`;
  return parseInternetSockets(text)[0];
}

test("parseInternetSockets() reads addresses, ports, state and inode", { skip }, () => {
  assert.deepEqual(parse("0100007F:1F90 0200007F:CB8E 08"), {
    local: "127.0.0.1:8080",
    peer: "127.0.0.2:52110",
    localPort: 8080,
    state: "CLOSE_WAIT",
    inode: "4242",
  });
});

test("parseInternetSockets() writes IPv6 as RFC 5952 does, and a mapped IPv4 address as IPv4", {
  skip,
}, () => {
  const cases = [
    ["00000000000000000000000001000000:1F90", "[::1]:8080"],
    ["00000000000000000000000000000000:0000", "[::]:*"],
    ["0000000000000000FFFF00000100007F:0001", "127.0.0.1:1"],
    // 2001:db8:0:0:1:0:0:1, the RFC's own example
    ["B80D0120000000000000010001000000:0050", "[2001:db8::1:0:0:1]:80"],
    ["000080FE00000000FFDA2002FE3B00FE:0016", "[fe80::220:daff:fe00:3bfe]:22"],
  ] as const;
  for (const [digits, text] of cases) assert.equal(parse(`${digits} ${digits} 0A`)?.local, text);
});

test("parseInternetSockets() leaves out what is no line of such a table", () => {
  assert.deepEqual(parseInternetSockets(`${HEADING}\n\nnonsense\n 0: a b c d e f g h i\n`), []);
});
