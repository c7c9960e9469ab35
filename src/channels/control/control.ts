/**
 * How the command line and web talk to the watchdog: one JSON object a line over a Unix socket that only its user may
 * open. Each request line gets one answer line.
 */

import { chmodSync, lstatSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";

import { describeError, isPostriderError } from "#foundation/errors.ts";
import type { Home } from "#foundation/home.ts";

import {
  commandRefused,
  controlForbidden,
  controlLost,
  invalidControlRequest,
  platformAlreadyRunning,
  platformNotRunning,
  runtimeFolderTaken,
} from "./errors.ts";
import {
  type ControlAnswers,
  type ControlRequest,
  type PlatformStatus,
  parseChange,
  parseProcesses,
  parseRequest,
  parseStatus,
  type ProcessEntry,
} from "./control-messages.ts";

const longestLine = 1_000_000;

/** An orderly stop of the whole platform takes up to 40 s; a command waits a little longer. */
const answerLimitMs = 60_000;

export type ControlHandlers = {
  readonly [K in keyof ControlAnswers]: (request: Extract<ControlRequest, { kind: K }>) => Promise<ControlAnswers[K]>;
};

/** The path of the control socket of a data folder. */
export function controlSocketPath(home: Home): string {
  return join(home.runtime, "control.sock");
}

/**
 * Listens for commands; takes over a socket that a dead watchdog left behind.
 * @throws platformAlreadyRunning when a live one answers there, runtimeFolderTaken
 */
export async function openControl(home: Home, handlers: ControlHandlers): Promise<{ close(): Promise<void> }> {
  const path = controlSocketPath(home);
  if (lstatSync(home.runtime).uid !== process.getuid?.()) throw runtimeFolderTaken({ folder: home.runtime });
  if (await isAnswered(path)) throw platformAlreadyRunning({ pid: undefined, root: home.root });
  rmSync(path, { force: true });

  const clients = new Set<Socket>();
  const server = createServer((client) => {
    clients.add(client);
    client.on("error", () => client.destroy());
    client.on("close", () => clients.delete(client));
    onLines(client, (line) => void answerLine(client, line, handlers));
  });
  await listen(server, path);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const client of clients) client.destroySoon();
      }),
  };
}

/** All processes of the platform, in the order they are started. */
export async function listProcesses(home: Home): Promise<readonly ProcessEntry[]> {
  return parseProcesses(await call(home, { kind: "listProcesses" }));
}

/** What runs, and what should but does not. */
export async function readStatus(home: Home): Promise<PlatformStatus> {
  return parseStatus(await call(home, { kind: "status" }));
}

/**
 * Starts, stops or restarts processes, or has the settings read again.
 * @returns names (`module@instance`) of the processes that were started, stopped or restarted
 * @throws platformNotRunning at once when nobody listens, commandRefused with the watchdog's reason
 */
export async function command(
  home: Home,
  request: Extract<ControlRequest, { kind: "start" | "stop" | "restart" | "reload" | "forgetInstance" }>,
): Promise<readonly string[]> {
  return parseChange(await call(home, request));
}

/** Asks the watchdog to stop everything; resolves when the control socket is closed, which is its last act but one. */
export async function shutdownPlatform(home: Home): Promise<void> {
  await call(home, { kind: "shutdown" });
  const path = controlSocketPath(home);
  await new Promise<void>((resolve, reject) => {
    const watching = connect(path);
    const timer = setTimeout(() => watching.destroy(controlLost({ reason: "it is still stopping" })), answerLimitMs);
    watching.on("error", (error) => (isPostriderError(error) ? reject(error) : resolve()));
    watching.on("close", () => {
      clearTimeout(timer);
      resolve();
    });
    watching.resume();
  });
}

/** True when a watchdog listens for this data folder. */
export function isPlatformRunning(home: Home): Promise<boolean> {
  return isAnswered(controlSocketPath(home));
}

async function answerLine(client: Socket, line: string, handlers: ControlHandlers): Promise<void> {
  let answer: object;
  try {
    const request = parseRequest(line);
    if (request === undefined) throw invalidControlRequest({ line });
    // The key chose the handler, so the handler takes exactly this kind of request.
    const handle = handlers[request.kind] as (request: ControlRequest) => Promise<unknown>;
    answer = { isDone: true, answer: await handle(request) };
  } catch (error) {
    answer = { isDone: false, reason: describeError(error) };
  }
  if (!client.destroyed) client.write(`${JSON.stringify(answer)}\n`);
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    // The folder is closed to others; the mode of the socket is the second lock.
    server.listen(path, () => {
      chmodSync(path, 0o600);
      server.off("error", reject);
      resolve();
    });
  });
}

function call(home: Home, request: ControlRequest): Promise<unknown> {
  const socket = controlSocketPath(home);
  return new Promise((resolve, reject) => {
    const connection = connect(socket);
    const timer = setTimeout(
      () => connection.destroy(controlLost({ reason: `nothing for ${answerLimitMs / 1000} s` })),
      answerLimitMs,
    );
    connection.on("connect", () => connection.write(`${JSON.stringify(request)}\n`));
    connection.on("error", (error) => {
      clearTimeout(timer);
      reject(isPostriderError(error) ? error : translate(error, socket));
    });
    onLines(connection, (line) => {
      clearTimeout(timer);
      connection.destroy();
      settle(line, resolve, reject);
    });
    connection.on("close", () => {
      clearTimeout(timer);
      reject(controlLost({ reason: "it closed the connection" }));
    });
  });
}

function settle(line: string, resolve: (answer: unknown) => void, reject: (error: Error) => void): void {
  const message: unknown = JSON.parse(line);
  if (typeof message === "object" && message !== null && "isDone" in message) {
    if (message.isDone === true) resolve("answer" in message ? message.answer : undefined);
    else reject(commandRefused({ reason: "reason" in message ? String(message.reason) : line }));
  } else reject(invalidControlRequest({ line }));
}

function translate(error: NodeJS.ErrnoException, socket: string): Error {
  if (error.code === "ENOENT" || error.code === "ECONNREFUSED") return platformNotRunning();
  if (error.code === "EACCES" || error.code === "EPERM") return controlForbidden({ socket });
  return controlLost({ reason: describeError(error) });
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path, () => {
      probe.destroy();
      resolve(true);
    });
    probe.on("error", () => resolve(false));
  });
}

function onLines(socket: Socket, onLine: (line: string) => void): void {
  let rest = "";
  socket.setEncoding("utf8");
  socket.on("data", (chunk: string) => {
    rest += chunk;
    if (rest.length > longestLine) {
      socket.destroy();
      return;
    }
    for (let end = rest.indexOf("\n"); end >= 0; end = rest.indexOf("\n")) {
      const line = rest.slice(0, end);
      rest = rest.slice(end + 1);
      onLine(line);
    }
  });
}
