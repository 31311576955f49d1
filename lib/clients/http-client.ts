/** One connection for many HTTP requests, one after another: what is loaded by them is the server, not its accept queue. */
import type { Dispatcher } from "undici";

export interface HttpClient {
  /** Rejects with what went wrong, also where the status says so. */
  ask(url: string, question: Question): Promise<void>;
  close(): Promise<void>;
}

type Question = Pick<Dispatcher.RequestOptions, "headers" | "body"> & { readonly method?: "POST" };

/** The library is loaded here, as help and lists do without it. */
export function openHttpClient(timeoutMs: number): HttpClient {
  const loaded = import("undici").then(({ Agent, request }) => {
    const timeouts = { headersTimeout: timeoutMs, bodyTimeout: timeoutMs };
    return { request, agent: new Agent({ connections: 1, pipelining: 1, ...timeouts }) };
  });
  return {
    async ask(url, question) {
      const { request, agent } = await loaded;
      const { statusCode, body } = await request(url, { ...question, dispatcher: agent });
      await body.dump();
      if (statusCode >= 400) throw new Error(`HTTP ${statusCode}`);
    },
    close: async () => (await loaded).agent.close(),
  };
}
