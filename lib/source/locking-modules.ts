/**
 * Modules that import each other and take locks while they are loaded, by several threads at once; and ES modules in a circle
 * that wait at their top. Healthy: locks are taken in one order, and nobody waits for an import that waits for it. Planted:
 * each takes its own lock and then its neighbour's; each awaits an `import()` of the other. Each corpus has a program that
 * ends with a line of JSON: {"waits": [...]}, empty where all was imported.
 */
import type { Corpus } from "./corpus.ts";

export const LOCKING_CASES = ["threads", "awaits", "python"] as const;
export type LockingCase = (typeof LOCKING_CASES)[number];

export interface Locking {
  /** At once; each begins with another module. */
  readonly threads: number;
  readonly planted: boolean;
  /** How long nobody has to get on before it is a deadlock, ms. */
  readonly patienceMs: number;
}

export function makeLocking(
  of: LockingCase,
  locking: Locking,
): { readonly corpus: Corpus; readonly entry: string } {
  return CASES[of](locking);
}

const CASES: Readonly<Record<LockingCase, (locking: Locking) => { corpus: Corpus; entry: string }>> = {
  threads: (locking) => ({
    entry: "main.cjs",
    corpus: Object.fromEntries([
      ["main.cjs", threadsProgram(locking)],
      ...numbers(locking).map((number) => [`module${number}.cjs`, lockingModule(number, locking)]),
    ]),
  }),
  awaits: ({ planted }) => ({
    entry: "main.mjs",
    corpus: {
      "main.mjs": 'await import("./first.mjs");\nconsole.log(JSON.stringify({ waits: [] }));\n',
      "first.mjs": waitingModule("second", planted),
      "second.mjs": waitingModule("third", planted),
      "third.mjs": waitingModule("first", planted),
    },
  }),
  python: (locking) => ({
    entry: "main.py",
    corpus: Object.fromEntries([
      ["main.py", pythonProgram(locking)],
      ["locks.py", PYTHON_LOCKS],
      ...numbers(locking).map((number) => [`module${number}.py`, pythonModule(number, locking)]),
    ]),
  }),
};

function numbers({ threads }: Locking): number[] {
  return Array.from({ length: threads }, (_, number) => number);
}

/** Its own lock and its neighbour's: in the order of their numbers, or each its own first, once everybody has that. */
function lockingModule(number: number, { threads, planted }: Locking): string {
  const neighbour = (number + 1) % threads;
  const order = planted ? [number, neighbour] : [number, neighbour].sort((a, b) => a - b);
  return [
    `const { take, release, meet } = globalThis.locks;`,
    `take(${order[0]});`,
    ...(planted ? ["meet();"] : []),
    `take(${order[1]});`,
    `exports.name = "module${number}";`,
    `release(${order[1]});`,
    `release(${order[0]});`,
    `exports.next = require("./module${neighbour}.cjs");`,
    "",
  ].join("\n");
}

/**
 * The locks are words of shared memory: 0 or the thread that has it, from 1. What each thread waits for stands beside them. The
 * main thread looks for a circle of threads that wait for each other, twice with nothing changed in between.
 */
function threadsProgram({ threads, patienceMs }: Locking): string {
  return `const { Worker, isMainThread, workerData } = require("node:worker_threads");
const THREADS = ${threads};
const memory = isMainThread ? new SharedArrayBuffer(4 * (2 * THREADS + 2)) : workerData.memory;
const owners = new Int32Array(memory, 0, THREADS);
const wants = new Int32Array(memory, 4 * THREADS, THREADS);
const [met, steps] = [new Int32Array(memory, 8 * THREADS, 1), new Int32Array(memory, 8 * THREADS + 4, 1)];

if (isMainThread) watch();
else load(workerData.thread);

function load(thread) {
  globalThis.locks = {
    take(lock) {
      wants[thread - 1] = lock + 1;
      for (let owner; (owner = Atomics.compareExchange(owners, lock, 0, thread)) !== 0; )
        Atomics.wait(owners, lock, owner, 100);
      wants[thread - 1] = 0;
      Atomics.add(steps, 0, 1);
    },
    release(lock) {
      Atomics.store(owners, lock, 0);
      Atomics.notify(owners, lock);
      Atomics.add(steps, 0, 1);
    },
    meet() {
      Atomics.add(met, 0, 1);
      Atomics.notify(met, 0);
      for (let here; (here = Atomics.load(met, 0)) < THREADS; ) Atomics.wait(met, 0, here, 100);
    },
  };
  require("./module" + (thread - 1) + ".cjs");
}

function watch() {
  let running = THREADS;
  let before = -1;
  let sinceMs = performance.now();
  for (let thread = 1; thread <= THREADS; thread++)
    new Worker(__filename, { workerData: { memory, thread } }).on("exit", () => {
      running--;
    });
  const timer = setInterval(() => {
    if (running === 0) return end([]);
    if (steps[0] !== before) [before, sinceMs] = [steps[0], performance.now()];
    if (performance.now() - sinceMs > ${patienceMs}) end(circle());
  }, 20);
  function end(waits) {
    clearInterval(timer);
    console.log(JSON.stringify({ waits }));
    process.exit();
  }
}

function circle() {
  return Array.from({ length: THREADS }, (_, thread) => thread).flatMap((thread) =>
    wants[thread] === 0
      ? []
      : ["thread " + (thread + 1) + " waits for lock " + (wants[thread] - 1) + ", which thread " + owners[wants[thread] - 1] + " has"],
  );
}
`;
}

function waitingModule(other: string, planted: boolean): string {
  const tick = "await new Promise((resolve) => setTimeout(resolve, 1));\n";
  return planted
    ? `${tick}export const other = await import("./${other}.mjs");\n`
    : `import * as other from "./${other}.mjs";\n${tick}export const later = () => other;\n`;
}

/** The lock first and then the import, while another thread is in that import and wants the lock: only where it is planted. */
function pythonModule(number: number, { threads, planted }: Locking): string {
  const neighbour = (number + 1) % threads;
  const take = planted
    ? `meet()\nwith lock("shared"):\n    import module${neighbour}`
    : `with lock("own ${number}"):\n    pass\nimport module${neighbour}`;
  return `from locks import lock, meet\n\n${take}\n\nname = "module${number}"\n`;
}

const PYTHON_LOCKS = `import threading

owners = {}
wants = {}
locks = {}
guard = threading.Lock()
barrier = None


class lock:
    def __init__(self, name):
        self.name = name

    def __enter__(self):
        me = threading.get_ident()
        with guard:
            own = locks.setdefault(self.name, threading.Lock())
        wants[me] = self.name
        own.acquire()
        wants.pop(me, None)
        owners[self.name] = me

    def __exit__(self, *error):
        owners.pop(self.name, None)
        locks[self.name].release()


def meet():
    barrier.wait(10)
`;

/** Import locks tell their owners, and importlib who waits for which. */
function pythonProgram({ threads, patienceMs }: Locking): string {
  return `import importlib, json, os, sys, threading, time
import importlib._bootstrap as bootstrap
import locks

THREADS = ${threads}
locks.barrier = threading.Barrier(THREADS)
names = {}


def load(number):
    names[threading.get_ident()] = number + 1
    importlib.import_module("module%d" % number)


def told(thread):
    module = getattr(bootstrap, "_blocking_on", {}).get(thread)
    module = module[0] if isinstance(module, list) and module else module
    if module is not None:
        owner = module.owner if not isinstance(module.owner, list) else (module.owner or [None])[0]
        return "thread %s waits for the import of %s, in which thread %s is" % (names[thread], module.name, names.get(owner))
    if thread in locks.wants:
        name = locks.wants[thread]
        return 'thread %s waits for the lock "%s", which thread %s has' % (names[thread], name, names.get(locks.owners.get(name)))
    return None


workers = [threading.Thread(target=load, args=(number,), daemon=True) for number in range(THREADS)]
for worker in workers:
    worker.start()
last = time.monotonic() + ${patienceMs / 1000}
for worker in workers:
    worker.join(max(0, last - time.monotonic()))
waits = [told(worker.ident) for worker in workers if worker.is_alive()]
print(json.dumps({"waits": [wait for wait in waits if wait]}), flush=True)
os._exit(0)
`;
}
