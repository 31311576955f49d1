/** Commands are cut as sh would cut them, and never run by one. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { readWords, refuseCommand } from "./command-words.ts";

test("readWords() cuts as sh does, wherever nothing would be expanded", () => {
  const texts = [
    "python3 server.py {port}",
    "  a\tb\n c  ",
    `a 'b c' "d e" f\\ g`,
    `x''y '' ""`,
    `"a \\"b\\" \\$c \\\\ \\n" 'd\\e'`,
    `a"b"'c'd`,
    `'it'\\''s'`,
    "a\\\nb",
    `"a\\\nb"`,
    `"multi\nline"`,
    `'{"port":{port}}'`,
    "http://127.0.0.1/?a=1\\&b=2 x=y",
    "größe 日本",
  ];
  for (const text of texts) {
    const sh = execFileSync(
      "sh",
      ["-c", `printf '%s\\0' ${text.trim().replaceAll("\t", " ").replaceAll("\n c", " c")}`],
      {
        encoding: "utf8",
      },
    );
    assert.deepEqual(readWords(text), sh.split("\0").slice(0, -1), text);
    assert.equal(refuseCommand(text), null);
  }
});

test("readWords() expands nothing", () => {
  const text = "echo $HOME `id` $(id) *.ts ~ a&b";
  assert.deepEqual(readWords(text), ["echo", "$HOME", "`id`", "$(id)", "*.ts", "~", "a&b"]);
});

test("refuseCommand() says what was expected of a text that is no command", () => {
  const expected = (text: string) => {
    assert.deepEqual(readWords(text), []);
    return refuseCommand(text) ?? assert.fail(`${text} was taken`);
  };
  assert.equal(expected("a 'b c"), "a ' that closes the one at character 3");
  assert.equal(expected('"b\\"'), 'a " that closes the one at character 1');
  assert.equal(expected("a \\"), "a character after the \\ at its end");
  for (const empty of ["", "  ", "''", '"" a']) assert.equal(expected(empty), "a program and its words");
  for (const shell of ["a | b", "a && b", "a > file", "a 2>&1", "a &", "a ; b", "a < b"])
    assert.match(expected(shell), /^one program and its words, without ".+": no shell reads it/);
  assert.deepEqual(readWords("a '|' \\;"), ["a", "|", ";"]);
});
