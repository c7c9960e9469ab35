import assert from "node:assert/strict";
import { after, test } from "node:test";

import { silentLog } from "#foundation/log.ts";
import { openSandbox } from "#foundation/sandbox/open-sandbox.ts";
import { aCompiledDelivery, aMessageRecipient } from "#test/support/compiled-delivery.ts";

import { renderAhead, type ScriptedDelivery } from "./render-ahead.ts";

const sandbox = openSandbox({ timeMs: 500, memoryMb: 32, timezone: "UTC", log: silentLog });
after(() => sandbox.close());

function aScripted(textSource: string): ScriptedDelivery {
  const delivery = aCompiledDelivery({ textSource });
  assert.ok(delivery.script);
  return { ...delivery, script: delivery.script };
}

test("recipients are rendered many at once, in any order, and again when they are asked for again", async () => {
  const delivery = aScripted("<%= recipient.lastName + message.id %>");
  const recipients = Array.from({ length: 700 }, (_, n) =>
    aMessageRecipient(delivery, { last_name: `n${n}-` }, { broadLogId: n + 1 }),
  );
  let calls = 0;
  const fill = renderAhead(delivery, recipients, {
    sandbox: {
      call: (program, inputs) => {
        calls += 1;
        assert.ok(inputs.length <= 500);
        return sandbox.call(program, inputs);
      },
    },
    onStop: () => assert.fail("nothing is to be stopped"),
  });
  for (const recipient of [...recipients.toReversed(), ...recipients.slice(0, 3)]) {
    const { broadLogId, rendered } = await fill(recipient);
    assert.deepEqual(rendered, [[0, `n${broadLogId - 1}-${broadLogId}`]]);
  }
  assert.ok(calls < 40, `${calls} calls`);
});

test("a script that throws for one recipient is told to that one, a limit to all, and to the owner once", async () => {
  const delivery = aScripted(
    "<% if (recipient.lastName == 'B') throw new Error('no');\nif (recipient.lastName == 'D') for (;;); %>",
  );
  const recipients = ["A", "B", "C", "D", "E"].map((last_name, n) =>
    aMessageRecipient(delivery, { last_name }, { broadLogId: n }),
  );
  const stops: string[] = [];
  const fill = renderAhead(delivery, recipients, { sandbox, onStop: ({ message }) => stops.push(message) });
  const ends = await Promise.allSettled(recipients.map(fill));
  assert.deepEqual(
    ends.map((end) => (end.status === "fulfilled" ? "rendered" : (end.reason as { code: string }).code)),
    ["rendered", "CNT-100032", "rendered", "CNT-100033", "CNT-100033"],
  );
  await assert.rejects(fill(aMessageRecipient(delivery, { last_name: "A" })), /was stopped at its limit: .*0\.5 s/);
  assert.deepEqual(stops, ["It ran longer than 0.5 s."]);
});
