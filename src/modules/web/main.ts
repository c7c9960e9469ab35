/** The application server: pages, HTTP and SOAP for all instances of the host, and the way to trackinglogd. */

import type { HostModule } from "#foundation/module.ts";

import { openWeb } from "./open-web.ts";

export const web: HostModule = {
  name: "web",
  scope: "host",
  start: openWeb,
};
