/** Options that are numbers with units: durations, sizes, shares, counts, and lists and portions of them. */
import { formatAmount, parseBytes, parseDuration, parseMultiple, parseShare, type Unit } from "../units.ts";
import { Expected, type Option } from "./option.ts";
import type { ProfileSetting } from "./profile.ts";

interface NumberSpec {
  readonly default: string;
  readonly smoke?: string;
  readonly min?: string;
  readonly max?: string;
  readonly help: string;
  readonly profile?: ProfileSetting;
  readonly environment?: string;
}

/** Timers end at 24.8 days, and a run's own deadlines lie beyond what it is asked to last. */
const WEEK_MS = 7 * 24 * 3_600_000;

export function duration(spec: NumberSpec): Option<number> {
  const option = numeric("DURATION", "a duration such as 500ms, 90s or 2h", "ms", parseDuration, spec);
  const tooLong = (text: string) => (parseDuration(text) ?? 0) > WEEK_MS;
  return {
    ...option,
    parse: (text) => (tooLong(text) ? new Expected("a week at most") : option.parse(text)),
  };
}

export function bytes(spec: NumberSpec): Option<number> {
  return numeric("BYTES", "a size such as 64MiB or 2GB", "bytes", parseBytes, spec);
}

export function share(spec: NumberSpec): Option<number> {
  return numeric("SHARE", "a share such as 85% or 0.85", "share", parseShare, spec);
}

/** A share that may be more than the whole. */
export function multiple(spec: NumberSpec): Option<number> {
  return numeric("SHARE", "a share such as 85%, 200% or 2", "share", parseMultiple, spec);
}

export function count(spec: NumberSpec): Option<number> {
  const parse = (text: string) => (/^\d+$/.test(text) ? Number(text) : null);
  const option = numeric("N", "a whole number", "count", parse, spec);
  return {
    ...option,
    format: String,
    between: (full, part) => Math.round(between(option.smoke, full, part)),
  };
}

function numeric(
  placeholder: string,
  expected: string,
  unit: Unit,
  read: (text: string) => number | null,
  { help, profile, environment, ...spec }: NumberSpec,
): Option<number> {
  const own = (text: string) => {
    const value = read(text);
    if (value === null) throw new Error(`Cannot declare an option: expected ${expected}, got "${text}"`);
    return value;
  };
  const min = spec.min === undefined ? 0 : own(spec.min);
  const max = spec.max === undefined ? Infinity : own(spec.max);
  const bounds = [
    spec.min !== undefined && `at least ${formatAmount(min, unit)}`,
    spec.max !== undefined && `at most ${formatAmount(max, unit)}`,
  ].filter(Boolean);
  const smoke = own(spec.smoke ?? spec.default);
  return {
    placeholder,
    help,
    default: own(spec.default),
    smoke,
    ...(profile && { profile }),
    ...(environment && { environment }),
    parse(text) {
      const value = read(text);
      if (value !== null && value >= min && value <= max) return value;
      return new Expected([expected, ...bounds].join(", "));
    },
    format: (value) => formatAmount(value, unit),
    between: (full, part) => between(smoke, full, part),
  };
}

function between(smoke: number, full: number, part: number): number {
  return smoke >= full ? full : smoke + (full - smoke) * part;
}

/** A list such as "60%,75%,85%", each read like one value of the given kind; shrinking does not touch it. */
export function list(
  item: Option<number>,
  spec: {
    readonly default: string;
    readonly smoke?: string;
    readonly help: string;
    readonly ascending?: boolean;
  },
): Option<readonly number[]> {
  const parse = (text: string): readonly number[] | Expected => {
    const values: number[] = [];
    for (const part of text.split(",")) {
      const value = item.parse(part.trim());
      if (value instanceof Expected) return new Expected(`a comma-separated list, each ${value.what}`);
      values.push(value);
    }
    const sorted = values.every((value, index) => value > (values[index - 1] ?? -Infinity));
    return spec.ascending && !sorted ? new Expected("a list in ascending order") : values;
  };
  const own = (text: string) => {
    const values = parse(text);
    if (values instanceof Expected)
      throw new Error(`Cannot declare an option: expected ${values.what}, got "${text}"`);
    return values;
  };
  return {
    placeholder: `${item.placeholder},…`,
    help: spec.help,
    default: own(spec.default),
    smoke: own(spec.smoke ?? spec.default),
    parse,
    format: (values) => values.map(item.format).join(", "),
  };
}

/** Part of a whole that is known only on the box: "60%", or a fixed size. */
export interface Portion {
  readonly unit: "bytes" | "share";
  readonly value: number;
}

/** A size such as 2GiB or a share such as 50%. */
export function portion(spec: {
  readonly default: string;
  readonly smoke?: string;
  readonly help: string;
}): Option<Portion> {
  const expected = new Expected("a size such as 2GiB, or a share of at most 100%");
  const parse = (text: string): Portion | Expected => {
    const [unit, value] = text.endsWith("%")
      ? (["share", parseShare(text)] as const)
      : (["bytes", parseBytes(text)] as const);
    return value === null || value === 0 ? expected : { unit, value };
  };
  const own = (text: string) => {
    const value = parse(text);
    if (value instanceof Expected)
      throw new Error(`Cannot declare an option: expected ${value.what}, got "${text}"`);
    return value;
  };
  return {
    placeholder: "BYTES|SHARE",
    help: spec.help,
    default: own(spec.default),
    smoke: own(spec.smoke ?? spec.default),
    parse,
    format: ({ unit, value }) => formatAmount(value, unit),
    between: (full, part) => ({ ...full, value: full.value * part }),
  };
}

/** The bytes that a portion of this whole is: never more than the whole. */
export function portionOf({ unit, value }: Portion, wholeBytes: number): number {
  return unit === "share" ? value * wholeBytes : Math.min(value, wholeBytes);
}
