/** Settings that belong to an environment rather than to a scenario, and how the environment is told. */
import { MIB } from "../units.ts";

/** Times in ms, sizes in bytes. */
interface Profile {
  readonly cleanupTimeout: number;
  readonly emergencyCleanupTimeout: number;
  readonly stressCycles: number;
  readonly stressDuration: number;
  readonly memoryGrowthLimit: number;
}
export type ProfileSetting = keyof Profile;
export type ProfileName = keyof typeof PROFILES;

export const PROFILES = {
  ci: profile(1000, 10_000, 50, 20_000, 50),
  test: profile(500, 5000, 100, 30_000, 100),
  development: profile(300, 3000, 75, 25_000, 150),
  staging: profile(750, 7500, 100, 30_000, 100),
  production: profile(500, 5000, 100, 30_000, 100),
} as const satisfies Record<string, Profile>;

export const PROFILE_NAMES = Object.keys(PROFILES) as ProfileName[];

/** What the environment variables say this is, and which of them said so. */
export function detectProfile(environment: NodeJS.ProcessEnv): { name: ProfileName; because: string } {
  for (const variable of ["CI", "GITHUB_ACTIONS"]) {
    if (isTruthy(environment[variable])) return { name: "ci", because: `${variable} is set` };
  }
  const named = PROFILE_NAMES.find((name) => name === environment.ENVIRONMENT?.toLowerCase());
  if (named) return { name: named, because: `ENVIRONMENT=${environment.ENVIRONMENT}` };
  return { name: "development", because: "nothing in the environment says otherwise" };
}

function isTruthy(value: string | undefined): boolean {
  return value !== undefined && !["", "0", "false", "no"].includes(value.toLowerCase());
}

function profile(
  cleanupTimeout: number,
  emergencyCleanupTimeout: number,
  stressCycles: number,
  stressDuration: number,
  memoryGrowthLimitMib: number,
): Profile {
  return {
    cleanupTimeout,
    emergencyCleanupTimeout,
    stressCycles,
    stressDuration,
    memoryGrowthLimit: memoryGrowthLimitMib * MIB,
  };
}
