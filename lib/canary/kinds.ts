/** The kinds of resources that are followed from their making: how async_hooks, process.getActiveResourcesInfo() and people call them. */

export interface Kind {
  readonly word: string;
  /** In the list of what keeps the process alive; null where it never stands there. */
  readonly listed: string | null;
}

/** By the type that async_hooks gives. Promises, ticks and requests are too many, and no handles. */
export const KINDS: ReadonlyMap<string, Kind> = new Map([
  ["TCPWRAP", { word: "TCP socket", listed: "TCPSocketWrap" }],
  ["TCPSERVERWRAP", { word: "TCP server", listed: "TCPServerWrap" }],
  ["PIPEWRAP", { word: "unix socket or pipe", listed: "PipeWrap" }],
  ["PIPESERVERWRAP", { word: "unix socket server", listed: "PipeWrap" }],
  ["UDPWRAP", { word: "UDP socket", listed: "UDPWrap" }],
  ["TTYWRAP", { word: "terminal", listed: "TTYWrap" }],
  ["PROCESSWRAP", { word: "child process", listed: "ProcessWrap" }],
  ["WORKER", { word: "worker thread", listed: null }],
  ["MESSAGEPORT", { word: "message port", listed: "MessagePort" }],
  ["FSEVENTWRAP", { word: "file watcher", listed: "FSEventWrap" }],
  ["STATWATCHER", { word: "file poller", listed: "StatWatcher" }],
  ["SIGNALWRAP", { word: "signal handler", listed: "SignalWrap" }],
  ["FILEHANDLE", { word: "file", listed: null }],
  ["Timeout", { word: "timer", listed: "Timeout" }],
]);

/** Requests on a handle that is told itself, as the list calls them. */
export const PART_OF_A_HANDLE = /(Connect|Write|Shutdown|Send)Wrap$/;
