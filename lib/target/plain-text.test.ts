/** Names made to mislead a reader or a terminal. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { plainText } from "./plain-text.ts";

test("plainText() leaves one line without anything that moves a cursor or hides text", () => {
  assert.equal(plainText("a\u001b[2J\r\nb\u202egpj\u2028c\u0085\t d "), "a [2J b gpj c d");
});

test("plainText() cuts what is long, and says so", () => {
  assert.equal(plainText("x".repeat(1e6), 10), `${"x".repeat(9)}…`);
});
