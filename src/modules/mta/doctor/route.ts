/** Where the settings lead mail, and what real sending needs besides. */

import { instanceSettings, routeSettings } from "#foundation/common-settings.ts";
import type { Examination, Finding, InstanceVisit } from "#foundation/doctor/check.ts";
import type { ProblemKey } from "#foundation/doctor/words.ts";

import { mtaRelaySettings, mtaSettings } from "../settings.ts";

/** Reads settings only. */
export function checkRoute({ settings, instance }: InstanceVisit): Promise<Examination> {
  const { route } = settings.of(routeSettings);
  const { bounceDomain, publicUrl } = settings.of(instanceSettings);
  const isLive = route !== "inbox";
  const problems: [boolean, Finding["severity"], ProblemKey][] = [
    [!isLive, "note", "route.inbox"],
    [settings.of(mtaSettings).verifyMode, "warning", "route.verifyMode"],
    [route === "relay" && settings.of(mtaRelaySettings).address.length === 0, "error", "route.noRelay"],
    [isLive && settings.origin("instance.bounceDomain") === "default", "error", "route.noBounceDomain"],
    [isLive && publicUrl === "", "error", "route.noPublicUrl"],
  ];
  const values = { instance, bounceDomain };
  const findings = problems.flatMap(([isSo, severity, problem]) => (isSo ? [{ severity, problem, values }] : []));
  return Promise.resolve({ findings, seen: { text: "seen.route", values: { route, bounceDomain } } });
}
