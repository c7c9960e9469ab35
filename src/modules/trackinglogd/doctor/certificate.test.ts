import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { createServer, getCACertificates, setDefaultCACertificates } from "node:tls";

import { aVisit, problemsOf } from "#test/support/doctor-visit.ts";
import { inReverse } from "#test/support/endings.ts";

import { checkCertificate } from "./certificate.ts";

const folder = new URL("../../../../test/support/certificates/", import.meta.url);
const [key, cert] = ["localhost.key", "localhost.crt"].map((name) => readFileSync(new URL(name, folder), "utf8"));

test("a certificate of the public address that nobody trusts, that ends soon, or that has ended is told", async (test) => {
  const t = inReverse(test);
  const server = createServer({ key, cert });
  server.listen(0, "localhost");
  await once(server, "listening");
  t.after(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const bound = server.address();
  const port = typeof bound === "object" && bound !== null ? bound.port : 0;
  const visit = await aVisit(t, { settings: `instance.publicUrl = "https://localhost:${port}"` });
  const at = (moment: string): Promise<string[]> =>
    checkCertificate({ ...visit, now: () => new Date(moment) }).then(problemsOf);
  assert.deepEqual(await at("2027-01-01"), ["error certificate.refused"]);
  const usual = getCACertificates();
  t.after(() => setDefaultCACertificates(usual));
  setDefaultCACertificates([...usual, cert ?? ""]);
  assert.deepEqual(await at("2027-01-01"), []);
  assert.deepEqual(await at("2126-10-20"), ["warning certificate.endsSoon"]);
  assert.deepEqual(await at("2126-11-01"), ["error certificate.expired"]);
});

test("an address without TLS has no certificate, and one that nobody answers at is left to the redirection", async (t) => {
  for (const publicUrl of ["http://localhost:1", "https://localhost:1"]) {
    const visit = await aVisit(t, { settings: `instance.publicUrl = "${publicUrl}"` });
    assert.deepEqual(problemsOf(await checkCertificate(visit)), []);
  }
});
