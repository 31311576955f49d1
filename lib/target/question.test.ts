/** A server is asked what its process has to answer; where its habits leave that unanswered, something else. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type ListenOptions, type Server } from "node:net";
import { type TestContext, test } from "node:test";
import { questionsOf } from "./fixtures/questions.ts";
import { serve } from "./fixtures/server.ts";
import { chooseQuestion, questionsFor } from "./question.ts";
import { completeSpec, type TargetSpec } from "./spec.ts";

const { signal } = new AbortController();

async function listen(t: TestContext, server: Server, options: ListenOptions = {}): Promise<number> {
  server.listen({ port: 0, host: "127.0.0.1", ...options });
  t.after(() => server.close());
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

async function chosenFor(spec: Partial<TargetSpec>, timeoutMs = 300) {
  return (await chooseQuestion(questionsOf(spec), timeoutMs, signal))?.by ?? null;
}

test("questionsFor() asks what was named, else by the URL: HTTP where it is spoken, else whether it closes in turn", () => {
  const told = (spec: Partial<TargetSpec>) => questionsFor(completeSpec(spec)).map(({ by }) => by);
  assert.deepEqual(told({}), []);
  assert.deepEqual(told({ url: "http://127.0.0.1/" }), ["answer"]);
  assert.deepEqual(told({ url: "wss://127.0.0.1/", health: "http://127.0.0.1/up" }), ["answer"]);
  assert.deepEqual(told({ health: "unix:/s:/up" }), ["answer"]);
  for (const url of ["ws://127.0.0.1/", "wss://127.0.0.1/"])
    assert.deepEqual(told({ url }), ["answer", "close", "accept"]);
  for (const url of ["tcp://127.0.0.1:1", "unix:/s", "unix:/s:/events"])
    assert.deepEqual(told({ url }), ["close", "accept"]);
});

test("chooseQuestion() takes any status below 500 of a ws:// URL for an answer, and asks its path with the clients' headers", async (t) => {
  const asked: unknown[] = [];
  const server = await serve(t, ({ url, method, headers }, response) => {
    asked.push([method, url, headers.authorization]);
    response.writeHead(426).end();
  });
  const headers = { Authorization: "Bearer x" };
  const url = `ws://127.0.0.1:${server.port}/chat?room=1`;
  assert.equal(await chosenFor({ url, headers }), "answer");
  const elsewhere = await serve(t, ({ headers: { authorization } }, response) => {
    asked.push(authorization ?? "nobody");
    response.end();
  });
  for (const health of [server.url, elsewhere.url])
    await questionsOf({ url, headers, health })[0].ask(1000, signal);
  assert.deepEqual(asked, [["GET", "/chat?room=1", "Bearer x"], ["GET", "/", "Bearer x"], "nobody"]);
});

test("chooseQuestion() falls back to closing where a Node server has no handler for requests, or fails at them", async (t) => {
  const silent = createHttpServer();
  const url = `ws://127.0.0.1:${await listen(t, silent)}/`;
  t.after(() => silent.closeAllConnections());
  assert.equal(await chosenFor({ url }), "close");
  const failing = await serve(t, (_, response) => response.writeHead(501).end());
  assert.equal(await chosenFor({ url: failing.url.replace("http", "ws") }), "close");
});

test("chooseQuestion() takes what a server says first for an answer", async (t) => {
  const server = createServer({ allowHalfOpen: true }, (socket) =>
    socket.on("error", () => {}).write("220 hello\n"),
  );
  assert.equal(await chosenFor({ url: `tcp://127.0.0.1:${await listen(t, server)}` }), "close");
});

test("chooseQuestion() admits that only the kernel accepts where a server never closes", async (t) => {
  const server = createServer({ allowHalfOpen: true }, (socket) => socket.on("error", () => {}).resume());
  const url = `tcp://127.0.0.1:${await listen(t, server)}`;
  server.on("connection", (socket) => t.after(() => socket.destroy()));
  assert.equal(await chosenFor({ url }), "accept");
});

test("chooseQuestion() chooses nothing where nobody is there", async () => {
  assert.equal(await chosenFor({ url: "ws://127.0.0.1:1/" }), null);
});
