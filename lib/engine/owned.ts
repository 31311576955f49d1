/** What of an engine's is a run's own: one mark, as a label of its containers and the name of its image. */
import { randomBytes } from "node:crypto";

export interface Owned {
  readonly mark: string;
  /** As DOCKER_HOST has it. */
  readonly host: string;
}

/** The label whose value is the mark. */
export const OWNER_LABEL = "proofload.run";

export function own(host: string): Owned {
  return { mark: randomBytes(6).toString("hex"), host };
}

export function imageOf({ mark }: Owned): string {
  return `proofload-${mark}`;
}

/** One word for a journal. */
export function writeOwned({ mark, host }: Owned): string {
  return `${mark} ${host}`;
}

/** Throws at what is none. */
export function readOwned(text: string): Owned {
  const { groups } = /^(?<mark>[0-9a-f]{12}) (?<host>\S+)$/.exec(text) ?? {};
  if (!groups?.mark || !groups.host) throw new Error(`expected a mark and an engine's place, got "${text}"`);
  return { mark: groups.mark, host: groups.host };
}
