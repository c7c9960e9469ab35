import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

import { aHome } from "#test/support/context.ts";
import { inReverse } from "#test/support/endings.ts";
import { aUdpPort } from "#test/support/free-ports.ts";
import { startModule } from "#test/support/module-process.ts";
import { until } from "#test/support/until.ts";

for (const [form, flags] of [
  ["RFC 3164", ["--rfc3164"]],
  ["RFC 5424", ["--rfc5424"]],
  ["its own default", []],
] as const) {
  test(`a line that logger sends in ${form} lands in a log file`, async (hooks) => {
    const t = inReverse(hooks);
    const home = aHome(t);
    const port = await aUdpPort();
    const syslogd = startModule(t, home, ["syslogd"], { POSTRIDER_SYSLOGD_PORT: String(port) });
    await syslogd.ready;
    await promisify(execFile)("logger", [...flags, "-d", "-n", "127.0.0.1", "-P", String(port), "hello from outside"]);
    const folder = join(home.var, "default", "log");
    const found = await until(
      () =>
        existsSync(folder) &&
        readdirSync(folder).find((file) => readFileSync(join(folder, file), "utf8").includes("hello from outside")),
      "the line in a file",
    );
    assert.match(found, /\.log$/);
  });
}
