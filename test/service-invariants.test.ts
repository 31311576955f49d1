/** The invariants of service-dependencies on made-up evidence, and which services are which. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inspectSchema } from "../lib/engine/schemas.ts";
import { findServices } from "../lib/scenario/service-kinds.ts";
import type { Following, ServiceRecord } from "../lib/scenario/service-record.ts";
import { scenario } from "../scripts/service-dependencies.ts";
import { judgeEach } from "./judge-each.ts";
import { broken, seen } from "./made-up-containers.ts";

describe("service-dependencies", () => {
  const database: ServiceRecord = {
    ...{
      name: "database",
      category: "databases",
      addresses: ["127.0.0.1:5432"],
      looks: 100,
      well: 100,
      asked: 100,
      reached: 100,
    },
  };
  const worker: ServiceRecord = {
    ...database,
    name: "worker",
    category: "applications",
    addresses: [],
    asked: 0,
    reached: 0,
  };
  const follows: Following = {
    ...{ application: "worker", database: "database", downMs: 5000, lagMs: 500, noticed: true },
    correlation: { r: 0.9, low: 0.5, high: 0.98, lag: 2 },
  };
  const services = (...some: ServiceRecord[]) => ({ evidence: { services: some } });
  const following = (change: Partial<Following>) => ({
    evidence: { following: [{ ...follows, ...change }] },
  });
  const ofInterval = (low: number, high: number) => following({ correlation: { r: low, low, high, lag: 0 } });
  judgeEach(
    scenario,
    {
      evidence: {
        ...{ missing: [], ...seen({}), services: [database, worker], following: [follows] },
        unwell: [{ application: "worker", lastsMs: 800 }],
        outages: [1, 2, 3].map(() => ({ database: "database", backMs: 700 })),
        isolation: { seen: 2, wrong: [] },
      },
      ...{ named: [], stayed: [], flags: { allowRestart: "true" } },
    },
    {
      "every container that was named is there": { broken: [{ evidence: { missing: ["two"] } }] },
      "each was running and healthy before": broken({ wellBefore: false }),
      "the engine told what happened": { unknown: [{ evidence: seen({}, { listened: false }) }] },
      "services were asked on their ports": { unknown: [services(), services(worker)] },
      "databases were taken away, {outages} times": {
        broken: [{ evidence: { outages: [{ database: "database", backMs: 700 }] } }],
        skipped: [{ evidence: { outages: [] } }],
      },
      "each service is reachable on its ports {minReach} of the time": {
        broken: [services(database, { ...database, reached: 59 })],
        held: [services(database, { ...database, reached: 60 })],
        skipped: [services(worker)],
      },
      "at least one is reachable {minBest} of the time": {
        broken: [services({ ...database, reached: 79 })],
        held: [services({ ...database, reached: 60 }, { ...database, reached: 80 })],
        skipped: [services(worker)],
      },
      "each category is well {minStable} of the time": {
        broken: [services(database, { ...worker, well: 84 })],
        unknown: [services({ ...database, looks: 9 })],
        // of several it is the whole that counts
        held: [services(database, { ...database, well: 70 }), services(database, { ...worker, well: 85 })],
      },
      "an application's health follows its databases'": {
        broken: [following({ noticed: false, correlation: null }), ofInterval(-0.9, -0.1)],
        unknown: [ofInterval(-0.1, 0.9), following({ correlation: null })],
        skipped: [following({ downMs: 0 }), { evidence: { following: [] } }],
      },
      "no application is unwell for more than {within} while its databases are well": {
        broken: [{ evidence: { unwell: [{ application: "worker", lastsMs: 90_001 }] } }],
        skipped: [{ evidence: { unwell: [] } }],
      },
      "networks are as isolated as declared": {
        broken: [{ evidence: { isolation: { seen: 2, wrong: ["worker: has no network, and eth0"] } } }],
        skipped: [{ evidence: { isolation: { seen: 0, wrong: [] } } }],
      },
      "each is running and healthy": broken({ status: "exited" }),
    },
  );
});

describe("what a container is for, and where it is", () => {
  function madeUp(name: string, more: { image?: string; labels?: Record<string, string>; ports?: object }) {
    return inspectSchema.parse({
      ...{ Id: name, Name: `/${name}`, State: { Status: "running", Pid: 0, ExitCode: 0, StartedAt: "" } },
      HostConfig: { RestartPolicy: { Name: "no" }, NetworkMode: "bridge" },
      Config: { Image: more.image ?? "", Labels: more.labels ?? {} },
      NetworkSettings: { Ports: more.ports ?? {} },
    });
  }
  const compose = (service: string, needs = "") => ({
    "com.docker.compose.project": "shop",
    "com.docker.compose.service": service,
    "com.docker.compose.depends_on": needs,
  });

  test("is told by who names it, then by its label, then by its image", () => {
    const all = [
      madeUp("a", { image: "docker.io/library/postgres:16" }),
      madeUp("b", { image: "valkey/valkey:8" }),
      madeUp("c", { image: "shop/web" }),
      madeUp("d", { image: "postgres", labels: { "proofload.category": "caches" } }),
      madeUp("e", { image: "redis" }),
    ];
    assert.deepEqual(
      findServices(all, { e: "applications" }).map(({ category }) => category),
      ["databases", "caches", "applications", "caches", "applications"],
    );
  });

  test("is where it is published, loopback where that is everywhere", () => {
    const bound = {
      "80/tcp": [
        { HostIp: "0.0.0.0", HostPort: "8080" },
        { HostIp: "::", HostPort: "8080" },
      ],
      "81/tcp": null,
    };
    const [one] = findServices([madeUp("a", { ports: bound })], {});
    assert.deepEqual(one?.findAddresses(), ["127.0.0.1:8080", "[::1]:8080"]);
    const declared = { "proofload.address": "10.0.0.7:80, 10.0.0.7:81" };
    const [other] = findServices([madeUp("b", { ports: bound, labels: declared })], {});
    assert.deepEqual(other?.findAddresses(), ["10.0.0.7:80", "10.0.0.7:81"]);
  });

  test("needs what compose says that it needs, in its own project", () => {
    const all = [
      madeUp("web", { labels: compose("web", "db:service_healthy:true,cache:service_started:false") }),
      madeUp("db", { labels: compose("db") }),
      madeUp("cache", { labels: compose("cache") }),
      madeUp("other", { labels: { ...compose("db"), "com.docker.compose.project": "blog" } }),
    ];
    assert.deepEqual(findServices(all, {})[0]?.needs, ["db", "cache"]);
  });
});
