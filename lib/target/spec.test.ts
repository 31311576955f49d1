/** A target's settings: what is added to them, filled into them and read off them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { completeSpec, fillSpec, remoteHosts } from "./spec.ts";

test("completeSpec() names a target after its program, its pid or its host", () => {
  assert.equal(completeSpec({ command: ["/usr/bin/python3", "x.py"] }).name, "python3");
  assert.equal(completeSpec({ pid: 12 }).name, "pid 12");
  assert.equal(completeSpec({ url: "ws://127.0.0.1:{port}/" }).name, "127.0.0.1");
  assert.equal(completeSpec({ url: "unix:/run/x" }).name, "unix:/run/x");
  assert.equal(completeSpec({ command: ["a"], name: "own" }).name, "own");
});

test("fillSpec() fills port and folder in everywhere, and touches no other braces", () => {
  const spec = completeSpec({
    command: ["a", "{port}-{port}", "{ port }", "{dir}/x", "{{port}}"],
    environment: { PORT: "{port}" },
    directory: "{dir}",
    files: { "a.conf": "listen {port};" },
    url: "ws://h:{port}/",
    ready: "tcp:{port}",
    health: "unix:{dir}/s:/",
    gauges: { g: "json:http://h:{port}/#/a" },
    inspector: "127.0.0.1:{port}",
  });
  const filled = fillSpec(spec, { port: 80, dir: "/d" });
  assert.deepEqual(filled.command, ["a", "80-80", "{ port }", "/d/x", "{80}"]);
  assert.deepEqual(
    [filled.environment, filled.directory, filled.files, filled.url, filled.ready, filled.health],
    [{ PORT: "80" }, "/d", { "a.conf": "listen 80;" }, "ws://h:80/", "tcp:80", "unix:/d/s:/"],
  );
  assert.deepEqual([filled.gauges, filled.inspector], [{ g: "json:http://h:80/#/a" }, "127.0.0.1:80"]);
  assert.equal(fillSpec(spec, { port: null, dir: "/d" }).url, "ws://h:{port}/");
  const inspected = completeSpec({ command: ["a", "--inspect=h:{port2}", "{port}"], inspector: "h:{port2}" });
  const both = fillSpec(inspected, { port: 80, port2: 81, dir: "/d" });
  assert.deepEqual([both.command, both.inspector], [["a", "--inspect=h:81", "80"], "h:81"]);
});

test("remoteHosts() finds every other host in a target, each once", () => {
  const gauges = {
    a: "json:http://gauge.example/#/a",
    b: "file:/etc/hostname",
    c: "text:http://127.0.0.1/#(x)",
  };
  const spec = completeSpec({
    url: "ws://a.example/",
    ready: "http://a.example/ready",
    health: "tcp://b.example:80",
    inspector: "c.example:9229",
    gauges,
  });
  assert.deepEqual(remoteHosts(spec), ["a.example", "b.example", "gauge.example", "c.example"]);
  assert.deepEqual(
    remoteHosts(completeSpec({ url: "ws://127.0.0.1:{port}/", inspector: "127.0.0.1:9229" })),
    [],
  );
});
