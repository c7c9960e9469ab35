/** Runs `postrider import` and `postrider export` as the processes that they are, on a migrated database of the test's own. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { type Database, type DatabaseAddress, openDatabase } from "#foundation/database.ts";
import { programFolder } from "#foundation/home.ts";

import { aDatabaseAddress } from "./database.ts";
import { inReverse, type Ending } from "./endings.ts";
import { aUdpPort } from "./free-ports.ts";
import { aFolder } from "./temporary-folder.ts";

export type JobProcess = {
  readonly child: ChildProcess;
  /** Exit code (null after a signal) and what was printed. */
  readonly ended: Promise<{ code: number | null; output: string; errors: string }>;
};

export type JobHost = {
  /** The data folder of the instance `main`. */
  readonly root: string;
  readonly db: Database;
  /** Starts `postrider <words> -instance:main`; killed at the end of the test. */
  start(...words: string[]): JobProcess;
  /** The same, until its end. */
  run(...words: string[]): JobProcess["ended"];
};

/**
 * An installation with an instance `main`, whose modules do not run.
 * @param reach how the processes come to the database, when not as the test does
 */
export async function aJobHost(
  test: Ending,
  variables: Readonly<Record<string, string>> = {},
  reach?: (address: DatabaseAddress) => Promise<DatabaseAddress>,
): Promise<JobHost> {
  const t = inReverse(test);
  const root = aFolder(t);
  mkdirSync(join(root, "conf"));
  writeFileSync(join(root, "conf", "instance-main.toml"), "");
  const address = await aDatabaseAddress(t);
  const db = openDatabase({ address, applicationName: "test", maxConnections: 3 });
  t.after(() => db.close());
  const syslogdPort = await aUdpPort();
  const environment = {
    PATH: process.env["PATH"],
    POSTRIDER_HOME: root,
    POSTRIDER_DATABASE_URL: (await (reach?.(address) ?? address)).url,
    POSTRIDER_SYSLOGD_PORT: String(syslogdPort),
    ...variables,
  };

  const start = (...words: string[]): JobProcess => {
    const child = spawn(
      process.execPath,
      ["--disable-warning=ExperimentalWarning", join(programFolder, "src/cli/main.ts"), ...words, "-instance:main"],
      {
        stdio: ["ignore", "pipe", "pipe"],
        env: environment,
      },
    );
    const output = gather(child.stdout);
    const errors = gather(child.stderr);
    const ended = once(child, "close").then(([code]) => ({
      code: code as number | null,
      output: output(),
      errors: errors(),
    }));
    t.after(async () => {
      child.kill("SIGKILL");
      await ended;
    });
    return { child, ended };
  };
  return { root, db, start, run: (...words) => start(...words).ended };
}

function gather(stream: NodeJS.ReadableStream | null): () => string {
  const pieces: Buffer[] = [];
  stream?.on("data", (bytes: Buffer) => void pieces.push(bytes));
  return () => Buffer.concat(pieces).toString("utf8");
}
