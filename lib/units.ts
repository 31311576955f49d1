/** Durations, sizes and shares as people write them, to and from milliseconds, bytes and 0..1. */

const MS_PER: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

const BYTES_PER: Record<string, number> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
  // one letter is binary, as in docker, stress-ng and dd
  k: 2 ** 10,
  m: 2 ** 20,
  g: 2 ** 30,
  t: 2 ** 40,
};

export const KIB = 2 ** 10;
export const MIB = 2 ** 20;
export const GIB = 2 ** 30;

/** Reads "90s", "1h30m", "250ms" or a bare number of seconds. Answers milliseconds, or null when it is none of these. */
export function parseDuration(text: string): number | null {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return null;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    total += Number(amount) * (MS_PER[unit ?? ""] ?? Number.NaN);
  }
  return total;
}

/** Reads "512MiB", "10MB", "4g" or a bare number of bytes. Answers whole bytes, or null when it is none of these. */
export function parseBytes(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]?i?b?)$/i.exec(text);
  const scale = match?.[2] ? BYTES_PER[match[2].toLowerCase()] : 1;
  return match && scale ? Math.round(Number(match[1]) * scale) : null;
}

/** Reads "85%" or "0.85". Answers 0..1, or null when it is neither or lies outside. */
export function parseShare(text: string): number | null {
  const share = parseMultiple(text);
  return share !== null && share <= 1 ? share : null;
}

/** A share that may be more than the whole: "200%", or "2". */
export function parseMultiple(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(text);
  if (!match) return null;
  return match[2] ? Number(match[1]) / 100 : Number(match[1]);
}

export function formatDuration(ms: number): string {
  if (ms < 1000) return `${round(ms, ms < 10 ? 1 : 0)} ms`;
  if (ms < 60_000) return `${round(ms / 1000, ms < 10_000 ? 1 : 0)} s`;
  const totalSeconds = Math.round(ms / 1000);
  const hours = Math.floor(totalSeconds / 3600);
  const minutes = Math.floor((totalSeconds % 3600) / 60);
  const seconds = totalSeconds % 60;
  const parts = [hours && `${hours} h`, minutes && `${minutes} min`, !hours && seconds && `${seconds} s`];
  return parts.filter(Boolean).join(" ");
}

/** Binary units, but for whole megabytes and gigabytes, which somebody wrote so. */
export function formatBytes(bytes: number): string {
  const magnitude = Math.abs(bytes);
  if (magnitude >= 1e6 && bytes % 1e6 === 0)
    return bytes % 1e9 === 0 ? `${bytes / 1e9} GB` : `${bytes / 1e6} MB`;
  const [scale, unit] =
    magnitude >= GIB
      ? ([GIB, "GiB"] as const)
      : magnitude >= MIB
        ? ([MIB, "MiB"] as const)
        : magnitude >= KIB
          ? ([KIB, "KiB"] as const)
          : ([1, "B"] as const);
  const value = bytes / scale;
  return `${round(value, scale === 1 || Math.abs(value) >= 100 ? 0 : 1)} ${unit}`;
}

export function formatShare(share: number): string {
  return `${round(share * 100, 1)} %`;
}

/** The units in which something is measured, asked for or limited. */
export type Unit = "bytes" | "ms" | "share" | "count";

export function formatAmount(value: number, unit: Unit): string {
  if (unit === "bytes") return formatBytes(value);
  if (unit === "ms") return formatDuration(value);
  if (unit === "share") return formatShare(value);
  return round(value, 2).toLocaleString("en-US").replaceAll(",", " ");
}

/** By how much something grows in a cycle or an hour: things may come one in many. */
export function formatRate(value: number, unit: Unit): string {
  return unit === "bytes" ? formatBytes(value) : String(Number(value.toPrecision(2)));
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
