/** What an option is: how it is read, written, and shrunk for a quick look. */
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
  /** What is written after it is nobody else's business: no report shows it. */
  readonly secret?: true;
  /** Answers the value, or says what was expected. */
  parse(text: string): T | Expected;
  /** Of an option that may be given several times: what each text of it is. `parse` reads several from one variable. */
  readonly item?: Option<unknown>;
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

/** The same option, which may also be left out: then its value is null, and the help says what that means. */
export function optional<T>(option: Option<T>, meaning: string): Option<T | null> {
  const { between } = option;
  return {
    ...option,
    default: null,
    smoke: option.smoke === option.default ? null : option.smoke,
    format: (value) => (value === null ? meaning : option.format(value)),
    // left out it stands for its own default: all of it
    ...(between && { between: (full: T | null, part: number) => between(full ?? option.default, part) }),
  };
}

/**
 * An option that may be given several times, each with a value like the given one's: `--channel a --channel b`. In the
 * environment the values are separated by blanks. None given is an empty list, and the help says what that means.
 */
export function repeatable<T>(item: Option<T>, meaning: string): Option<readonly T[]> {
  return {
    ...{ placeholder: item.placeholder, help: `${item.help}; repeatable`, default: [], smoke: [] },
    item,
    parse: (text) => {
      const values = text
        .split(/\s+/)
        .filter(Boolean)
        .map((word) => item.parse(word));
      return values.find((value) => value instanceof Expected) ?? (values as T[]);
    },
    format: (values) => (values.length === 0 ? meaning : values.map((value) => item.format(value)).join(" ")),
  };
}
