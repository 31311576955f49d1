/** Tells a monitor of cron jobs that a run began and how it ended, as healthchecks.io has it: URL/start, URL, URL/<exit code>. */
import { request } from "undici";

/** A monitor that does not answer keeps nobody waiting for longer. */
const PATIENCE_MS = 10_000;
/** What such monitors keep of it. */
const MOST_BYTES = 10_000;

/** Null when it was told, else why not. Never throws. */
export async function ping(url: string, signal: "start" | number, text = ""): Promise<string | null> {
  const to = new URL(url);
  to.pathname = `${to.pathname.replace(/\/$/, "")}${signal === 0 ? "" : `/${signal}`}`;
  try {
    const { statusCode, body } = await request(to, {
      method: "POST",
      body: Buffer.from(text).subarray(0, MOST_BYTES),
      headers: { "content-type": "text/plain; charset=utf-8" },
      signal: AbortSignal.timeout(PATIENCE_MS),
      reset: true,
    });
    await body.dump();
    return statusCode < 300 ? null : `Cannot ping ${to.origin}: expected HTTP 200, got ${statusCode}`;
  } catch (error) {
    // the path is a secret: whoever has it can say that all is well
    return `Cannot ping ${to.origin}: ${(error as Error).message}`;
  }
}
