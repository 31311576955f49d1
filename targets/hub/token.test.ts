/** Tokens that end: minted, read, and refused when anything of them was changed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { mintToken, readTokenEnd } from "./token.ts";

const KEY = "a key of the hub";

test("readTokenEnd() knows the key itself, which never ends, and when a token that was minted with it does", () => {
  assert.equal(readTokenEnd(KEY, KEY), Number.POSITIVE_INFINITY);
  assert.equal(readTokenEnd(KEY, mintToken(KEY, 1234)), 1234);
  assert.equal(readTokenEnd(KEY, mintToken(KEY, 1233.7)), 1234);
});

test("readTokenEnd() refuses what was not minted with this key, or was changed", () => {
  const token = mintToken(KEY, 1234);
  const others = [
    "",
    "1234",
    ".",
    "1234.",
    `${token}0`,
    token.replace("1234", "9234"),
    mintToken("another", 1234),
  ];
  for (const other of others) assert.equal(readTokenEnd(KEY, other), null, other);
  for (const ends of [Number.NaN, -1]) assert.equal(readTokenEnd(KEY, mintToken(KEY, ends)), null);
});
