import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";

import fc from "fast-check";
import { dkimVerify } from "mailauth/lib/dkim/verify.js";

import { type DkimKey, readDkimKey } from "./dkim-key.ts";
import { hashBody, hashCanonicalBody, relaxFields, signMessage } from "./sign-message.ts";
import { relaxLines } from "./canonicalize.ts";

const now = new Date("2026-11-21T10:00:00Z");

for (const algorithm of ["rsa-sha256", "ed25519-sha256"] as const) {
  test(`mailauth accepts a ${algorithm} signature of a message with folded headers, odd blanks and empty last lines`, async () => {
    const { key, record } = aKey(algorithm);
    const fields = [
      "From: =?UTF-8?Q?Zo=C3=AB?= <zoe@example.test>\r\n",
      "To: john@example.test\r\n",
      "Subject: a long  subject\r\n that is folded   \r\n",
      "Message-ID: <1@example.test>\r\n",
      "X-Empty:\r\n",
    ];
    const body = "two  blanks\t and one at the end \r\n\r\n \tfirst\r\n\r\n\r\n";
    const header = await signMessage([key], { fields, constants: [], bodyHash: hashBody(Buffer.from(body)), now });
    assert.equal(await verdict(`${header}${fields.join("")}\r\n${body}`, record), "pass");
    assert.equal(await verdict(`${header}${fields.join("").replace("a long", "another")}\r\n${body}`, record), "fail");
    assert.equal(await verdict(`${header}From: eve@example.test\r\n${fields.join("")}\r\n${body}`, record), "fail");
    assert.notEqual(await verdict(`${header}${fields.join("")}\r\n${body}more\r\n`, record), "pass");
    for (const line of header.split("\r\n")) assert.ok(line.length <= 78, line);
  });
}

test("two keys make two signatures of one body, and both are accepted", async () => {
  const rsa = aKey("rsa-sha256");
  const edwards = aKey("ed25519-sha256", "s2");
  const constants = [relaxFields(["Subject:  x  y \r\n", "MIME-Version: 1.0\r\n"]), relaxFields(["X-Last: 1\r\n"])];
  const fields = ["From: a@example.test\r\n"];
  const body = "hello\r\n";
  const bodyHash = hashBody(Buffer.from(body));
  const headers = await signMessage([rsa.key, edwards.key], { fields, constants, bodyHash, now });
  const message = `${headers}${fields.join("")}${constants.map(({ wire }) => wire).join("")}\r\n${body}`;
  const { results } = await dkimVerify(message, {
    resolver: (name: string) =>
      Promise.resolve(name.startsWith("s1.") ? [[rsa.record]] : name.startsWith("s2.") ? [[edwards.record]] : []),
  });
  assert.deepEqual(
    results.map(({ algo, status }) => [algo, status.result]),
    [
      ["rsa-sha256", "pass"],
      ["ed25519-sha256", "pass"],
    ],
  );
  assert.equal(await signMessage([], { fields, constants, bodyHash, now }), "");
});

test("fields that matter can neither be doubled nor added without breaking the signature", async () => {
  const { key, record } = aKey("ed25519-sha256");
  const fields = ["From: a@example.test\r\n", "Subject: x\r\n", "To: b@example.test\r\n"];
  const body = "hello\r\n";
  const header = await signMessage([key], { fields, constants: [], bodyHash: hashBody(Buffer.from(body)), now });
  assert.equal(await verdict(`${header}${fields.join("")}\r\n${body}`, record), "pass");
  for (const added of [
    "Subject: y",
    "To: c@example.test",
    "Reply-To: eve@example.test",
    "Content-Type: text/html",
    "Cc: c@d.test",
  ])
    assert.notEqual(await verdict(`${header}${added}\r\n${fields.join("")}\r\n${body}`, record), "pass", added);
  assert.equal(await verdict(`${header}X-Seen: 1\r\n${fields.join("")}\r\n${body}`, record), "pass");
});

test("any body signed with its relaxed form is accepted by mailauth", async () => {
  const { key, record } = aKey("ed25519-sha256");
  const line = fc.stringMatching(/^[ab \t.=]{0,12}$/);
  await fc.assert(
    fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 8 }), async (lines) => {
      const body = `${lines.join("\r\n")}\r\n`;
      const fields = ["From: a@example.test\r\n", "Subject: x\r\n"];
      const header = await signMessage([key], { fields, constants: [], bodyHash: hashBody(Buffer.from(body)), now });
      assert.equal(await verdict(`${header}${fields.join("")}\r\n${body}`, record), "pass");
    }),
    { numRuns: 150 },
  );
});

test("a body hashed in canonical pieces has the hash of the whole", () => {
  const piece = fc.stringMatching(/^[ab .=]{0,6}(\r\n){0,3}$/);
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), (texts) => {
      const whole = relaxLines(Buffer.from(`${texts.join("")}\r\n`));
      // Cut anywhere but inside a line break, as slices and values are.
      const cut = whole
        .toString()
        .split(/(?<=[^\r])/)
        .map((part) => Buffer.from(part));
      assert.equal(hashCanonicalBody(cut), hashBody(whole));
    }),
  );
});

test("a key that receivers would refuse is refused with the reason", () => {
  const short = generateKeyPairSync("rsa", { modulusLength: 768, privateKeyEncoding: pkcs8, publicKeyEncoding: spki });
  const curve = generateKeyPairSync("ec", { namedCurve: "P-256", privateKeyEncoding: pkcs8, publicKeyEncoding: spki });
  const read = (pem: string) => readDkimKey({ domain: "example.test", selector: "s", pem });
  assert.deepEqual(read(short.privateKey), { problem: "receivers refuse an RSA key of 768 bits; use 2048" });
  assert.deepEqual(read(curve.privateKey), { problem: "ec keys cannot sign mail; use RSA or Ed25519" });
  assert.deepEqual(read("no key"), { problem: "it is not a private key in PEM form" });
});

const pkcs8 = { type: "pkcs8", format: "pem" } as const;
const spki = { type: "spki", format: "pem" } as const;

function aKey(algorithm: DkimKey["algorithm"], selector = "s1"): { key: DkimKey; record: string } {
  if (algorithm === "rsa-sha256") {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const key: DkimKey = { domain: "example.test", selector, algorithm, privateKey };
    return { key, record: `v=DKIM1; k=rsa; p=${publicKey.export({ type: "spki", format: "der" }).toString("base64")}` };
  }
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const key: DkimKey = { domain: "example.test", selector, algorithm, privateKey };
  // RFC 8463 publishes the 32 bytes of the key, the last of its DER form.
  return {
    key,
    record: `v=DKIM1; k=ed25519; p=${publicKey.export({ type: "spki", format: "der" }).subarray(-32).toString("base64")}`,
  };
}

async function verdict(message: string, record: string): Promise<string> {
  const { results } = await dkimVerify(message, {
    resolver: (name: string) =>
      name === "s1._domainkey.example.test" ? Promise.resolve([[record]]) : Promise.resolve([]),
  });
  return results[0]?.status.result ?? "none";
}
