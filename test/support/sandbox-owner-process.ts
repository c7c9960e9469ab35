/** A process that keeps its sandbox busy for a minute; it tells the sandbox's process id and waits to be killed. */

import { silentLog } from "#foundation/log.ts";
import { openSandbox } from "#foundation/sandbox/open-sandbox.ts";

const sandbox = openSandbox({ timeMs: 60_000, memoryMb: 32, timezone: "UTC", log: silentLog });
await sandbox.call({ key: "first", source: "() => '0'" }, [0]);
process.stdout.write(`${sandbox.pid}\n`);
await sandbox.call({ key: "endless", source: "() => { for (;;); }" }, [0]);
