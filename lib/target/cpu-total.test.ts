/** Made-up processes that end, are waited for or are not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createCpuTotal } from "./cpu-total.ts";

type Row = [pid: number, cpuMs: number, endedChildrenCpuMs: number];

function follow(...steps: readonly (readonly Row[])[]): number[] {
  const total = createCpuTotal();
  return steps.map((rows) =>
    total(new Map(rows.map(([pid, cpuMs, endedChildrenCpuMs]) => [pid, { cpuMs, endedChildrenCpuMs }]))),
  );
}

test("createCpuTotal() counts a child once: by itself, and what is left of it when its parent has waited for it", () => {
  assert.deepEqual(
    follow(
      [
        [1, 100, 0],
        [2, 50, 0],
      ],
      [[1, 110, 70]],
      [[1, 110, 70]],
    ),
    [150, 180, 180],
  );
});

test("createCpuTotal() counts children that came and went between two looks", () => {
  assert.deepEqual(follow([[1, 100, 0]], [[1, 100, 40]]), [100, 140]);
});

test("createCpuTotal() keeps what it saw of a child that nobody waited for", () => {
  assert.deepEqual(
    follow(
      [
        [1, 100, 0],
        [2, 50, 0],
      ],
      [[1, 100, 0]],
      [[1, 120, 0]],
    ),
    [150, 150, 170],
  );
});

test("createCpuTotal() counts a grandchild once, though it is in two ones' account by and by", () => {
  const steps: Row[][] = [
    [
      [1, 10, 0],
      [2, 20, 0],
      [3, 30, 0],
    ],
    [
      [1, 10, 0],
      [2, 20, 30],
    ],
    [[1, 10, 50]],
  ];
  assert.deepEqual(follow(...steps), [60, 60, 60]);
});
