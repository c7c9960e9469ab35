/** What Node made of the sources, shared by all processes of a run: each would strip the types of the same files otherwise. */

import { symlinkSync } from "node:fs";
import { join } from "node:path";

import type { Home } from "#foundation/home.ts";

const folder = process.env["NODE_COMPILE_CACHE"];

/** For processes that are started without `bin/postrider`, which sets it; nothing where a file is run alone. */
export const compileCache: Readonly<Record<string, string>> =
  folder === undefined ? {} : { NODE_COMPILE_CACHE: folder };

/** Has the children of mta, which keep theirs with their data, use it too. */
export function shareCompileCache({ var: data }: Home): void {
  if (folder !== undefined) symlinkSync(folder, join(data, "compile-cache"));
}
