/** One series is found in the text format, or it is said why not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSelector, pickSeries, typeOf } from "./prometheus-text.ts";

const TEXT = `# HELP http_requests_total The total number of HTTP requests.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027 1395066363000
http_requests_total{method="post",code="400"}    3 1395066363000

# Escaping in label values:
msdos_file_access_time_seconds{path="C:\\\\DIR\\\\FILE.TXT",error="Cannot find file:\\n\\"FILE.TXT\\"",} 1.458255915e9
metric_without_timestamp_and_labels 12.47
something_weird{problem="division by zero"} +Inf -3982045
nothing{} NaN
brace{a="}",b="{,"} -4
rpc_duration_seconds_bucket{le="0.5"} 24 # {trace_id="KOO5S4vxi0o"} 0.67
spaced { a = "1" , b="2" }	7
broken{a="1" 5
`;

function pick(selector: string): number | string {
  const parsed = parseSelector(selector);
  assert.ok(parsed, selector);
  return pickSeries(TEXT, parsed);
}

test("pickSeries() reads values with labels, escapes, timestamps and exemplars", () => {
  assert.equal(pick("metric_without_timestamp_and_labels"), 12.47);
  assert.equal(pick('http_requests_total{code="400"}'), 3);
  assert.equal(pick('http_requests_total{code="200",method="post"}'), 1027);
  assert.equal(
    pick('msdos_file_access_time_seconds{error="Cannot find file:\\n\\"FILE.TXT\\""}'),
    1.458255915e9,
  );
  assert.equal(pick('brace{a="}"}'), -4);
  assert.equal(pick('rpc_duration_seconds_bucket{le="0.5"}'), 24);
  assert.equal(pick('spaced{b="2"}'), 7);
});

test("pickSeries() says why there is no one number", () => {
  assert.equal(pick("http_requests_total"), "expected one series http_requests_total, got 2");
  assert.equal(pick("http_requests"), "expected one series http_requests, got 0");
  assert.equal(
    pick('metric_without_timestamp_and_labels{a="1"}'),
    "expected one series metric_without_timestamp_and_labels, got 0",
  );
  assert.equal(pick("something_weird"), "expected a number, got +Inf");
  assert.equal(pick("nothing"), "expected a number, got NaN");
  assert.equal(pick("broken"), 'expected Prometheus text, got "broken{a="1" 5"');
});

test("typeOf() reads what a metric is, also of the parts of one, and of none that is only called so", () => {
  const text = `${TEXT}# TYPE rpc summary
#  TYPE\tspaced\tGauge
# TYPE foo counter
# TYPE bar gauge
# HELP baz # TYPE baz counter
`;
  const types = ["http_requests_total", "rpc_count", "rpc_sum", "rpc", "spaced", "foo_total"];
  assert.deepEqual(
    types.map((name) => typeOf(text, name)),
    ["counter", "summary", "summary", "summary", "gauge", "counter"],
  );
  assert.deepEqual(
    ["bar_count", "baz", "http_requests", "nothing"].map((name) => typeOf(text, name)),
    [null, null, null, null],
  );
});

test("parseSelector() takes a name and labels, and nothing else", () => {
  assert.deepEqual(parseSelector('up{a="1",b="x\\"y",}'), { name: "up", labels: { a: "1", b: 'x"y' } });
  for (const bad of [
    "",
    "1up",
    "up{",
    "up{a}",
    "up{a=1}",
    'up{a="1"',
    'up{a="1"}x',
    "up x",
    'up{a="1" b="2"}',
  ])
    assert.equal(parseSelector(bad), null, bad);
});

test("pickSeries() reads what writers of the format really write, and no line takes it long", () => {
  const of = (line: string) => pickSeries(line, { name: "m", labels: {} });
  assert.deepEqual(
    ["m 1 1.7e9", 'm{a="b"}1', "m\t1\t-5", 'm {a="}"} 1 17 # {t="x"} 2'].map(of),
    [1, 1, 1, 1],
  );
  // a pattern that tries every way to part the blanks would take hours
  assert.match(String(of(`m${" ".repeat(1_000_000)}x y z`)), /^expected /);
});
