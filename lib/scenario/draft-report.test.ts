/** Tests of draft-report.ts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { clientOptions } from "./client-options.ts";
import { hideSecrets } from "./draft-report.ts";

test("hideSecrets() shows which secrets were given, and none of them", () => {
  const words = [
    "soak.ts",
    "--token",
    "abc",
    "--header=Cookie:abc",
    "--protocol",
    "mqtt",
    "--header",
    "X:abc",
  ];
  assert.deepEqual(hideSecrets(words, clientOptions), [
    ...["soak.ts", "--token", "(not shown)", "--header=(not shown)", "--protocol", "mqtt"],
    ...["--header", "(not shown)"],
  ]);
});
