import assert from "node:assert/strict";
import { test } from "node:test";

import { countPendingEvents } from "#campaign/delivery/events/count-pending-events.ts";
import { textOf } from "#protocols/soap/xml-element.ts";
import { anOperator } from "#test/support/operators.ts";
import { listEvents } from "#test/support/event-store.ts";
import { aWeb, type Answer, faultOf, outputsOf, type RunningWeb, type Tokens } from "#test/support/web.ts";

const event = (attributes: string, ctx = ""): string => `<event><rtEvent ${attributes}>${ctx}</rtEvent></event>`;
const good = 'type="order" email="a@example.org"';

function push(
  web: RunningWeb,
  tokens: Tokens,
  parameters: string,
  method = "PushEvent",
  service = "nms:rtEvent",
): Promise<Answer> {
  return web.call(method, parameters, tokens, service);
}

test("an event is stored as it came, and its sender is told an id", async (t) => {
  const web = await aWeb(t);
  const tokens = await web.logOn();
  const answer = await push(
    web,
    tokens,
    event(
      `${good} wishedChannel="0" externalId="x1" scheduled="2026-03-01 10:00:00"`,
      "<ctx><order n='1'>&lt;b&gt;</order></ctx>",
    ),
  );
  const id = BigInt(textOf(outputsOf(answer)[0] ?? assert.fail(answer.text)));
  assert.match(answer.text, /xsi:type=.xsd:long./);
  assert.deepEqual(await listEvents(web.context.db), [
    {
      id: Number(id),
      type: "order",
      email: "a@example.org",
      external_id: "x1",
      status: 0,
      scheduled: new Date("2026-03-01T10:00:00Z"),
      ctx: '<ctx><order n="1">&lt;b&gt;</order></ctx>',
    },
  ]);
});

test("the high byte of an id is the execution instance", async (t) => {
  const web = await aWeb(t, { settings: "web.events.executionInstance = 5" });
  const answer = await push(web, await web.logOn(), event(good));
  const id = BigInt(textOf(outputsOf(answer)[0] ?? assert.fail(answer.text)));
  const [stored] = await listEvents(web.context.db);
  assert.deepEqual([id >> 56n, id & 0xff_ffff_ffff_ffffn], [5n, BigInt(stored?.id ?? 0)]);
});

test("several events are taken together or not at all, real time and batch", async (t) => {
  const web = await aWeb(t);
  const tokens = await web.logOn();
  const many = (second: string): string =>
    `<events><events><batchEvent ${good}/><batchEvent type="order" email="${second}"/></events></events>`;
  const answer = await push(web, tokens, many("b@example.org"), "PushEvents", "nms:batchEvent");
  assert.match(textOf(outputsOf(answer)[0] ?? assert.fail(answer.text)), /^\d+,\d+$/);
  const refused = faultOf(await push(web, tokens, many("nobody"), "PushEvents", "nms:batchEvent"));
  assert.match(refused["detail"] ?? "", /DLV-100009/);
  assert.equal(await countPendingEvents(web.context.db), 2);
});

test("an event that cannot be read is the documented fault", async (t) => {
  const web = await aWeb(t);
  const tokens = await web.logOn();
  for (const [wrong, why] of [
    [event('email="a@example.org"'), /its type is missing/],
    [event('type="order"'), /its email is missing/],
    [event('type="order" email="not an address"'), /no(t a)? valid address/],
    [event(`${good} wishedChannel="7"`), /wishedChannel/],
    [event(`${good} nothing="1"`), /no attribute 'nothing'/],
    [event(good, "<ctx/><ctx/>"), /more than one ctx/],
    ["<event/>", /empty/],
    ["", /empty/],
  ] as const) {
    const { faultcode, faultstring, detail } = faultOf(await push(web, tokens, wrong));
    assert.match(faultcode ?? "", /Client$/);
    assert.match(faultstring ?? "", /Error while reading parameters of method 'PushEvent' of service 'nms:rtEvent'\.$/);
    assert.match(detail ?? "", why);
  }
  assert.equal(await countPendingEvents(web.context.db), 0);
});

test("a full queue refuses further events, and says so", async (t) => {
  const web = await aWeb(t, { settings: "web.events.maxPending = 2" });
  const tokens = await web.logOn();
  for (let sent = 0; sent < 2; sent += 1)
    assert.deepEqual(faultOf(await push(web, tokens, event(good)))["faultcode"], undefined);
  assert.match(faultOf(await push(web, tokens, event(good)))["detail"] ?? "", /DLV-100010 The queue is full/);
});

test("who holds the right to push events may do that, and nobody else", async (t) => {
  const web = await aWeb(t);
  const sender = await anOperator(web, "mc2", ["messageCenter"]);
  assert.equal(faultOf(await push(web, sender, event(good)))["faultcode"], undefined);
  const other = await anOperator(web, "other", ["delivery"]);
  assert.match(faultOf(await push(web, other, event(good)))["detail"] ?? "", /SOP-330110/);
});
