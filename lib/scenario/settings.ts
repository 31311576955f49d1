/** Finds each option's value, flag before environment before target file before profile before default, and remembers where it came from. */
import { Expected, type Option, type Options, type Values } from "./option.ts";
import { PROFILES, type ProfileName } from "./profile.ts";

/** A value as the report shows it. */
interface Setting {
  readonly name: string;
  readonly value: string;
  readonly source: string;
}

export interface Settings<O extends Options> {
  readonly values: Values<O>;
  readonly settings: readonly Setting[];
  /** What the user set, by flag, environment or target file. */
  readonly given: ReadonlySet<keyof O>;
  readonly mistakes: readonly string[];
}

export interface SettingSources {
  /** What the command line said, by option key: every text given for it. */
  readonly flags: ReadonlyMap<string, readonly string[]>;
  readonly environment: NodeJS.ProcessEnv;
  /** What the target file says, by the option's name without dashes. */
  readonly file?: Readonly<Record<string, string>>;
  readonly profile: ProfileName;
  /** Between 0, every option's smoke size, and 1, the full defaults; `why` is told as the source. */
  readonly size: { readonly share: number; readonly why: string };
}

export function resolveSettings<O extends Options>(options: O, sources: SettingSources): Settings<O> {
  const values: Record<string, unknown> = {};
  const settings: Setting[] = [];
  const given = new Set<keyof O>();
  const mistakes: string[] = [];
  for (const [key, option] of Object.entries(options)) {
    const { value, source, set, mistakes: wrong } = resolveOne(key, option, sources);
    mistakes.push(...wrong);
    if (set) given.add(key);
    values[key] = value;
    settings.push({ name: flagName(key), value: option.format(value), source });
  }
  return { values: values as Values<O>, settings, given, mistakes };
}

interface Resolved {
  readonly value: unknown;
  readonly source: string;
  readonly set: boolean;
  readonly mistakes: readonly string[];
}

function resolveOne(key: string, option: Option<unknown>, sources: SettingSources): Resolved {
  const flags = sources.flags.get(key) ?? [];
  if (option.item && flags.length > 0) return parseEach(`--${flagName(key)}`, option, option.item, flags);
  if (flags.length > 1) {
    const mistake = `Cannot take --${flagName(key)} more than once: got ${flags.map((text) => `"${text}"`).join(" and ")}`;
    return { value: option.default, source: "flag", set: true, mistakes: [mistake] };
  }
  const [flag] = flags;
  if (flag !== undefined) return parse(`--${flagName(key)}`, option, flag, "flag");
  const variable = variableName(key, option);
  const text = sources.environment[variable];
  if (text !== undefined && text !== "") return parse(variable, option, text, `environment ${variable}`);
  const written = sources.file?.[flagName(key)];
  if (written !== undefined)
    return parse(`option ${flagName(key)} of the target file`, option, written, "target file");
  return fallBack(option, sources);
}

function parseEach(
  name: string,
  option: Option<unknown>,
  item: Option<unknown>,
  texts: readonly string[],
): Resolved {
  const parsed = texts.map((text) => parse(name, item, text, "flag"));
  const mistakes = parsed.flatMap((one) => one.mistakes);
  const value = mistakes.length > 0 ? option.default : parsed.map((one) => one.value);
  return { value, source: "flag", set: true, mistakes };
}

function parse(name: string, option: Option<unknown>, text: string, source: string): Resolved {
  const value = option.parse(text);
  if (!(value instanceof Expected)) return { value, source, set: true, mistakes: [] };
  const mistake = `Cannot read ${name}: expected ${value.what}, got "${text}"`;
  return { value: option.default, source, set: true, mistakes: [mistake] };
}

function fallBack(option: Option<unknown>, { profile, size }: SettingSources): Resolved {
  const full = option.profile ? PROFILES[profile][option.profile] : option.default;
  const shrinks = option.format(option.smoke) !== option.format(full);
  if (shrinks && size.share === 0) return { value: option.smoke, source: size.why, set: false, mistakes: [] };
  if (shrinks && size.share < 1 && option.between) {
    return { value: option.between(full, size.share), source: size.why, set: false, mistakes: [] };
  }
  return { value: full, source: option.profile ? `profile ${profile}` : "default", set: false, mistakes: [] };
}

/** "reachWithin" is --reach-within. */
export function flagName(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** "reachWithin" is PROOFLOAD_REACH_WITHIN, but where users already have a name for it. */
export function variableName(key: string, option: Option<unknown>): string {
  return option.environment ?? `PROOFLOAD_${flagName(key).replaceAll("-", "_").toUpperCase()}`;
}
