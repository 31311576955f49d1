/** Lines and cells of tables as people's tools write them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { findSeparator, splitCells, splitLines } from "./csv.ts";

/** The lines, however the text is cut into pieces. */
function linesOf(text: string, pieceLength: number, quotes = true) {
  const splitter = splitLines({ quotes });
  const lines = [];
  for (let at = 0; at < text.length; at += pieceLength)
    lines.push(...splitter.push(text.slice(at, at + pieceLength)));
  return [...lines, ...splitter.end()];
}

test("splitLines() splits the same way wherever the text was cut, at CRLF and LF, without a byte order mark", () => {
  for (const length of [1, 2, 3, 100]) {
    assert.deepEqual(linesOf("\uFEFFa,b\r\n1,2\n\n3,4\r\n", length), [
      { text: "a,b", line: 1, ended: true },
      { text: "1,2", line: 2, ended: true },
      { text: "3,4", line: 4, ended: true },
    ]);
  }
});

test("splitLines() says of the last line whether it was ended", () => {
  assert.deepEqual(linesOf("a\nb", 10).at(-1), { text: "b", line: 2, ended: false });
  assert.deepEqual(linesOf("", 10), []);
});

test("splitLines() goes on while a quote is open, and only where quotes mean something", () => {
  assert.deepEqual(linesOf('a\n"x\ny",1\nz\n', 4), [
    { text: "a", line: 1, ended: true },
    { text: '"x\ny",1', line: 2, ended: true },
    { text: "z", line: 4, ended: true },
  ]);
  assert.equal(linesOf('a"\nb\n', 10, false).length, 2);
  assert.deepEqual(linesOf('a\n"x\ny', 4).at(-1), { text: '"x\ny', line: 2, ended: false });
});

test("splitCells() takes quoted cells, doubled quotes in them, and empty ones anywhere", () => {
  assert.deepEqual(splitCells("1,,3,", ","), ["1", "", "3", ""]);
  assert.deepEqual(splitCells('"a,b","say ""x""",3', ","), ["a,b", 'say "x"', "3"]);
  assert.deepEqual(splitCells('1,"",', ","), ["1", "", ""]);
  assert.deepEqual(splitCells('"open, to the end', ","), ["open, to the end"]);
});

test("findSeparator() takes what the header has most of", () => {
  assert.equal(findSeparator("t;x;y"), ";");
  assert.equal(findSeparator("t\tx, in bytes\ty"), "\t");
  assert.equal(findSeparator("one"), ",");
});
