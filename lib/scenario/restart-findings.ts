/** What is told of containers that were restarted. */
import type { WatchRecord } from "../engine/watch.ts";
import { formatDuration } from "../units.ts";
import type { Restarts } from "./container-restarts.ts";
import { atMost, type Measure, none, skipped, unknown } from "./measure.ts";

/** Of ways that nobody could be brought down by, nothing is known. */
export function measureRestarted({ done, passedOver }: Restarts, ways: readonly string[]): Measure {
  const missing = ways.filter((way) => !done.some((one) => one.way === way));
  if (missing.length > 0)
    return unknown(
      `nobody was brought down by ${missing.join(", ")}${passedOver[0] ? `: ${passedOver[0]}` : ""}`,
    );
  return none([], done.length, "restarts");
}

export function measureBack({ done }: Restarts, withinMs: number): Measure {
  if (done.length === 0) return unknown("nobody was restarted");
  const late = done.filter(({ wellMs }) => wellMs === null);
  if (late.length > 0)
    return none(
      late.map(({ name, way }) => `${name}, after a ${way}: not within ${formatDuration(withinMs)}`),
      done.length,
      "restarts",
    );
  const told = done.map(({ name, way, wellMs }) => `${name}, after a ${way}: ${formatDuration(wellMs ?? 0)}`);
  return atMost(Math.max(...done.map(({ wellMs }) => wellMs ?? 0)), withinMs, "ms", told);
}

export function measureSame({ done }: Restarts): Measure {
  const back = done.filter(({ wellMs }) => wellMs !== null);
  return none(
    back.flatMap(({ name, way, changed }) =>
      changed.length > 0 ? [`${name}, after a ${way}: ${changed.join("; ")}`] : [],
    ),
    back.length,
    "containers that came back",
  );
}

export function measureDependants({ done }: Restarts, withinMs: number): Measure {
  const all = done.flatMap(({ name, way, dependants }) =>
    dependants.map((one) => ({ ...one, after: `${way} of ${name}` })),
  );
  if (all.length === 0) return skipped("nobody depends on them, as far as compose's labels tell");
  const late = all.filter(({ wellMs }) => wellMs === null);
  return none(
    late.map(({ name, after }) => `${name}, after a ${after}: not within ${formatDuration(withinMs)}`),
    all.length,
    "dependants",
  );
}

export function measureSpared({ spared }: Restarts, { containers }: WatchRecord): Measure {
  if (spared.length === 0) return skipped("none of them is labelled critical");
  const touched = containers.filter(
    ({ name, deaths, starts }) => spared.includes(name) && deaths.length + starts > 0,
  );
  return none(
    touched.map(({ name }) => `${name} ended or was started`),
    spared.length,
    "critical containers",
  );
}
