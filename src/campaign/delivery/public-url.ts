/** The address under which the world reaches this instance. */

import { instanceSettings, webAddress, webTlsSettings } from "#foundation/common-settings.ts";
import type { Context } from "#foundation/module.ts";

/** What links begin with: the address that the operator set, or that of web on this host. */
export function publicUrl({ settings }: Pick<Context, "settings">): string {
  const { publicUrl: given } = settings.of(instanceSettings);
  if (given !== "") return given;
  const { address, port } = settings.of(webAddress);
  const scheme = settings.of(webTlsSettings).certificate === "" ? "http" : "https";
  return `${scheme}://${address.includes(":") ? `[${address}]` : address}:${port}`;
}
