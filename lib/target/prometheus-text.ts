/** The Prometheus text format, as far as one series is looked for in it (exposition_formats.md, version 0.0.4; OpenMetrics 1.0). */

/** A name, and labels that a series must have; it may have others. */
export interface SeriesSelector {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
/** A comma may follow the last label. */
const LABEL = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\\n]|\\.)*)"\s*(,|$)/y;
const SELECTOR = new RegExp(`^(${NAME})(?:\\{(.*)\\})?$`);
/** Name, labels, value; a timestamp and an exemplar may follow. The quotes keep a brace in a label from ending them. */
const SAMPLE = new RegExp(
  `^(${NAME})(?:[ \\t]*\\{((?:[^"}]|"(?:[^"\\\\]|\\\\.)*")*)\\}[ \\t]*|[ \\t]+)(\\S+)(?:[ \\t]+[-+0-9.eE]+)?[ \\t]*(?:# .*)?$`,
);

const TYPE = new RegExp(`^#[ \\t]+TYPE[ \\t]+(${NAME})[ \\t]+([a-zA-Z]+)`, "gm");

export function parseSelector(text: string): SeriesSelector | null {
  const [, name, inner = ""] = SELECTOR.exec(text) ?? [];
  const labels = parseLabels(inner);
  return name !== undefined && labels ? { name, labels } : null;
}

/** The value of the one series that matches; or why there is none: a sum of several would be somebody else's number. */
export function pickSeries(text: string, { name, labels }: SeriesSelector): number | string {
  const values: string[] = [];
  for (const line of text.split("\n")) {
    // most lines are other metrics' and need no closer look
    if (!line.startsWith(name) || !/[\s{]/.test(line.charAt(name.length))) continue;
    const [, , inner = "", value] = SAMPLE.exec(line.trimEnd()) ?? [];
    const has = parseLabels(inner);
    if (value === undefined || !has) return `expected Prometheus text, got "${line.slice(0, 80)}"`;
    if (Object.entries(labels).every(([label, wanted]) => has[label] === wanted)) values.push(value);
  }
  if (values.length !== 1) return `expected one series ${name}, got ${values.length}`;
  const [only = ""] = values;
  const number = only === "" || /[^0-9eE.+-]/.test(only) ? Number.NaN : Number(only);
  return Number.isFinite(number) ? number : `expected a number, got ${only.slice(0, 80)}`;
}

/** What samples of a histogram, a summary or an OpenMetrics counter are called beside its own name. */
const PARTS = ["_total", "_count", "_sum", "_bucket", "_created"];

/** "counter", "gauge" and so on, as a line "# TYPE name counter" has it; null where none does. */
export function typeOf(text: string, name: string): string | null {
  const types = new Map(
    [...text.matchAll(TYPE)].map(([, typed = "", type = ""]) => [typed, type.toLowerCase()] as const),
  );
  const own = types.get(name);
  if (own !== undefined) return own;
  const whole = PARTS.filter((part) => name.endsWith(part)).map((part) =>
    types.get(name.slice(0, -part.length)),
  );
  // a gauge has no parts: what is called like one of it is another metric
  return whole.find((type) => type !== undefined && type !== "gauge") ?? null;
}

function parseLabels(inner: string): Record<string, string> | null {
  const labels: Record<string, string> = {};
  const rest = inner.trim();
  LABEL.lastIndex = 0;
  for (let at = 0; at < rest.length; at = LABEL.lastIndex) {
    const match = LABEL.exec(rest);
    if (!match?.[1]) return null;
    labels[match[1]] = unescapeValue(match[2] ?? "");
  }
  return labels;
}

function unescapeValue(text: string): string {
  return text.replace(/\\(.)/g, (whole, character: string) =>
    character === "n" ? "\n" : '"\\'.includes(character) ? character : whole,
  );
}
