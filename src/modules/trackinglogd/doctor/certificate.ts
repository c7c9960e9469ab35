/** The certificate of the public address, as the browsers of recipients see it. */

import { isIP } from "node:net";
import { connect, type PeerCertificate } from "node:tls";

import { instanceSettings } from "#foundation/common-settings.ts";
import type { Examination, Finding, InstanceVisit } from "#foundation/doctor/check.ts";

const answerMs = 4_000;
const oneDayMs = 86_400_000;
/** Certificates that renew themselves do so a month before their end: who has fewer days left has a renewal that fails. */
const soonMs = 14 * oneDayMs;

type Seen = { readonly validTo: Date; readonly problem: string | undefined };

/** Opens a TLS connection, and says nothing over it. */
export async function checkCertificate(visit: InstanceVisit): Promise<Examination> {
  const { publicUrl } = visit.settings.of(instanceSettings);
  if (!publicUrl.startsWith("https:")) return { findings: [] };
  const { hostname: host, port } = new URL(publicUrl);
  const seen = await lookAt(host.replace(/^\[|\]$/g, ""), port === "" ? 443 : Number(port), visit.signal);
  // That nobody answers there is a finding of the redirection.
  if (seen === undefined) return { findings: [] };
  const findings = judge(seen, host, visit.now());
  return { findings, seen: { text: "seen.certificate", values: { host, until: seen.validTo } } };
}

function judge({ validTo, problem }: Seen, host: string, now: Date): Finding[] {
  const values = { host, until: validTo, reason: problem ?? "" };
  if (validTo <= now) return [{ severity: "error", problem: "certificate.expired", values }];
  if (problem !== undefined) return [{ severity: "error", problem: "certificate.refused", values }];
  return validTo.getTime() - now.getTime() < soonMs
    ? [{ severity: "warning", problem: "certificate.endsSoon", values }]
    : [];
}

/** @returns undefined when there is no TLS to speak */
function lookAt(host: string, port: number, signal: AbortSignal): Promise<Seen | undefined> {
  return new Promise((resolve) => {
    const server = isIP(host) === 0 ? { servername: host } : {};
    // Looked at although it may be no good: why is what is asked for.
    const socket = connect({ host, port, ...server, rejectUnauthorized: false });
    const limit = AbortSignal.any([signal, AbortSignal.timeout(answerMs)]);
    const end = (seen?: Seen): void => {
      limit.removeEventListener("abort", giveUp);
      socket.destroy();
      resolve(seen);
    };
    const giveUp = (): void => end();
    limit.addEventListener("abort", giveUp, { once: true });
    socket.on("error", giveUp);
    socket.once("secureConnect", () => {
      const certificate: Partial<PeerCertificate> = socket.getPeerCertificate();
      const { valid_to: validTo } = certificate;
      const problem = socket.authorized ? undefined : String(socket.authorizationError);
      end(validTo === undefined ? undefined : { validTo: new Date(validTo), problem });
    });
  });
}
