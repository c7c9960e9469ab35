/** The redirection servers, as mta and tracking reach them, and as recipients do under the public address. */

import { readStatus } from "#channels/control/control.ts";
import { listRedirectionServers } from "#channels/hits/hits.ts";
import { instanceSettings, trackinglogdAddress } from "#foundation/common-settings.ts";
import type { Examination, Finding, InstanceVisit, Obstacle } from "#foundation/doctor/check.ts";
import { describeError } from "#foundation/errors.ts";

const answerMs = 4_000;

/** Asks `/r/test` of each. */
export async function checkRedirection(visit: InstanceVisit): Promise<Examination> {
  const { servers } = visit.settings.of(trackinglogdAddress);
  const { publicUrl } = visit.settings.of(instanceSettings);
  const obstacle = servers.length > 0 ? undefined : await findObstacle(visit);
  if (obstacle !== undefined) return { obstacle };
  const inner = listRedirectionServers(visit.settings);
  const asked = [...new Set([...inner, ...(publicUrl === "" ? [] : [publicUrl])])];
  const answers = await Promise.all(asked.map(async (url) => ({ url, ...(await ask(url, visit.signal)) })));
  const findings = answers.flatMap(({ url, problem, isOfCertificate = false }): Finding[] => {
    // A certificate that is no good is a finding of its own check.
    if (problem === undefined || (isOfCertificate && !inner.includes(url))) return [];
    const values = { url: testUrl(url), reason: problem };
    // From within a network the public address may not be reachable although it is from outside.
    return inner.includes(url)
      ? [{ severity: "error", problem: "redirection.away", values }]
      : [{ severity: "warning", problem: "redirection.notPublic", values }];
  });
  return { findings, seen: { text: "seen.redirection", values: { urls: asked.join(", ") } } };
}

/** That the one of this host does not run is a finding of the platform. */
async function findObstacle({ home }: InstanceVisit): Promise<Obstacle | undefined> {
  const status = await readStatus(home).catch(() => undefined);
  if (status === undefined) return "platform";
  const isRunning = status.processes.some(({ module, pid }) => module === "trackinglogd" && pid !== undefined);
  return isRunning ? undefined : "process";
}

type Asked = { readonly problem?: string; readonly isOfCertificate?: boolean };

/** @returns what is wrong, if anything */
async function ask(url: string, signal: AbortSignal): Promise<Asked> {
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(answerMs)]);
    const answer = await fetch(testUrl(url), { signal: limit, redirect: "manual" });
    const text = (await answer.text()).slice(0, 1_000);
    return answer.status === 200 && text.includes("<redir status='OK'") ? {} : { problem: `HTTP ${answer.status}` };
  } catch (error) {
    return { problem: describeError(error), isOfCertificate: isOfCertificate(error) };
  }
}

/** By the names that OpenSSL and Node give to what is wrong with a certificate. */
function isOfCertificate(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return /CERT|SELF_SIGNED|UNABLE_TO/.test(code);
}

function testUrl(url: string): string {
  return `${url.replace(/\/$/, "")}/r/test`;
}
