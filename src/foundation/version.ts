/** The version of this program, as clients, logs and host rows show it. */

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { programFolder } from "./home.ts";

/** From package.json, such as `0.1.0`. */
export const version: string = readVersion();

function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(programFolder, "package.json"), "utf8"));
  return typeof manifest === "object" && manifest !== null && "version" in manifest
    ? String(manifest.version)
    : "0.0.0";
}
