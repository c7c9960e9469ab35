/**
 * The way to PostgreSQL: a pool with bounded waits, SQL written as tagged templates whose values are always parameters,
 * transactions, COPY and LISTEN.
 */

import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

import pg from "pg";

import { databaseRefused, databaseUnreachable, invalidDatabaseUrl } from "./database-errors.ts";
import { openPatience } from "./database-patience.ts";
import { describeError } from "./errors.ts";
import { type Log, silentLog } from "./log.ts";
import { compileSql, sql } from "./sql.ts";

export type Parse<T> = (row: unknown) => T;
type Template<R> = (strings: TemplateStringsArray, ...values: readonly unknown[]) => R;

/** Runs statements, on any connection of the pool or on the one of a transaction. */
export type Statements = {
  /** All rows, each parsed. */
  rows<T>(parse: Parse<T>): Template<Promise<T[]>>;
  /** The first row parsed, or undefined. */
  first<T>(parse: Parse<T>): Template<Promise<T | undefined>>;
  /** Runs a statement; answers how many rows it touched. */
  run: Template<Promise<number>>;
  /** Streams lines in COPY's text or CSV form; answers how many rows arrived. */
  copyIn(copyStatement: string, lines: Readable): Promise<number>;
  /** Reads a large result in batches, over a server-side cursor; memory holds one batch. */
  batches<T>(parse: Parse<T>, size: number): Template<AsyncGenerator<T[]>>;
};

export type Database = Statements & {
  /**
   * Runs work in one transaction: committed when it returns, undone when it throws.
   * @param limitMs once it is connected: then its connection is cut, and it fails
   */
  transaction<T>(work: (statements: Statements) => Promise<T>, limitMs?: number): Promise<T>;
  /** Runs work that only reads, each of whose statements the server itself ends (error 57014) after so many milliseconds. */
  reading<T>(limitMs: number, work: (statements: Statements) => Promise<T>): Promise<T>;
  /** Calls back on each NOTIFY of the channel, and once after each reconnection, since notices may have been missed. */
  listen(channel: string, onNotice: (payload: string) => void): Promise<{ stop(): Promise<void> }>;
  /**
   * Runs work while holding the advisory lock of a name; answers undefined at once when another process holds it.
   * The lock goes with the connection, so a killed holder frees it.
   * @param work is given the connection of the lock: what that answers, it answers while the lock is held
   */
  whileLocked<T>(
    name: string,
    work: (signal: AbortSignal, session: Statements) => Promise<T>,
    options?: LockOptions,
  ): Promise<T | undefined>;
  /**
   * For a process that ends, and loses nothing by it: from now on a statement fails, and its connection is cut, when the database is silent
   * for so long; also what is under way.
   */
  limitSilence(silentMs: number): void;
  /** Where it is, without secrets: for messages. */
  readonly where: string;
  close(): Promise<void>;
};

export type LockOptions = {
  /** What the connection is called, for those who ask who has the lock; up to 63 characters. */
  readonly holder?: string;
  /** The server frees the lock of a host that it has not heard for so long; unset = after hours. */
  readonly silentSec?: number;
};

/**
 * Where a database is. With `password` apart, the URL may be shown.
 */
export type DatabaseAddress = { readonly url: string; readonly password?: string };

export type DatabaseOptions = {
  readonly address: DatabaseAddress;
  readonly applicationName: string;
  readonly maxConnections: number;
  /** How long a caller waits for a connection before it gets an error. */
  readonly connectTimeoutMs?: number;
  /** A statement without an answer for so long fails, and its connection is given up; unset = it may take as long as it takes. */
  readonly answerTimeoutMs?: number;
  readonly log?: Log;
};

const goodbyeMs = 1_000;
const takeLock = "select pg_try_advisory_lock(hashtextextended($1, 0)) as held";
const endWhenSilent = `select set_config('tcp_keepalives_idle', $1, false), set_config('tcp_keepalives_interval', '1', false),
  set_config('tcp_keepalives_count', '3', false), set_config('tcp_user_timeout', ($1::int * 1000)::text, false)`;
const lockAnswerMs = 10_000;

// bigint keys stay below 2^53 for as long as one is handed out each microsecond for 285 years; what clients store may not.
pg.types.setTypeParser(pg.types.builtins.INT8, (text) => {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : BigInt(text);
});
// A date is a day, not a moment: as text it survives every time zone.
pg.types.setTypeParser(pg.types.builtins.DATE, (text) => text);
// numeric comes from sums of bigint; no money is counted in it.
pg.types.setTypeParser(pg.types.builtins.NUMERIC, (text) => Number(text));

/**
 * Opens a pool; connects on the first statement.
 * @throws invalidDatabaseUrl
 */
export function openDatabase(options: DatabaseOptions): Database {
  const log = options.log ?? silentLog;
  const where = describeAddress(options.address);
  const connectTimeoutMs = options.connectTimeoutMs ?? 10_000;
  const config: pg.PoolConfig = {
    ...connectionConfig(options.address),
    application_name: options.applicationName.slice(0, 63),
    max: options.maxConnections,
    connectionTimeoutMillis: connectTimeoutMs,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    ...(options.answerTimeoutMs ? { query_timeout: options.answerTimeoutMs } : {}),
  };
  const pool = new pg.Pool(config);
  // An idle connection dies when the server restarts; the pool replaces it, and the next statement says whether that worked.
  pool.on("error", (error) => log.debug("database.idle_connection_lost", { where, reason: describeError(error) }));

  const patience = openPatience();
  const connect = async (): Promise<pg.PoolClient> => {
    try {
      return await patience.waitFor(pool.connect(), (late) => late.release());
    } catch (cause) {
      throw translate(cause, where);
    }
  };
  const withClient = async <T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> => {
    const client = await connect();
    const leave = patience.follow(streamOf(client));
    let broken: Error | boolean = false;
    const onError = (error: Error): void => {
      broken = error;
    };
    client.on("error", onError);
    try {
      return await work(client);
    } catch (error) {
      if (isConnectionLost(error)) broken = true;
      throw error;
    } finally {
      leave();
      client.off("error", onError);
      client.release(broken);
    }
  };

  return {
    where,
    ...statementsOver(withClient, log),
    transaction: (work, limitMs) =>
      withClient(async (client) => {
        const timer = limitMs === undefined ? undefined : setTimeout(() => cut(client), limitMs);
        try {
          await client.query("begin");
          const result = await work(statementsOver((inner) => inner(client), log));
          await client.query("commit");
          return result;
        } catch (error) {
          await client.query("rollback").catch(() => undefined);
          throw error;
        } finally {
          clearTimeout(timer);
        }
      }),
    reading: async (limitMs, work) => {
      const client = await connect();
      const leave = patience.follow(streamOf(client));
      let broken = false;
      const onError = (): void => {
        broken = true;
      };
      const end = async (): Promise<void> => {
        await client.query("commit").catch(onError);
        leave();
        client.off("error", onError);
        client.release(broken);
      };
      client.on("error", onError);
      try {
        // One message for both: each further one is a wait.
        await client.query(`begin read only; set local statement_timeout = ${Math.max(1, Math.trunc(limitMs))}`);
        return await work(statementsOver((inner) => inner(client), log));
      } catch (error) {
        if (isConnectionLost(error)) broken = true;
        throw error;
      } finally {
        // There is nothing to keep: the caller need not wait for it.
        void end();
      }
    },
    listen: (channel, onNotice) => listen(() => newClient(config), channel, onNotice, log),
    whileLocked: (name, work, { holder = options.applicationName, silentSec } = {}) =>
      whileLocked({
        client: newClient({ ...config, application_name: holder.slice(0, 63) }),
        where,
        name,
        silentSec,
        work: (lost, client) =>
          work(
            lost,
            statementsOver((inner) => inner(client), log),
          ),
      }),
    limitSilence: (silentMs) => {
      patience.limit(silentMs);
      // Nor does one that is being made for nobody hold up the end.
      pool.options.connectionTimeoutMillis = Math.min(silentMs, connectTimeoutMs);
    },
    close: () => pool.end(),
  };
}

/**
 * Checks that the database answers and lets us in.
 * @throws databaseUnreachable, databaseRefused, invalidDatabaseUrl
 */
export async function checkDatabase(address: DatabaseAddress, timeoutMs = 5_000): Promise<void> {
  const client = new pg.Client({ ...connectionConfig(address), connectionTimeoutMillis: timeoutMs });
  try {
    await client.connect();
  } catch (cause) {
    throw translate(cause, describeAddress(address));
  } finally {
    await endClient(client);
  }
}

/** What pg needs to connect. A URL whose host is a folder (`postgres:///name?host=/folder`) means a Unix socket. */
export function connectionConfig(address: DatabaseAddress): pg.ClientConfig {
  let url: URL;
  try {
    url = new URL(address.url);
  } catch {
    throw invalidDatabaseUrl({ url: withoutPassword(address.url) });
  }
  if (url.protocol !== "postgres:" && url.protocol !== "postgresql:")
    throw invalidDatabaseUrl({ url: withoutPassword(address.url) });
  const socketFolder = url.searchParams.get("host");
  const sslMode = url.searchParams.get("sslmode");
  const password = address.password || decodeURIComponent(url.password);
  return {
    host: socketFolder ?? (url.hostname || "localhost"),
    port: Number(url.searchParams.get("port") ?? (url.port || 5432)),
    user: decodeURIComponent(url.username) || "postrider",
    database: decodeURIComponent(url.pathname.slice(1)) || "postrider",
    ...(password === "" ? {} : { password }),
    ...(sslMode === "require" || sslMode === "verify-full"
      ? { ssl: { rejectUnauthorized: sslMode === "verify-full" } }
      : {}),
  };
}

/** `host:port/database`, without login and password. */
export function describeAddress(address: DatabaseAddress): string {
  const config = connectionConfig(address);
  return config.host?.startsWith("/")
    ? `${config.host} (database ${config.database})`
    : `${config.host}:${config.port}/${config.database}`;
}

function withoutPassword(url: string): string {
  return url.replace(/\/\/([^:/@]*):[^@]*@/, "//$1:***@");
}

type WithClient = <T>(work: (client: pg.ClientBase) => Promise<T>) => Promise<T>;

function statementsOver(withClient: WithClient, log: Log): Statements {
  const execute = (strings: TemplateStringsArray, values: readonly unknown[]): Promise<pg.QueryResult> => {
    const query = compileSql(sql(strings, ...values));
    return withClient(async (client) => {
      if (log.traces("wdbc")) log.trace("wdbc", "database.statement", { sql: onOneLine(query.text) });
      const begunMs = performance.now();
      const result = await client.query({ text: query.text, values: [...query.values] });
      if (log.traces("timing")) {
        const durationMs = Math.round((performance.now() - begunMs) * 10) / 10;
        log.trace("timing", "database.answered", { durationMs, rows: result.rowCount, sql: onOneLine(query.text) });
      }
      return result;
    });
  };
  return {
    rows:
      (parse) =>
      async (strings, ...values) =>
        (await execute(strings, values)).rows.map((row: unknown) => parse(row)),
    first:
      (parse) =>
      async (strings, ...values) => {
        const row: unknown = (await execute(strings, values)).rows[0];
        return row === undefined ? undefined : parse(row);
      },
    run: async (strings, ...values) => (await execute(strings, values)).rowCount ?? 0,
    copyIn: (copyStatement, lines) =>
      withClient(async (client) => {
        log.trace("wdbc", "database.copy", { sql: copyStatement });
        const { from } = await import("pg-copy-streams");
        const sink = client.query(from(copyStatement));
        await pipeline(lines, sink);
        return sink.rowCount ?? 0;
      }),
    batches: (parse, size) =>
      async function* (strings, ...values) {
        const query = compileSql(sql(strings, ...values));
        const handover = await borrow(withClient);
        const { default: Cursor } = await import("pg-cursor");
        const cursor = handover.client.query(new Cursor(query.text, [...query.values]));
        try {
          for (;;) {
            const rows: unknown[] = await cursor.read(size);
            if (rows.length === 0) return;
            yield rows.map((row) => parse(row));
          }
        } finally {
          await cursor.close().catch(() => undefined);
          await handover.giveBack();
        }
      },
  };
}

function onOneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

/** Takes a client out of its callback, for a generator that outlives one call. */
async function borrow(withClient: WithClient): Promise<{ client: pg.ClientBase; giveBack(): Promise<void> }> {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let finished: Promise<void> = Promise.resolve();
  const client = await new Promise<pg.ClientBase>((resolve, reject) => {
    finished = withClient((taken) => {
      resolve(taken);
      return released;
    });
    finished.catch(reject);
  });
  return {
    client,
    giveBack: () => {
      release();
      return finished;
    },
  };
}

function newClient(config: pg.PoolConfig): pg.Client {
  const { query_timeout: _, ...rest } = config;
  return new pg.Client({ ...rest, keepAlive: true });
}

async function listen(
  connect: () => pg.Client,
  channel: string,
  onNotice: (payload: string) => void,
  log: Log,
): Promise<{ stop(): Promise<void> }> {
  let isStopped = false;
  let client: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;

  const open = async (): Promise<void> => {
    const fresh = connect();
    client = fresh;
    fresh.on("notification", (notice) => onNotice(notice.payload ?? ""));
    fresh.on("error", (error) => log.debug("database.listener_lost", { channel, reason: describeError(error) }));
    fresh.on("end", () => again());
    try {
      await fresh.connect();
      await fresh.query(`listen ${pg.escapeIdentifier(channel)}`);
      onNotice("");
    } catch {
      await endClient(fresh);
      again();
    }
  };
  const again = (): void => {
    if (isStopped || timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      void open();
    }, 1_000);
  };

  await open();
  return {
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      if (client !== undefined) await endClient(client);
    },
  };
}

async function whileLocked<T>(given: {
  readonly client: pg.Client;
  readonly where: string;
  readonly name: string;
  readonly silentSec: number | undefined;
  readonly work: (lost: AbortSignal, client: pg.Client) => Promise<T>;
}): Promise<T | undefined> {
  const { client, where, name, silentSec, work } = given;
  const lost = new AbortController();
  client.on("error", () => lost.abort());
  client.on("end", () => lost.abort());
  try {
    await client.connect().catch((cause: unknown) => {
      throw translate(cause, where);
    });
    // They are answered at once, or not at all.
    const limit = { query_timeout: lockAnswerMs };
    if (silentSec !== undefined) await client.query({ text: endWhenSilent, values: [String(silentSec)], ...limit });
    const answer = await client.query<{ held: boolean }>({ text: takeLock, values: [name], ...limit });
    return answer.rows[0]?.held === true ? await work(lost.signal, client) : undefined;
  } finally {
    await endClient(client);
  }
}

/** Says goodbye; a server that keeps silent, or cannot be reached any more, is not waited for. */
async function endClient(client: pg.Client): Promise<void> {
  const timer = setTimeout(() => cut(client), goodbyeMs);
  await client.end().catch(() => undefined);
  clearTimeout(timer);
}

/** Ends a connection at once: what waits for an answer fails. */
function cut(client: pg.ClientBase): void {
  streamOf(client).destroy();
}

function streamOf(client: pg.ClientBase): Socket {
  return (client as unknown as { readonly connection: { readonly stream: Socket } }).connection.stream;
}

function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // 25006, read-only: the server behind this connection is no longer the one that takes writes; a new connection may find it.
  if ("code" in error && error.code === "25006") return true;
  return /Connection terminated|ECONNRESET|EPIPE|not queryable|Query read timeout/.test(error.message);
}

/** Says in our words why a connection could not be made. */
function translate(cause: unknown, where: string): Error {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const isRefusal = code.startsWith("28") || code === "3D000";
  return (isRefusal ? databaseRefused : databaseUnreachable)({ where, reason: describeError(cause) }, { cause });
}
