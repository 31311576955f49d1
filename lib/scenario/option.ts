/** The kinds of options that a scenario can have: how each is read, written, and shrunk for a quick look. */
import { type Stats, statSync } from "node:fs";
import { resolve } from "node:path";
import { refuseWriting } from "../host/writable.ts";
import { formatAmount, parseBytes, parseDuration, parseShare, type Unit } from "../units.ts";
import type { ProfileSetting } from "./profile.ts";

export interface Option<T> {
  /** What stands for the value in the help: DURATION, BYTES, N. Empty for a flag. */
  readonly placeholder: string;
  readonly help: string;
  readonly default: T;
  /** The smallest honest value, for a first look and the conformance test. */
  readonly smoke: T;
  /** The profile's setting that replaces the default. */
  readonly profile?: ProfileSetting;
  /** Its name in the environment, where users already have one; else PROOFLOAD_<OPTION>. */
  readonly environment?: string;
  /** Answers the value, or says what was expected. */
  parse(text: string): T | Expected;
  format(value: T): string;
  /** A value between the smoke size (0) and the full one (1), where such a thing exists. */
  between?(full: T, share: number): T;
}

/** What an option wanted and did not get, as the end of a sentence: "a duration such as 90s". */
export class Expected {
  readonly what: string;
  constructor(what: string) {
    this.what = what;
  }
}

export type Options = Readonly<Record<string, Option<unknown>>>;
export type Values<O extends Options> = {
  readonly [K in keyof O]: O[K] extends Option<infer T> ? T : never;
};

interface NumberSpec {
  readonly default: string;
  readonly smoke?: string;
  readonly min?: string;
  readonly max?: string;
  readonly help: string;
  readonly profile?: ProfileSetting;
  readonly environment?: string;
}

export function duration(spec: NumberSpec): Option<number> {
  return numeric("DURATION", "a duration such as 500ms, 90s or 2h", "ms", parseDuration, spec);
}

export function bytes(spec: NumberSpec): Option<number> {
  return numeric("BYTES", "a size such as 64MiB or 2GB", "bytes", parseBytes, spec);
}

export function share(spec: NumberSpec): Option<number> {
  return numeric("SHARE", "a share such as 85% or 0.85", "share", parseShare, spec);
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

export function choice<const T extends string>(
  choices: readonly T[],
  spec: { readonly default: NoInfer<T>; readonly help: string },
): Option<T> {
  return {
    placeholder: choices.join("|"),
    help: spec.help,
    default: spec.default,
    smoke: spec.default,
    parse: (text) =>
      choices.find((candidate) => candidate === text) ?? new Expected(`one of ${choices.join(", ")}`),
    format: (value) => value,
  };
}

/** Some of these, as a comma-separated list: all of them, unless told otherwise. */
export function some<const T extends string>(
  choices: readonly T[],
  spec: { readonly help: string },
): Option<readonly T[]> {
  const one = choice(choices, { default: choices[0] as NoInfer<T>, help: "" });
  return {
    placeholder: `${choices.join("|")},…`,
    help: spec.help,
    default: choices,
    smoke: choices,
    parse: (text) => {
      const values = text.split(",").map((part) => one.parse(part.trim()));
      return values.find((value) => value instanceof Expected) ?? (values as T[]);
    },
    format: (values) => values.join(", "),
  };
}

export function flag(spec: { readonly help: string }): Option<boolean> {
  return {
    placeholder: "",
    help: spec.help,
    default: false,
    smoke: false,
    parse: (text) => {
      if (/^(true|1|yes)$/.test(text)) return true;
      if (/^(false|0|no)$/.test(text)) return false;
      return new Expected("true or false");
    },
    format: (value) => (value ? "yes" : "no"),
  };
}

/** Free text. `accepts` says what is expected of it where that is not anything. */
export function text(spec: {
  readonly default: string;
  readonly placeholder: string;
  readonly help: string;
  readonly accepts?: (text: string) => string | null;
}): Option<string> {
  return {
    placeholder: spec.placeholder,
    help: spec.help,
    default: spec.default,
    smoke: spec.default,
    parse: (value) => {
      const wrong = spec.accepts?.(value);
      return wrong ? new Expected(wrong) : value;
    },
    format: (value) => value,
  };
}

/** A folder that exists and can be written to, as an absolute path. */
export function folder(spec: { readonly default: string; readonly help: string }): Option<string> {
  return {
    placeholder: "DIR",
    help: spec.help,
    default: resolve(spec.default),
    smoke: resolve(spec.default),
    parse: (path) => {
      const wrong = refuseFolder(resolve(path));
      return wrong ? new Expected(`an existing folder that can be written to (${wrong})`) : resolve(path);
    },
    format: (path) => path,
  };
}

function refuseFolder(path: string): string | null {
  let stats: Stats | undefined;
  try {
    stats = statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    // a file, or a folder that may not be entered, on the way there
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
  if (!stats) return "there is none";
  if (!stats.isDirectory()) return "this is a file";
  const code = refuseWriting(path);
  return (
    code &&
    ({ EROFS: "its volume is read-only", EACCES: "no permission", ENOSPC: "its volume is full" }[code] ??
      code)
  );
}

/** The same option, which may also be left out: then its value is null, and the help says what that means. */
export function optional<T>(option: Option<T>, meaning: string): Option<T | null> {
  const { between: _, ...rest } = option;
  return {
    ...rest,
    default: null,
    smoke: option.smoke === option.default ? null : option.smoke,
    format: (value) => (value === null ? meaning : option.format(value)),
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
  };
}

/** The bytes that a portion of this whole is: never more than the whole. */
export function portionOf({ unit, value }: Portion, wholeBytes: number): number {
  return unit === "share" ? value * wholeBytes : Math.min(value, wholeBytes);
}
