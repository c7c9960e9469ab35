/** Which proxies are believed about who the client is. */

import { zonesOf } from "#foundation/caller-zones.ts";
import type { Settings } from "#foundation/settings.ts";

import { webSettings } from "../settings.ts";

/** Those of `web.trustedProxies`, and those of the host's security zones. */
export function believedProxies(settings: Settings): readonly string[] {
  return [...settings.of(webSettings).trustedProxies, ...zonesOf(settings).flatMap(({ proxies }) => proxies)];
}
