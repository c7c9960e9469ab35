/** What every request of web is answered with. */

import type { HostContext } from "#foundation/module.ts";

import type { InstanceDirectory } from "./http/instance-directory.ts";

export type WebContext = {
  readonly host: HostContext;
  readonly instances: InstanceDirectory;
  /** Aborted when the server is told to stop, while it still answers. */
  readonly stopping: AbortSignal;
};
