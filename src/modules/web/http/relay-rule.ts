/** Rules by which addresses are kept closed, as Classic's relay has them: the first that matches decides. */

import { readTables } from "#foundation/read-tables.ts";
import type { Setting } from "#foundation/settings.ts";

export type RelayRule = {
  /** A mask of paths; `*` stands for any text. */
  readonly urlPath: string;
  readonly hostMask: string;
  /** Networks from which the rule holds; empty = from everywhere. */
  readonly networks: readonly string[];
  /** Nobody gets there. */
  readonly deny: boolean;
  /** Open without TLS in every zone; else TLS is needed, or a zone with `allowHTTP`. */
  readonly httpAllowed: boolean;
};

const closed = (urlPath: string): RelayRule => ({ ...rule(urlPath), deny: true });
const open = (urlPath: string): RelayRule => ({ ...rule(urlPath), httpAllowed: true });

/** Classic's own: pages for everyone open, those for operators where the zone lets them. */
export const shippedRules: readonly RelayRule[] = [
  closed("*ooconv.jsp*"),
  closed("/res/*.jsp*"),
  open("*/sc.jssp"),
  open("/nms/jsp/webForm.jsp"),
  open("/nms/jsp/barcode.jsp"),
  open("/nms/jsp/captcha.jsp"),
  open("/nl/jsp/m.jsp"),
  open("/nl/jsp/s.jsp"),
  open("/nl/jsp/logon.jsp"),
  open("/xtk/jsp/zoneinfo.jsp"),
  open("/webApp/*"),
  open("/interaction/*"),
  rule("/nms/*"),
  rule("/xtk/*"),
  rule("/nl/*"),
  rule("/report/*"),
  rule("/jssp/*"),
  rule("/view/*"),
  rule("/strings/*"),
  rule("/api/*"),
];

/** A list of rules, written as tables: `[[web.relay.urls]]`, or as JSON in the environment. */
export function relayRules(options: { readonly description: string }): Setting<readonly RelayRule[]> {
  return {
    ...options,
    default: [],
    accepts: "tables with urlPath, and where they matter hostMask, networks, deny = true, httpAllowed = true",
    parse: (raw) => parseRules(readTables(raw)),
  };
}

function parseRules(tables: readonly unknown[] | undefined): readonly RelayRule[] | undefined {
  if (tables === undefined) return undefined;
  const rules = tables.map(parseRule);
  return rules.some((found) => found === undefined) ? undefined : rules.filter((found) => found !== undefined);
}

function parseRule(raw: unknown): RelayRule | undefined {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) return undefined;
  const given = raw as Record<string, unknown>;
  const { urlPath, hostMask = "*", networks = [], deny = false, httpAllowed = false } = given;
  const isKnown = Object.keys(given).every((key) => Object.hasOwn(rule(""), key));
  if (!isKnown || typeof urlPath !== "string" || urlPath === "" || typeof hostMask !== "string") return undefined;
  if (typeof deny !== "boolean" || typeof httpAllowed !== "boolean") return undefined;
  if (!Array.isArray(networks) || !networks.every((network) => typeof network === "string")) return undefined;
  return { urlPath, hostMask, networks, deny, httpAllowed };
}

function rule(urlPath: string): RelayRule {
  return { urlPath, hostMask: "*", networks: [], deny: false, httpAllowed: false };
}
