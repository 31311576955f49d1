/** One JSON document to a server, on a connection of its own: one that is kept would be counted among those that are left over. */
import { openHttpClient } from "./http-client.ts";

const WITHIN_MS = 10_000;

/** Rejects with what went wrong, also where the status says so. An empty text is no document, and asks all the same. */
export async function postJson(
  url: string,
  headers: Readonly<Record<string, string>>,
  text: string,
): Promise<void> {
  const client = openHttpClient(WITHIN_MS);
  const question = {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body: text,
  } as const;
  await client.ask(url, question).finally(client.close);
}
