/** Signed links: written, read back, and refused when anything in them was changed. */

import assert from "node:assert/strict";
import { createHmac, createSecretKey, randomBytes } from "node:crypto";
import { test } from "node:test";

import * as fc from "fast-check";

import { fillTrackedUrl } from "./fill-tracked-url.ts";
import { makeTrackingPath, makeUnsubscribePath } from "./make-tracking-path.ts";
import { parseTrackingRequest } from "./parse-tracking-request.ts";

const key = randomBytes(32);
const keys = new Map([
  ["other", randomBytes(32)],
  ["main", key],
  ["third", randomBytes(32)],
]);
const link = {
  contentType: "h",
  broadLogId: 0x617791,
  deliveryId: 0x71ffa3,
  urlId: 0x71ffa8,
  values: ["Doe"],
} as const;

test("a link has the form that is agreed, signed with the first 128 bits of an HMAC", () => {
  const digest = createHmac("sha256", key).update("h617791,71ffa3,71ffa8|Doe").digest();
  const signature = digest.subarray(0, 16).toString("base64url");
  assert.equal(makeTrackingPath(key, link), `/r/?id=h617791,71ffa3,71ffa8&p1=Doe&s=${signature}`);
  assert.equal(makeTrackingPath(createSecretKey(key), link), makeTrackingPath(key, link));
});

test("a link comes back as it was written, with the instance that signed it", () => {
  assert.deepEqual(parseTrackingRequest(keys, makeTrackingPath(key, link)), { ...link, instance: "main" });
});

test("any values survive the way through an address", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: "grapheme", maxLength: 40 }), { maxLength: 6 }),
      fc.nat(),
      (values, broadLogId) => {
        const made = makeTrackingPath(key, { ...link, broadLogId, values });
        assert.match(made, /^[\x21-\x7e]+$/);
        assert.deepEqual(parseTrackingRequest(keys, made), { ...link, broadLogId, values, instance: "main" });
      },
    ),
  );
});

test("an unsubscription link is read on its own path only", () => {
  const path = makeUnsubscribePath(key, { broadLogId: 16, deliveryId: 17 });
  assert.match(path, /^\/r\/unsubscribe\?id=h10,11,2&s=[\w-]{22}$/);
  assert.deepEqual(parseTrackingRequest(keys, path), {
    contentType: "h",
    broadLogId: 16,
    deliveryId: 17,
    urlId: 2,
    values: [],
    instance: "main",
  });
  assert.equal(parseTrackingRequest(keys, path.replace("/r/unsubscribe", "/r/")), undefined);
  const click = makeTrackingPath(key, { ...link, values: [] });
  assert.equal(parseTrackingRequest(keys, click.replace("/r/", "/r/unsubscribe")), undefined);
});

test("changes that mail scanners make to a link do no harm", () => {
  const path = makeTrackingPath(key, link);
  for (const changed of [path.replaceAll(",", "%2C"), path.replaceAll(",", "%2c"), `${path}&utm_source=scanner`]) {
    assert.equal(parseTrackingRequest(keys, changed)?.broadLogId, link.broadLogId, changed);
  }
});

test("a link is refused when one character of it was changed, wherever it is", () => {
  const path = makeTrackingPath(key, link);
  const query = path.indexOf("?id=") + 4;
  for (let index = query; index < path.length; index += 1) {
    const other = path[index] === "0" ? "1" : "0";
    const changed = path.slice(0, index) + other + path.slice(index + 1);
    const read = parseTrackingRequest(keys, changed);
    // The last of 22 characters carries two bits only; one that differs in the others means the same bytes.
    const isSameSignature =
      index === path.length - 1 &&
      Buffer.from(changed.slice(-22), "base64url").equals(Buffer.from(path.slice(-22), "base64url"));
    assert.equal(read === undefined, !isSameSignature, `character ${index}`);
  }
});

test("links that are forged, doubled, encoded twice, upper-cased or too long are refused", () => {
  const path = makeTrackingPath(key, link);
  const plain = makeTrackingPath(key, { ...link, values: [] });
  for (const bad of [
    "",
    "/r/",
    "/r/?",
    "/r/?id=h1,2,3",
    "/r/?id=h1,2,3&s=",
    "/x/?id=h1,2,3&s=aaaaaaaaaaaaaaaaaaaaaa",
    path.replace(/&s=.*/, ""),
    path.replace("&p1=Doe", ""),
    path.replace("p1=Doe", "p1=Doe&p1=Doe"),
    path.replace("p1=Doe", "p1=Doe&p2=x"),
    `${path}&id=h1,2,3`,
    path.toUpperCase(),
    path.replaceAll("%", "%25").replaceAll(",", "%252C"),
    `${plain}&p1=https://evil.example`,
    `${path}&x=${"y".repeat(100_000)}`,
    plain.replace("h617791", "h0617791"),
  ]) {
    assert.equal(parseTrackingRequest(keys, bad), undefined, bad.slice(0, 100));
  }
  assert.equal(parseTrackingRequest(new Map([["main", randomBytes(32)]]), path), undefined);
});

test("nothing that arrives makes the parser throw", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) =>
      assert.equal(parseTrackingRequest(keys, `/r/?${text}`), undefined),
    ),
  );
});

test("values are put back into the address, and cannot leave their place", () => {
  const cases: [string, string[], string | undefined][] = [
    ["https://shop.example/?n=$(p1)", ["Doe"], "https://shop.example/?n=Doe"],
    ["https://shop.example/$(p2)/$(p1)?x=$(p1)", ["a", "b%20c"], "https://shop.example/b%20c/a?x=a"],
    ["https://shop.example/?n=$(p1)", ["a\r\nSet-Cookie: x=1"], "https://shop.example/?n=a%0D%0ASet-Cookie:%20x=1"],
    ["https://shop.example/?n=$(p1)", ["100%"], "https://shop.example/?n=100%25"],
    ["https://shop.example/?n=$(p1)", ["é\ud800"], "https://shop.example/?n=%C3%A9%EF%BF%BD"],
    ["https://shop.example/?n=$(p1)", ["$(p2)", "x"], "https://shop.example/?n=$(p2)"],
    ["https://shop.example", [], "https://shop.example"],
    ["https://shop.example/?n=$(p1)", [], undefined],
    ["https://$(p1)/", ["evil.example"], undefined],
    ["https://shop.example$(p1)/", [".evil.example"], undefined],
    ["https://user@shop.example/", [], undefined],
    ["$(p1)", ["https://evil.example"], undefined],
    ["javascript:alert(1)", [], undefined],
    ["//shop.example/", [], undefined],
  ];
  for (const [stored, values, expected] of cases) assert.equal(fillTrackedUrl(stored, values), expected, stored);
});
