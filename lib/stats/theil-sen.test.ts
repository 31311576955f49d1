/** The line through a few readings, its interval, and what neighbours that are alike do to it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom } from "../stress/random.ts";
import { inflateForAutocorrelation } from "./autocorrelation.ts";
import { fitLeastSquares } from "./least-squares.ts";
import { fitTheilSen, type XY } from "./theil-sen.ts";

const line = (n: number, y: (x: number) => number): XY[] => Array.from({ length: n }, (_, x) => [x, y(x)]);

/** Of a uniform distribution, where each value keeps this share of the one before. */
function noise(n: number, seed: number, keeps: number): number[] {
  const random = createRandom(seed);
  let value = 0;
  return Array.from({ length: n }, () => {
    value = keeps * value + random() - 0.5;
    return value;
  });
}

test("fitTheilSen() finds a line exactly", () => {
  const found = fitTheilSen(line(8, (x) => 3 * x + 5));
  assert.deepEqual(found, { slope: 3, low: 3, high: 3, intercept: 5 });
});

test("fitTheilSen() is not moved by one wild reading", () => {
  const found = fitTheilSen(line(10, (x) => (x === 4 ? 1000 : 2 * x)));
  assert.ok(found && Math.abs(found.slope - 2) < 0.01, JSON.stringify(found));
});

test("fitTheilSen() calls independent noise growing at most once in fifty", () => {
  let growing = 0;
  for (let seed = 1; seed <= 1000; seed++) {
    const values = noise(16, seed, 0);
    const found = fitTheilSen(line(16, (x) => values[x] ?? 0));
    if (found && found.low > 0) growing++;
  }
  // one-sided 1 % of 1000, and three standard deviations
  assert.ok(growing <= 20, `${growing} of 1000`);
});

test("fitTheilSen() has a wider interval for noise that remembers than for the same values shuffled", () => {
  const widths = { remembering: 0, shuffled: 0 };
  for (let seed = 1; seed <= 200; seed++) {
    const values = noise(32, seed, 0.7);
    const order = noise(32, seed + 1000, 0);
    const shuffled = values.toSorted(
      (a, b) => (order[values.indexOf(a)] ?? 0) - (order[values.indexOf(b)] ?? 0),
    );
    for (const [name, row] of Object.entries({ remembering: values, shuffled })) {
      const found = fitTheilSen(line(32, (x) => row[x] ?? 0));
      widths[name as keyof typeof widths] += found ? found.high - found.low : 0;
    }
  }
  assert.ok(widths.remembering > 1.2 * widths.shuffled, JSON.stringify(widths));
});

test("fitTheilSen() takes ties for what they are: readings that agree", () => {
  assert.deepEqual(fitTheilSen(line(16, () => 7)), { slope: 0, low: 0, high: 0, intercept: 7 });
  const stairs = fitTheilSen(line(16, (x) => Math.floor(x / 4)));
  assert.ok(stairs && stairs.low > 0.1 && stairs.high < 0.4, JSON.stringify(stairs));
});

test("fitTheilSen() gives the whole range of slopes where four readings pin nothing down", () => {
  const found = fitTheilSen([
    [0, 0],
    [1, 1],
    [2, 5],
    [3, 6],
  ]);
  assert.equal(found?.low, 1);
  assert.equal(found?.high, 4);
});

test("fitTheilSen() and fitLeastSquares() say nothing about a single point", () => {
  for (const fit of [fitTheilSen, fitLeastSquares]) {
    assert.equal(fit([[1, 1]]), null);
    assert.equal(fit([]), null);
    assert.equal(
      fit([
        [1, 1],
        [1, 2],
      ]),
      null,
    );
  }
});

test("inflateForAutocorrelation() never deflates: a zigzag is no better than noise", () => {
  assert.equal(inflateForAutocorrelation(Array.from({ length: 20 }, (_, x) => x % 2)), 1);
  assert.equal(inflateForAutocorrelation([1, 1, 1, 1, 1, 1]), 1);
});

test("inflateForAutocorrelation() inflates for a slow wave", () => {
  const wave = Array.from({ length: 32 }, (_, x) => Math.sin(x / 4));
  assert.ok(inflateForAutocorrelation(wave) > 1.2, String(inflateForAutocorrelation(wave)));
});

test("fitLeastSquares() tells how much of the variance a line explains", () => {
  assert.deepEqual(fitLeastSquares(line(4, (x) => 2 * x)), { slope: 2, rSquared: 1 });
  assert.deepEqual(fitLeastSquares(line(4, () => 5)), { slope: 0, rSquared: 0 });
});
