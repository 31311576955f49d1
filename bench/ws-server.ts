/** A server of the ws library on all of 127.0.0.0/8, at the port given: what real clients meet. */
import { createServer } from "node:http";
import { WebSocketServer } from "ws";

const BACKLOG = 4096;

const server = createServer();
new WebSocketServer({ server }).on("connection", (client) => client.on("error", () => {}));
server.listen(Number(process.argv[2]), "0.0.0.0", BACKLOG);
