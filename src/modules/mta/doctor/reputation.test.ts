import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { createDkimKey } from "#campaign/content/dkim/create-key.ts";
import { activateDkimKeys } from "#campaign/content/dkim/dkim-key-store.ts";
import { loadSecrets } from "#foundation/secrets.ts";
import { aHome } from "#test/support/context.ts";
import { insertSender } from "#test/support/doctor-store.ts";
import { aVisit, problemsOf } from "#test/support/doctor-visit.ts";
import { type Ending, inReverse } from "#test/support/endings.ts";
import { aScriptedDns, type ScriptedDns } from "#test/support/scripted-dns.ts";
import { aScriptedSmtp } from "#test/support/scripted-smtp.ts";

import { checkAddresses } from "./addresses.ts";
import { checkDns } from "./dns.ts";
import { checkRelay } from "./relay.ts";
import { checkSenders } from "./senders.ts";
import { checkSigning } from "./signing.ts";
import { checkSpf } from "./spf.ts";

/** Behind a translation of addresses: the name leads to the address that the world sees. */
async function aSendingVisit(t: Ending, dns: ScriptedDns, more = ""): Promise<Awaited<ReturnType<typeof aVisit>>> {
  const settings = `mta.route = "mx"
instance.bounceDomain = "b.test"
mta.dns.nameServers = ["${dns.nameServer}"]
mta.dns.localDomain = "out.test"
mta.localAddress = "127.0.0.1"
${more}`;
  return await aVisit(t, { settings });
}

const reverse = "10.2.0.193.in-addr.arpa";

test("an address that has no reverse name, one that leads elsewhere, or another than is said in EHLO is told", async (t) => {
  const dns = await aScriptedDns(t, {});
  const visit = await aSendingVisit(t, dns);
  const problems = async (): Promise<string[]> => problemsOf(await checkAddresses(visit));
  assert.deepEqual(await problems(), ["warning addresses.noName"]);
  const name = { "out.test": { a: ["193.0.2.10"] } };
  dns.change(name);
  assert.deepEqual(await problems(), ["error addresses.noReverse"]);
  dns.change({ ...name, [reverse]: { ptr: ["host.provider.test"] } });
  assert.deepEqual(await problems(), ["warning addresses.otherReverse"]);
  dns.change({ ...name, [reverse]: { ptr: ["host.provider.test"] }, "host.provider.test": { a: ["193.0.2.10"] } });
  assert.deepEqual(await problems(), ["note addresses.otherName"]);
  dns.change({ ...name, [reverse]: { ptr: ["out.test"] } });
  assert.deepEqual(await problems(), []);
  dns.change("SERVFAIL");
  assert.deepEqual(await problems(), ["obstacle dns"]);
});

test("an address of the settings that this machine does not have is told", async (t) => {
  const dns = await aScriptedDns(t, { "out.test": { a: ["193.0.2.10"] }, [reverse]: { ptr: ["out.test"] } });
  const visit = await aSendingVisit(
    t,
    dns,
    '[[mta.child.smtp.ipAffinity]]\nname = "default"\n[[mta.child.smtp.ipAffinity.ip]]\naddress = "193.0.2.10"\npublicId = 10\n',
  );
  assert.deepEqual(problemsOf(await checkAddresses(visit)), ["error addresses.notHere"]);
  const inbox = await aVisit(t, { settings: 'mta.localAddress = "193.0.2.10"' });
  assert.deepEqual(problemsOf(await checkAddresses(inbox)), []);
});

test("an SPF record that is missing, broken, or does not name our address is told", async (t) => {
  const dns = await aScriptedDns(t, {});
  const visit = await aSendingVisit(t, dns);
  const problems = async (txt: readonly string[]): Promise<string[]> => {
    dns.change({ "out.test": { a: ["193.0.2.10"] }, "b.test": { txt } });
    return problemsOf(await checkSpf(visit));
  };
  assert.deepEqual(await problems([]), ["warning spf.none"]);
  assert.deepEqual(await problems(["v=spf1 ip4:193.0.2.10 -al"]), ["error spf.broken"]);
  assert.deepEqual(await problems(["v=spf1 ip4:193.0.2.11 -all"]), ["error spf.refused"]);
  assert.deepEqual(await problems(["v=spf1 ip4:193.0.2.11 ~all"]), ["warning spf.notNamed"]);
  assert.deepEqual(await problems(["v=spf1 ip4:193.0.2.0/24 -all"]), []);
  dns.change("silence");
  assert.deepEqual(problemsOf(await checkSpf(visit)), ["obstacle dns"]);
});

test("of a relay only the record itself is judged: its address is not ours to know", async (t) => {
  const dns = await aScriptedDns(t, {
    "b.test": { txt: ["v=spf1 include:relay.test -all"] },
    "relay.test": { txt: ["v=spf1 -all"] },
  });
  const visit = await aSendingVisit(t, dns, 'mta.relay.address = ["relay.test"]');
  const relayed = await aVisit(t, {
    settings: `mta.route = "relay"\ninstance.bounceDomain = "b.test"\nmta.dns.nameServers = ["${dns.nameServer}"]`,
  });
  assert.deepEqual(problemsOf(await checkSpf({ ...visit, settings: relayed.settings })), []);
  dns.change({});
  assert.deepEqual(problemsOf(await checkSpf({ ...visit, settings: relayed.settings })), ["warning spf.none"]);
});

test("domains of senders that do not exist, do not sign, or say nothing about forgeries are told", async (t) => {
  const dns = await aScriptedDns(t, {});
  const visit = await aSendingVisit(t, dns);
  const { db, secrets } = visit;
  await insertSender(db, "news@mail.shop.test");
  assert.deepEqual(problemsOf(await checkSenders(visit)).toSorted(), [
    "error senders.noMail",
    "warning senders.noDmarc",
    "warning senders.unsigned",
  ]);
  const key = await createDkimKey({ db, secrets, now: new Date() }, { domain: "shop.test", algorithm: "ed25519" });
  await activateDkimKeys(db, [key.id], new Date());
  dns.change({ "mail.shop.test": { a: ["193.0.2.1"] }, "_dmarc.shop.test": { txt: ["v=DMARC1; p=none"] } });
  assert.deepEqual(problemsOf(await checkSenders(visit)), []);
  dns.change("SERVFAIL");
  assert.deepEqual(problemsOf(await checkSenders(visit)), ["obstacle dns"]);
});

test("a key that this host cannot open, and one of the settings that cannot be read, are told", async (t) => {
  const visit = await aVisit(t);
  await createDkimKey(
    { db: visit.db, secrets: visit.secrets, now: new Date() },
    { domain: "shop.test", algorithm: "ed25519" },
  );
  assert.deepEqual(problemsOf(await checkSigning(visit)), []);
  const elsewhere = { ...visit, secrets: loadSecrets(aHome(t)) };
  assert.deepEqual(problemsOf(await checkSigning(elsewhere)), ["error signing.unusable"]);
  const other = await aVisit(t, { settings: 'dkim.domain = "shop.test"\ndkim.privateKeyFile = "nowhere.pem"' });
  assert.deepEqual(problemsOf(await checkSigning(other)), ["error signing.ofSettings"]);
});

test("the record of a key of the settings is compared with its private half", async (t) => {
  const dns = await aScriptedDns(t, {
    "b.test": { mx: [{ preference: 10, exchange: "in.test" }] },
    "postrider._domainkey.shop.test": { txt: ["v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="] },
  });
  const visit = await aSendingVisit(t, dns, 'dkim.domain = "shop.test"\ndkim.privateKeyFile = "key.pem"');
  const write = (pkcs8: string): void =>
    writeFileSync(
      join(visit.home.conf, "key.pem"),
      `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n`,
    );
  // The key of RFC 8463, appendix A, and another one.
  write("MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g");
  assert.deepEqual(problemsOf(await checkDns(visit)), []);
  write("MC4CAQAwBQYDK2VwBCIEIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
  assert.deepEqual(problemsOf(await checkDns(visit)), ["error dns.dkimWrong"]);
});

test("a relay that refuses or is away is told; while another takes the mail, as a warning", async (test) => {
  const t = inReverse(test);
  const [busy, well] = [
    await aScriptedSmtp(t, { on: { CONNECT: { say: "554 5.7.1 you are not welcome", next: "close" } } }),
    await aScriptedSmtp(t),
  ];
  const problems = async (...ports: number[]): Promise<string[]> => {
    const relays = ports.map((port) => `"127.0.0.1:${port}"`).join(", ");
    const visit = await aVisit(t, { settings: `mta.route = "relay"\nmta.relay.address = [${relays}]` });
    return problemsOf(await checkRelay(visit));
  };
  assert.deepEqual(await problems(well.port), []);
  assert.deepEqual(await problems(busy.port), ["error relay.away"]);
  assert.deepEqual(await problems(busy.port, well.port), ["warning relay.oneAway"]);
  await busy.close();
  assert.deepEqual(await problems(busy.port), ["error relay.away"]);
});
