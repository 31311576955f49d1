/** A real Chromium, by its DevTools protocol: pages of ours as people see them, at any size, light or dark, with and without script. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { WebSocket } from "ws";
import { z } from "zod";

export const noBrowser = spawnSync("chromium", ["--version"]).error ? "chromium is not installed" : null;

const FLAGS = [
  ...["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run"],
  // nothing of it may leave this box, and nothing here depends on the time of day
  ...[
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
  ],
];

/** For a browser to end by itself. */
const PATIENCE_MS = 20_000;

interface Page {
  /** Loads it, to its end. */
  open(url: string): Promise<void>;
  /** In pixels of CSS; on a phone there is no minimum. */
  resize(width: number, height: number): Promise<void>;
  prefer(scheme: "light" | "dark"): Promise<void>;
  allowScript(allowed: boolean): Promise<void>;
  /** What an expression is, as JSON; of a promise what it becomes. */
  evaluate(expression: string): Promise<unknown>;
  /** The whole page as a PNG. */
  screenshot(): Promise<Buffer>;
  print(): Promise<Buffer>;
}

export interface Browser {
  readonly page: Page;
  close(): Promise<void>;
}

const answer = z.object({
  id: z.number().optional(),
  method: z.string().optional(),
  result: z.unknown().optional(),
  error: z.object({ message: z.string() }).optional(),
});

export async function startBrowser(): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), "browser-test-"));
  const child = spawn("chromium", [...FLAGS, `--user-data-dir=${profile}`, "about:blank"], {
    stdio: ["ignore", "ignore", "pipe"],
    // a group of its own, which can be ended as one
    detached: true,
  });
  const ended = once(child, "exit");
  const address = await readAddress(child.stderr);
  const targets = z
    .array(z.object({ type: z.string(), webSocketDebuggerUrl: z.string() }))
    .parse(await (await fetch(`http://${new URL(address).host}/json`)).json());
  const target = targets.find(({ type }) => type === "page");
  if (!target) throw new Error("Cannot drive chromium: expected a page");
  const socket = new WebSocket(target.webSocketDebuggerUrl, { perMessageDeflate: false });
  await once(socket, "open");
  const page = drive(socket);
  await page.send("Page.enable");
  return {
    page: pageOf(page),
    async close() {
      // asked to, it ends its own children first; killed, they would go on writing to its folder
      page.send("Browser.close").catch(() => {});
      const late = setTimeout(() => process.kill(-(child.pid ?? 0), "SIGKILL"), PATIENCE_MS);
      await ended;
      clearTimeout(late);
      socket.terminate();
      rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}

async function readAddress(stderr: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: stderr })) {
    const [, address] = /^DevTools listening on (ws:\S+)/.exec(line) ?? [];
    if (address) {
      stderr.resume();
      return address;
    }
  }
  throw new Error("Cannot drive chromium: it ended before it listened");
}

interface Driver {
  send(method: string, params?: object): Promise<unknown>;
  next(event: string): Promise<void>;
}

function drive(socket: WebSocket): Driver {
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  const events = new Map<string, () => void>();
  let last = 0;
  socket.on("message", (data) => {
    const { id, method, result, error } = answer.parse(JSON.parse(String(data)));
    if (method) events.get(method)?.();
    const asked = id === undefined ? undefined : waiting.get(id);
    if (error) asked?.reject(new Error(error.message));
    else asked?.resolve(result);
  });
  return {
    send: (method, params = {}) =>
      new Promise((resolve, reject) => {
        waiting.set(++last, { resolve, reject });
        socket.send(JSON.stringify({ id: last, method, params }));
      }),
    next: (event) => new Promise((resolve) => events.set(event, resolve)),
  };
}

const evaluated = z.object({
  result: z.object({ value: z.unknown().optional() }),
  exceptionDetails: z.unknown().optional(),
});
const picture = z.object({ data: z.string() });

function pageOf({ send, next }: Driver): Page {
  return {
    async open(url) {
      const loaded = next("Page.loadEventFired");
      await send("Page.navigate", { url });
      await loaded;
    },
    async resize(width, height) {
      await send("Emulation.setDeviceMetricsOverride", {
        width,
        height,
        deviceScaleFactor: 1,
        mobile: false,
      });
    },
    async prefer(value) {
      await send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value }] });
    },
    async allowScript(allowed) {
      await send("Emulation.setScriptExecutionDisabled", { value: !allowed });
    },
    async evaluate(expression) {
      const { result, exceptionDetails } = evaluated.parse(
        await send("Runtime.evaluate", { expression, returnByValue: true, awaitPromise: true }),
      );
      if (exceptionDetails)
        throw new Error(`Cannot evaluate ${expression}: ${JSON.stringify(exceptionDetails)}`);
      return result.value;
    },
    async screenshot() {
      const { data } = picture.parse(await send("Page.captureScreenshot", { captureBeyondViewport: true }));
      return Buffer.from(data, "base64");
    },
    async print() {
      return Buffer.from(picture.parse(await send("Page.printToPDF")).data, "base64");
    },
  };
}
