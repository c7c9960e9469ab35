/** Reads how a relay is written in the settings. */

import type { Relay } from "./find-route.ts";

/** `host`, `host:port`, `[IPv6 address]` or `[IPv6 address]:port`. */
export function readRelay(text: string, usualPort: number): Relay {
  const [, bracketed, host, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(text) ?? [];
  return { host: bracketed ?? host ?? text, port: port === undefined ? usualPort : Number(port) };
}
