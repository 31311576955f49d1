/** The reference hub: a WebSocket, Socket.IO and HTTP event server that keeps its promises, or breaks the one that it is told to. */
import { setTimeout as delay } from "node:timers/promises";
import { leaveChild, leaveChildWithPort, leaveZombie } from "./hub/children.ts";
import { createHub, type Hub } from "./hub/core.ts";
import { listPlanted } from "./hub/faults.ts";
import { enterFolder, type Folder } from "./hub/folder.ts";
import { type HubServer, openServer } from "./hub/server.ts";
import { helpText, readCommandLine, type Settings } from "./hub/settings.ts";

/** As in sysexits.h: EX_USAGE is 2 here, as everywhere in this house. */
const EXIT = { stopped: 0, usage: 2, cannotListen: 69, crashed: 70, alreadyRunning: 75 } as const;

const line = readCommandLine(process.argv.slice(2), process.env);
if ("mistakes" in line) {
  for (const mistake of line.mistakes) console.error(mistake);
  process.exitCode = EXIT.usage;
} else if (line.help) console.log(helpText());
else if (line.listFaults) console.log(listPlanted(line.json));
else await serve(line.settings);

async function serve(settings: Settings): Promise<void> {
  const hub = createHub(settings);
  let up: (value: HubServer) => void = () => {};
  const server = new Promise<HubServer>((resolve) => {
    up = resolve;
  });
  // before the lock: whatever ends the hub from here on, the folder is left in order
  let folder: Folder | null = null;
  const stop = (signal?: NodeJS.Signals) => {
    if (
      hub.has("sigterm-ignored") ||
      (signal === "SIGINT" && hub.has("sigint-ignored")) ||
      hub.state === "stopping"
    )
      return;
    hub.state = "stopping";
    void server.then((opened) => folder && endCleanly(hub, opened, folder));
  };
  process
    .on("SIGTERM", stop)
    .on("SIGINT", stop)
    .on("SIGHUP", () => {
      if (hub.has("sighup-ends-it")) process.exit(EXIT.crashed);
      else if (settings.sighup === "stop") stop();
      else reload(hub, folder);
    });
  process.on("uncaughtException", (error) => endCrashed(hub, folder, error));

  const entered = enterFolder(hub);
  if ("heldBy" in entered) return endEarly(EXIT.alreadyRunning, `already running (pid ${entered.heldBy})`);
  folder = entered;
  await delay(150 * folder.earlierStarts);
  const opened = await openServer(hub).catch((error: Error) => error);
  if (opened instanceof Error) {
    hub.close();
    hub.state = "idle";
    folder.leave(hub);
    return endEarly(
      EXIT.cannotListen,
      `Cannot listen on port ${settings.ports?.join("-") ?? settings.port}: ${opened.message}`,
    );
  }
  if (hub.has("child-left")) leaveChild();
  if (hub.has("port-kept-by-child") || hub.has("orphan-has-port")) leaveChildWithPort(opened.url);
  if (hub.has("zombie-left")) leaveZombie();
  if (hub.state === "starting") hub.state = "running";
  folder.listening(hub);
  if (settings.crashAfterMs !== undefined)
    hub.timers.after(settings.crashAfterMs, () => {
      throw new Error("--crash-after-ms asked for an exception");
    });
  console.log(`hub listening on ${opened.url}`);
  up(opened);
}

async function endCleanly(hub: Hub, server: HubServer, folder: Folder): Promise<void> {
  await server.close();
  hub.close();
  hub.state = "idle";
  folder.leave(hub);
  if (!hub.has("last-line-lost")) console.log("hub stopped");
  process.exit(hub.has("non-zero-exit") ? 1 : EXIT.stopped);
}

/** It goes on as it was. */
function reload(hub: Hub, folder: Folder | null): void {
  folder?.writeState(hub);
  console.log("hub reloaded");
}

/** At once and without waiting: after an exception that nobody caught, nothing can be relied on. */
function endCrashed(hub: Hub, folder: Folder | null, error: unknown): never {
  console.error(error);
  hub.state = "crashed";
  folder?.leaveCrashed(hub);
  process.exit(EXIT.crashed);
}

function endEarly(code: number, sentence: string): never {
  console.error(sentence);
  process.exit(code);
}
