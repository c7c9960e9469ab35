/** What the engine needs of a module's context. */

import type { Context } from "#foundation/module.ts";

export type RunContext = Pick<Context, "db" | "settings" | "instance" | "log" | "clock" | "host" | "processId">;
