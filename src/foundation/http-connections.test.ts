import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { test } from "node:test";

import type { Ending } from "#test/support/endings.ts";
import { listenToLines } from "#test/support/lines-of-socket.ts";
import { until } from "#test/support/until.ts";

import { followConnections, type HttpConnections } from "./http-connections.ts";

/** Without limits of its own: what is not closed stays open. */
async function aServer(t: Ending, answer: RequestListener): Promise<{ server: Server; connections: HttpConnections }> {
  const server = createServer({ requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 0 }, answer);
  const connections = followConnections(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, connections };
}

async function aClient(t: Ending, server: Server): Promise<{ socket: Socket; lines: string[] }> {
  const lines: string[] = [];
  const taken = once(server, "connection");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  t.after(() => void socket.destroy());
  listenToLines(socket, (line) => lines.push(line));
  await taken;
  return { socket, lines };
}

test("a server ends though a client is connected that never asks anything", async (t) => {
  const { server, connections } = await aServer(t, (_, response) => response.end());
  const { socket } = await aClient(t, server);
  const closed = Promise.all([once(server, "close"), once(socket, "close")]);
  server.close();
  connections.release();
  await closed;
});

test("a request under way is answered, then its connection is closed", async (t) => {
  let answer = (): void => undefined;
  const { server, connections } = await aServer(t, (_, response) => {
    // Sent while nobody knew that the server would end: it promises the client to keep the connection.
    response.writeHead(200, { "content-length": "5" });
    response.flushHeaders();
    answer = () => response.end("late\n");
  });
  const { socket, lines } = await aClient(t, server);
  socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  await until(() => lines.includes("Connection: keep-alive"), "the head of the answer");
  const closed = Promise.all([once(server, "close"), once(socket, "close")]);
  server.close();
  connections.release();
  answer();
  await closed;
  assert.equal(lines.at(-1), "late");
});

test("who has just connected is answered once it asks", async (t) => {
  const { server, connections } = await aServer(t, (_, response) => response.end("here\n"));
  const { socket, lines } = await aClient(t, server);
  const closed = Promise.all([once(server, "close"), once(socket, "close")]);
  server.close();
  connections.release();
  socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  await closed;
  assert.match(lines[0] ?? "", /^HTTP\/1\.1 200/);
});
