/** Puts the application server together and opens its port. */

import { pauseBy } from "#foundation/clock.ts";
import { webAddress } from "#foundation/common-settings.ts";
import { followConnections } from "#foundation/http-connections.ts";
import type { HostContext, Running } from "#foundation/module.ts";

import { buildServer } from "./http/build-server.ts";
import { openForwarder } from "./http/forward-redirect.ts";
import { addHealthRoutes } from "./http/health.ts";
import { openInstanceDirectory } from "./http/instance-directory.ts";
import { listen } from "./http/listen.ts";
import { addMetricsRoute } from "./http/metrics/metrics-route.ts";
import { renewCertificate } from "./http/renew-certificate.ts";
import { addPageRoutes } from "./pages/page-routes.ts";
import { addPlainRoutes } from "./pages/plain/plain-routes.ts";
import { addRestRoutes } from "./rest/rest-routes.ts";
import { webSettings } from "./settings.ts";
import { addSoapRoutes } from "./soap/soap-routes.ts";
import type { WebContext } from "./web-context.ts";

/** Requests under way have this long to be answered when the server stops; then their connections are cut. */
const drainMs = 10_000;

/**
 * Opens the server.
 * @returns what runs, and the port it listens on
 * @throws webPortTaken, webPortRefused, certificateUnusable
 */
export async function openWeb(host: HostContext): Promise<Running & { readonly port: number }> {
  const stopping = new AbortController();
  const web: WebContext = { host, instances: openInstanceDirectory(host), stopping: stopping.signal };
  const forwarder = openForwarder(host);
  const app = await buildServer(web, forwarder);
  const connections = followConnections(app.server);
  await addMetricsRoute(app, web);
  addHealthRoutes(app, web);
  await addSoapRoutes(app, web);
  await addRestRoutes(app, web);
  await addPlainRoutes(app, web);
  await addPageRoutes(app, web);
  const port = await listen(app, host.settings.of(webAddress));
  const renewal = renewCertificate(app, web);
  host.log.info("web.listening", { address: host.settings.of(webAddress).address, port });

  let ended: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    stopping.abort();
    await pauseBy(host.clock, host.settings.of(webSettings).drainDelaySec * 1_000);
    const cut = setTimeout(() => app.server.closeAllConnections(), drainMs);
    const closed = app.close();
    connections.release();
    await closed;
    clearTimeout(cut);
    renewal.stop();
    forwarder.close();
  };
  return {
    port,
    stop: () => (ended ??= stop()),
  };
}
