/** Options that are words: choices, flags, free text and folders. */
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { refuseWriting } from "../host/writable.ts";
import { Expected, type Option } from "./option.ts";

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

/** Some of these, as a comma-separated list: all of them, unless told or declared otherwise. */
export function some<const T extends string>(
  choices: readonly T[],
  spec: { readonly help: string; readonly default?: readonly NoInfer<T>[] },
): Option<readonly T[]> {
  const usual = spec.default ?? choices;
  const one = choice(choices, { default: choices[0] as NoInfer<T>, help: "" });
  return {
    placeholder: `${choices.join("|")},…`,
    help: spec.help,
    default: usual,
    smoke: usual,
    parse: (text) => {
      const values = text.split(",").map((part) => one.parse(part.trim()));
      return values.find((value) => value instanceof Expected) ?? (values as T[]);
    },
    format: (values) => values.join(", "),
  };
}

export function flag(spec: { readonly help: string; readonly smoke?: boolean }): Option<boolean> {
  return {
    placeholder: "",
    help: spec.help,
    default: false,
    smoke: spec.smoke ?? false,
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
  try {
    if (!statSync(path).isDirectory()) return "this is a file";
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    // others: a file, or a folder that may not be entered, on the way there
    return code === "ENOENT" ? "there is none" : code;
  }
  const code = refuseWriting(path);
  return (
    code &&
    ({ EROFS: "its volume is read-only", EACCES: "no permission", ENOSPC: "its volume is full" }[code] ??
      code)
  );
}
