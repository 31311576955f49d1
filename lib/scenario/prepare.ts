/** Turns a command line into a run that can start, or into the list of everything that is wrong with it. */
import { randomInt } from "node:crypto";
import { resolve } from "node:path";
import { type HostFacts, readHostFacts } from "../host/facts.ts";
import type { Report } from "../report/report.ts";
import { hubSpec } from "../target/hub.ts";
import type { TargetSpec } from "../target/spec.ts";
import { formatBytes, formatDuration } from "../units.ts";
import { readCommandLine } from "./command-line.ts";
import { allOptions, type CommonOptions, commonOptions } from "./common-options.ts";
import { readFileOptions } from "./file-options.ts";
import type { Options, Values } from "./option.ts";
import { detectProfile, type ProfileName } from "./profile.ts";
import { refuseOut } from "./reports-folder.ts";
import type { Plan, Scenario } from "./scenario.ts";
import { resolveSettings, type SettingSources, type Settings } from "./settings.ts";
import { resolveTarget, type TargetOptions, type TargetValues, targetOptions } from "./target-options.ts";

/** What starting and ending a run take beside its phases, ms: threads, report, verdict. */
export const OVERHEAD_MS = 3000;

export interface Prepared<O extends Options> {
  readonly host: HostFacts;
  readonly common: Values<CommonOptions>;
  readonly values: Values<O>;
  /** Which of the scenario's own options the user set. */
  readonly given: ReadonlySet<keyof O>;
  /** Which of those about the target. */
  readonly givenOfTarget: ReadonlySet<keyof TargetOptions>;
  readonly settings: Report["settings"];
  readonly profile: { readonly name: ProfileName; readonly because: string };
  readonly seed: number;
  readonly plan: Plan;
  /** What is put under load, or runs beside it; null where nothing is. */
  readonly target: { readonly spec: TargetSpec; readonly isHub: boolean } | null;
  /** The reports folder, absolute. */
  readonly out: string;
}

export type Preparation<O extends Options> =
  | { readonly kind: "help" }
  | { readonly kind: "mistakes"; readonly mistakes: readonly string[] }
  | ({ readonly kind: "ready" } & Prepared<O>);

/** What a scenario says before it runs. */
export type Plannable<O extends Options> = Pick<
  Scenario<O, unknown>,
  "options" | "contradictions" | "plan" | "target"
>;

/** `name`: of the scenario, by which target files give it options. */
export async function prepareRun<O extends Options>(
  name: string,
  scenario: Plannable<O>,
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
  host: HostFacts = readHostFacts(),
): Promise<Preparation<O>> {
  const line = readCommandLine(allOptions(scenario), words);
  if (line.help) return { kind: "help" };
  const detected = detectProfile(environment);
  const plain = {
    flags: line.flags,
    environment,
    profile: detected.name,
    size: { share: 1, why: "default" },
  };
  const first = resolveSettings(commonOptions, plain);
  const chosen = first.values.profile;
  const profile = chosen ? { name: chosen, because: "chosen" } : detected;
  const smoke = { share: 0, why: "smoke" };
  const sized = { ...plain, profile: profile.name, ...(first.values.smoke && { size: smoke }) };
  const aimed = await aim(name, scenario, sized);
  const sources = { ...sized, file: aimed.options };
  const common = resolveSettings(commonOptions, sources);
  const own = resolveSettings(scenario.options, sources);
  const out = resolve(common.values.out);
  const mistakes = [...line.mistakes, ...common.mistakes, ...aimed.mistakes, ...own.mistakes];
  const readable = mistakes.length === 0;
  if (readable) mistakes.push(...(scenario.contradictions?.(own.values, host, own.given, aimed.spec) ?? []));
  if (!common.values.dryRun) mistakes.push(...refuseOut(out));
  const fitted = readable
    ? fitBudget(scenario, own, { ...sources, host, target: aimed.spec, budgetMs: common.values.budget })
    : own;
  if ("mistake" in fitted) mistakes.push(fitted.mistake);
  if (mistakes.length > 0 || "mistake" in fitted) return { kind: "mistakes", mistakes };
  const plan = scenario.plan(fitted.values, host, aimed.spec);
  const tooMuch = refusePeak(plan, host);
  if (tooMuch) return { kind: "mistakes", mistakes: [tooMuch] };
  return {
    kind: "ready",
    host,
    common: { ...common.values, ...aimed.values },
    values: fitted.values,
    given: own.given,
    givenOfTarget: aimed.given,
    settings: [...fitted.settings, ...aimed.settings, ...common.settings],
    profile,
    seed: common.values.seed ?? randomInt(2 ** 31),
    plan,
    target: aimTarget(scenario, aimed.spec, fitted.values),
    out,
  };
}

interface Aimed {
  readonly spec: TargetSpec | null;
  readonly values: TargetValues;
  readonly settings: Settings<TargetOptions>["settings"];
  readonly given: ReadonlySet<keyof TargetOptions>;
  /** What the target file says of other options. */
  readonly options: Readonly<Record<string, string>>;
  readonly mistakes: readonly string[];
}

/** Which target the command line and its file name. */
async function aim<O extends Options>(
  name: string,
  scenario: Plannable<O>,
  sources: SettingSources,
): Promise<Aimed> {
  const { values, given, mistakes } = resolveSettings(targetOptions, sources);
  const nothing = { spec: null, values, given, settings: [], options: {} };
  if (scenario.target?.role === "none") return { ...nothing, mistakes: [] };
  // schemas: nothing that a run without a file should wait for
  const { readTargetFile } = values.target === null ? {} : await import("../target/target-file.ts");
  const file = readTargetFile && values.target !== null ? readTargetFile(values.target) : { spec: null };
  if ("mistakes" in file) return { ...nothing, mistakes: [...mistakes, ...file.mistakes] };
  const written = readFileOptions(name, allOptions(scenario), file.spec?.options ?? {});
  // what could not be read would be missed there, too
  const resolved = mistakes.length > 0 ? { mistakes } : resolveTarget(values, file.spec);
  if ("mistakes" in resolved) return { ...nothing, mistakes: [...resolved.mistakes, ...written.mistakes] };
  const { options } = written;
  const again = resolveSettings(targetOptions, { ...sources, file: options });
  return {
    spec: resolved.spec,
    values: again.values,
    settings: again.settings,
    given: again.given,
    options,
    mistakes: [...written.mistakes, ...again.mistakes],
  };
}

function aimTarget<O extends Options>(scenario: Plannable<O>, spec: TargetSpec | null, values: Values<O>) {
  const { role, hub, hubEnvironment, headers } = scenario.target ?? { role: "beside" };
  const introduced = (known: TargetSpec) => ({ ...known, headers: headers?.(values) ?? {} });
  if (spec) return { spec: introduced(spec), isHub: false };
  return role === "loaded" || role === "driven"
    ? { spec: introduced(hubSpec(hub?.(values) ?? [], hubEnvironment)), isHub: true }
    : null;
}

/** More than there is would not exhaust the box but have us killed. */
function refusePeak(
  { peak: { memoryBytes = 0 } }: Plan,
  { memoryLimitBytes, memoryLimitedBy }: HostFacts,
): string | null {
  if (memoryBytes <= memoryLimitBytes) return null;
  const most = `${formatBytes(memoryLimitBytes)} (${memoryLimitedBy})`;
  return `Cannot take ${formatBytes(memoryBytes)} of memory: expected at most ${most}, by other options`;
}

interface Conditions {
  readonly host: HostFacts;
  readonly target: TargetSpec | null;
  readonly budgetMs: number | null;
}

type Fitted<O extends Options> = Settings<O> | { readonly mistake: string };

/** The largest size whose plan keeps to the budget, by bisection: what the user set stays as it is. */
function fitBudget<O extends Options>(
  scenario: Plannable<O>,
  full: Settings<O>,
  { host, target, budgetMs, ...sources }: SettingSources & Conditions,
): Fitted<O> {
  if (budgetMs === null) return full;
  const why = `budget ${formatDuration(budgetMs)}`;
  const at = (share: number) => resolveSettings(scenario.options, { ...sources, size: { share, why } });
  const takes = (settings: Settings<O>) =>
    scenario.plan(settings.values, host, target).durationMs + OVERHEAD_MS;
  if (takes(full) <= budgetMs) return full;
  let fits = at(0);
  if (takes(fits) > budgetMs) {
    const least = formatDuration(takes(fits));
    return {
      mistake: `Cannot keep to --budget: expected at least ${least} for these options, got ${formatDuration(budgetMs)}`,
    };
  }
  for (let low = 0, high = 1, step = 0; step < 20; step++) {
    const middle = (low + high) / 2;
    const tried = at(middle);
    if (takes(tried) <= budgetMs) [low, fits] = [middle, tried];
    else high = middle;
  }
  return fits;
}
