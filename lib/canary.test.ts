/** Every kind of leak, planted: found by name and by the line that made it; taken away: silence. And what stays by design. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { closeSync, openSync, rmSync, unwatchFile, watch, watchFile, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { Agent, createServer as createHttpServer, get } from "node:http";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { MessageChannel, Worker } from "node:worker_threads";
import { Piscina } from "piscina";
import { request, Agent as UndiciAgent } from "undici";
import { findLeaks } from "./canary/leaks.ts";
import { createCanary, LeakError, withCanary } from "./canary.ts";

/** Nothing may be left, and what closes may take its time on a busy box. */
const STRICT = { allowed: 0, graceMs: 2000 };

/** Nothing may be left, now. */
const STRICT_NOW = { allowed: 0, graceMs: 0 };

async function leaksOf(make: () => Promise<() => unknown>) {
  const canary = createCanary(STRICT_NOW);
  await canary.arm();
  const undo = await make();
  const error = await canary.check().then(
    () => null,
    (reason: unknown) => reason,
  );
  await undo();
  assert.ok(error instanceof LeakError, String(error));
  return error;
}

interface Planted {
  readonly what: string;
  /** Makes it, and gives what takes it away. */
  readonly make: () => Promise<() => unknown>;
  /** What is told: names, each with whether its site is this file's. */
  readonly names: readonly RegExp[];
  readonly siteless?: true;
}

const PLANTED: readonly Planted[] = [
  {
    what: "a timer",
    make: async () => {
      const timer = setTimeout(() => {}, 60_000);
      return () => clearTimeout(timer);
    },
    names: [/^timer of 1 min$/],
  },
  {
    what: "an interval",
    make: async () => {
      const timer = setInterval(() => {}, 250);
      return () => clearInterval(timer);
    },
    names: [/^interval of 250 ms$/],
  },
  {
    what: "a server that listens a turn later, and both ends of a connection to it",
    make: async () => {
      const server = createServer().listen(0, "127.0.0.1");
      await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      const accepted = once(server, "connection");
      const client = connect(port, "127.0.0.1");
      const [socket] = await accepted;
      return () => [client.destroy(), socket.destroy(), server.close()];
    },
    names: [
      /^socket 127\.0\.0\.1:\d+ LISTEN$/,
      /^socket 127\.0\.0\.1:\d+ → 127\.0\.0\.1:\d+ ESTABLISHED$/,
      /^socket 127\.0\.0\.1:\d+ ← 127\.0\.0\.1:\d+ ESTABLISHED$/,
    ],
  },
  {
    what: "a server on a Unix socket that is unref'd: its descriptor stays all the same",
    make: async () => {
      const server = createServer().listen(join(tmpdir(), `canary-test-${process.pid}.sock`));
      await once(server, "listening");
      server.unref();
      return () => server.close();
    },
    names: [/^unix socket \/.*canary-test-\d+\.sock LISTEN$/],
  },
  {
    what: "a UDP socket",
    make: async () => {
      const socket = createSocket("udp4").bind(0, "127.0.0.1");
      await once(socket, "listening");
      return () => socket.close();
    },
    names: [/^udp socket 127\.0\.0\.1:\d+$/],
  },
  {
    what: "a child process and the pipe that it is heard by",
    make: async () => {
      const child = spawn("sleep", ["60"], { stdio: ["ignore", "pipe", "ignore"] });
      await once(child, "spawn");
      return () => {
        child.kill();
        return once(child, "close");
      };
    },
    names: [/^child process \d+$/, /^unix socket \(unnamed\)$/],
  },
  {
    what: "a worker that listens: one line, not its thread, its ports and its loop's descriptors",
    make: async () => {
      const worker = new Worker("setInterval(() => {}, 60_000)", { eval: true });
      worker.on("message", () => {});
      await once(worker, "online");
      return () => worker.terminate();
    },
    names: [/^worker thread \d+$/],
  },
  {
    what: "a message port",
    make: async () => {
      const { port1 } = new MessageChannel();
      port1.on("message", () => {});
      return () => port1.close();
    },
    names: [/^message port$/],
  },
  {
    what: "a watcher and a poller of files",
    make: async () => {
      const watcher = watch(tmpdir());
      watchFile("/etc/passwd", () => {});
      return () => [watcher.close(), unwatchFile("/etc/passwd")];
    },
    names: [/^file watcher$/, /^file poller$/],
  },
  {
    what: "a descriptor",
    make: async () => {
      const fd = openSync("/etc/passwd", "r");
      return () => closeSync(fd);
    },
    names: [/^\/etc\/passwd \(fd \d+\)$/],
    siteless: true,
  },
  {
    what: "a file handle",
    make: async () => {
      const file = await open("/etc/passwd");
      return () => file.close();
    },
    names: [/^file \/etc\/passwd$/],
    siteless: true,
  },
];

describe("the canary finds, and where it is taken away is silent about", { concurrency: 1 }, () => {
  for (const { what, make, names, siteless } of PLANTED) {
    test(what, async () => {
      const { leaks, message } = await leaksOf(make);
      assert.equal(leaks.length, names.length, message);
      for (const name of names) {
        const found = leaks.find((leak) => name.test(leak.name));
        assert.ok(found, `${name} in ${message}`);
        if (!siteless)
          assert.match(found.madeAt ?? "", /^lib\/canary\.test\.ts:\d+:\d+ \(.*make\)$/, message);
      }
      const canary = createCanary(STRICT);
      await canary.arm();
      await (await make())();
      assert.deepEqual(await canary.check(), []);
    });
  }
});

test("what was made before, and holds the process up only now, is found without its site", async () => {
  const timer = setInterval(() => {}, 60_000).unref();
  const { leaks } = await leaksOf(async () => {
    timer.ref();
    return () => clearInterval(timer);
  });
  assert.deepEqual(leaks, [{ name: "pending Timeout", madeAt: null }]);
});

test("threads that are no worker's are found: a native library's", () => {
  const before = { descriptors: null, threads: new Map([["1", "node"]]), active: [] };
  const threads = new Map([...before.threads, ["2", "libuv-worker"], ["3", "codec"]]);
  assert.deepEqual(findLeaks(before, { ...before, threads }, []), [
    { name: "thread codec (3)", madeAt: null },
  ]);
});

describe("the canary is silent about what stays by design", { concurrency: 1 }, () => {
  const silent = (what: string, make: () => Promise<() => unknown>) =>
    test(what, async () => {
      const canary = createCanary(STRICT);
      await canary.arm();
      const undo = await make();
      try {
        await canary.check();
      } finally {
        await undo();
      }
    });

  for (const [name, ask] of [
    ["fetch", async (url: string) => void (await (await fetch(url)).text())],
    ["an agent of undici", askByUndici],
    ["an agent of node:http", askByAgent],
  ] as const)
    test(`the idle connection of ${name}, and its other end`, async (t) => {
      const server = createHttpServer((_, response) => response.end("ok")).listen(0);
      t.after(() => server.close());
      await once(server, "listening");
      const canary = createCanary(STRICT);
      await canary.arm();
      await ask(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      await canary.check();
      assert.ok(await connectionsOf(server), "it is still there");
    });

  silent("unref'd timers, handlers of signals, workers of a pool that have nothing to do", async () => {
    const timer = setInterval(() => {}, 60_000).unref();
    const handler = () => {};
    process.on("SIGUSR2", handler);
    const filename = join(tmpdir(), `canary-test-${process.pid}.mjs`);
    writeFileSync(filename, "export default () => 1;");
    const pool = new Piscina({ filename, minThreads: 1, maxThreads: 1 });
    await pool.run(null);
    return async () => {
      rmSync(filename);
      clearInterval(timer);
      process.off("SIGUSR2", handler);
      await pool.destroy();
    };
  });

  silent("devices that are opened at first use", async () => {
    const fds = ["/dev/urandom", "/dev/null"].map((path) => openSync(path, "r"));
    return () => fds.forEach(closeSync);
  });

  test("a file that is closed and opened again elsewhere", async (t) => {
    const first = openSync("/etc/passwd", "r");
    const canary = createCanary(STRICT);
    await canary.arm();
    const between = openSync("/dev/null", "r");
    closeSync(first);
    const again = [openSync("/dev/null", "r"), openSync("/etc/passwd", "r")];
    t.after(() => [between, ...again].forEach(closeSync));
    await canary.check();
  });

  silent("what is gone within the grace", async () => {
    void delay(100);
    return () => {};
  });
});

async function askByUndici(url: string) {
  const dispatcher = new UndiciAgent();
  await (await request(url, { dispatcher })).body.text();
}

async function askByAgent(url: string) {
  const [response] = await once(get(url, { agent: new Agent({ keepAlive: true }) }), "response");
  await once(response.resume(), "end");
}

function connectionsOf(server: import("node:net").Server): Promise<number> {
  return new Promise((resolve, reject) =>
    server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  );
}

test("up to two things may be left, unless told otherwise, and what is allowed by name does not count", async (t) => {
  const timers = [60_000, 61_000, 62_000].map((ms) => ({ start: () => setTimeout(() => {}, ms) }));
  const leave = async (count: number, options = {}) => {
    const canary = createCanary({ graceMs: 0, ...options });
    await canary.arm();
    const left = timers.slice(0, count).map(({ start }) => start());
    t.after(() => left.forEach(clearTimeout));
    await canary.check();
  };
  await leave(2);
  await assert.rejects(leave(3), (error: LeakError) => {
    assert.match(
      error.message,
      /^3 things were left by the test \(allowed: 2\):\n( {2}timer of 1 min.*, made at .*\n?){3}$/,
    );
    return true;
  });
  await assert.rejects(leave(1, { allowed: 0 }), /^LeakError: 1 thing was left .* \(allowed: 0\)/);
  await leave(3, { allowed: 0, allow: [{ what: /^timer of 1 min/, why: "the clock of this test" }] });
});

test("withCanary() looks after all that the test left to t.after, and lets a failed body speak", async () => {
  const afters: (() => unknown)[] = [];
  const context = { after: (work: () => unknown) => void afters.push(work) };
  const leave = withCanary(async (t: typeof context, clear: boolean) => {
    const timer = setTimeout(() => {}, 300);
    t.after(() => clear && clearTimeout(timer));
  }, STRICT_NOW);
  const end = async () => {
    for (const work of afters.splice(0)) await work();
  };
  await leave(context, true);
  await end();
  await leave(context, false);
  await assert.rejects(end(), LeakError);
  const failing = withCanary(() => Promise.reject(new Error("news")));
  await assert.rejects(failing(), { message: "news" });
  await assert.rejects(withCanary(() => void setTimeout(() => {}, 300), STRICT_NOW)(), LeakError);
});

test("a canary that is not armed, or allows nothing sensible, says so", async () => {
  await assert.rejects(createCanary().check(), /the canary is not armed/);
  assert.throws(() => createCanary({ allowed: Number.NaN }), /expected allowed from 0 up, got NaN/);
  assert.throws(() => createCanary({ graceMs: -1 }), /expected graceMs from 0 up, got -1/);
});
