/** Puts the application server together and opens its port. */

import { webAddress } from "#foundation/common-settings.ts";
import type { HostContext, Running } from "#foundation/module.ts";

import { buildServer } from "./http/build-server.ts";
import { openForwarder } from "./http/forward-redirect.ts";
import { addHealthRoutes } from "./http/health.ts";
import { openInstanceDirectory } from "./http/instance-directory.ts";
import { listen } from "./http/listen.ts";
import { addPageRoutes } from "./pages/page-routes.ts";
import { addSoapRoutes } from "./soap/soap-routes.ts";
import type { WebContext } from "./web-context.ts";

/** Requests under way have this long to be answered when the server stops; then their connections are cut. */
const drainMs = 10_000;

/**
 * Opens the server.
 * @returns what runs, and the port it listens on
 * @throws webPortTaken, webPortRefused
 */
export async function openWeb(host: HostContext): Promise<Running & { readonly port: number }> {
  const web: WebContext = { host, instances: openInstanceDirectory(host) };
  const forwarder = openForwarder(host);
  const app = await buildServer(web, forwarder);
  addHealthRoutes(app, web);
  await addSoapRoutes(app, web);
  await addPageRoutes(app, web);
  const port = await listen(app, host.settings.of(webAddress));
  host.log.info("web.listening", { address: host.settings.of(webAddress).address, port });

  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    const cut = setTimeout(() => app.server.closeAllConnections(), drainMs);
    await app.close();
    clearTimeout(cut);
    forwarder.close();
  };
  return {
    port,
    stop: () => (stopping ??= stop()),
  };
}
