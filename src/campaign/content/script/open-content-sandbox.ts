/** Opens the sandbox that the scripts of an instance's content run in. */

import { instanceSettings } from "#foundation/common-settings.ts";
import type { Context } from "#foundation/module.ts";
import { openSandbox, type Sandbox } from "#foundation/sandbox/open-sandbox.ts";

import { personalizationSettings } from "./script-settings.ts";

/** No process is started before the first script; whoever opens it closes it. */
export function openContentSandbox({ settings, log }: Pick<Context, "settings" | "log">): Sandbox {
  const { timeLimitSec, memoryMb } = settings.of(personalizationSettings);
  const { timezone } = settings.of(instanceSettings);
  return openSandbox({ timeMs: timeLimitSec * 1_000, memoryMb, timezone, log });
}
