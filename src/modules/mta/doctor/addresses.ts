/** Our own addresses: whether this host has them, and what the DNS says of them and of the names that we say there. */

import { createSocket } from "node:dgram";
import { isIPv6 } from "node:net";

import { routeSettings } from "#foundation/common-settings.ts";
import type { Examination, Finding, InstanceVisit } from "#foundation/doctor/check.ts";
import type { Resolver } from "#protocols/dns/open-resolver.ts";
import { reverseName } from "#protocols/dns/reverse-name.ts";

import { listAddressesOf, openDns } from "./open-dns.ts";
import { listOwnAddresses, listPublicAddresses, type OwnAddress } from "./own-addresses.ts";

/** A relay is seen by the world in our place; the built-in mailbox is seen by nobody. */
export async function checkAddresses(visit: InstanceVisit): Promise<Examination> {
  if (visit.settings.of(routeSettings).route !== "mx") return { findings: [] };
  const { resolver } = openDns(visit);
  const own = await listOwnAddresses(visit);
  const reachable = await listPublicAddresses(resolver, own);
  if (reachable === undefined) return { obstacle: "dns" };
  const found = await Promise.all([
    ...own.filter(({ isDeclared }) => isDeclared).map(judgeBinding),
    ...[...new Set(own.map(({ heloName }) => heloName))].map((name) => judgeName(resolver, name, visit.instance)),
    ...reachable.map((one) => judgeReverse(resolver, one, visit.instance)),
  ]);
  if (found.includes("unknown")) return { obstacle: "dns" };
  const findings = found.filter((each) => each !== "unknown").flat();
  const addresses = reachable.map(({ address }) => address).join(", ") || "-";
  return { findings, seen: { text: "seen.addresses", values: { addresses } } };
}

type Judged = readonly Finding[] | "unknown";

/** Nothing is sent: only a port of the address is asked for. */
function judgeBinding({ address }: OwnAddress): Promise<Judged> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
    socket.once("error", ({ message }) => {
      const values = { address, reason: message };
      socket.close(() => resolve([{ severity: "error", problem: "addresses.notHere", values }]));
    });
    socket.bind(0, address, () => socket.close(() => resolve([])));
  });
}

async function judgeName(resolver: Resolver, name: string, instance: string): Promise<Judged> {
  const addresses = name.includes(".") ? await listAddressesOf(resolver, name) : [];
  if (addresses === undefined) return "unknown";
  return addresses.length > 0 ? [] : [{ severity: "warning", problem: "addresses.noName", values: { name, instance } }];
}

async function judgeReverse(resolver: Resolver, { address, heloName }: OwnAddress, instance: string): Promise<Judged> {
  const answer = await resolver.ask(reverseName(address), "PTR");
  if (answer.kind === "failed") return "unknown";
  const names = answer.kind === "records" ? answer.records.map(({ target }) => target) : [];
  const values = { address, name: heloName, names: names.join(", "), instance };
  if (names.length === 0) return [{ severity: "error", problem: "addresses.noReverse", values }];
  const forth = await Promise.all(names.map((name) => listAddressesOf(resolver, name)));
  if (!forth.some((addresses) => addresses === undefined || addresses.includes(address)))
    return [{ severity: "warning", problem: "addresses.otherReverse", values }];
  return names.includes(heloName.toLowerCase()) ? [] : [{ severity: "note", problem: "addresses.otherName", values }];
}
