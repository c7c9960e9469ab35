import assert from "node:assert/strict";
import { test } from "node:test";

import { checkSender, parseMasks } from "./check-sender.ts";

const addresses = {
  fromAddress: "news@shop.test",
  replyToAddress: "",
  errorAddress: "",
  bounceDomain: "bounce.shop.test",
};

test("addresses of the sender must fit one of the masks, where there are masks", () => {
  const told = (given: Partial<typeof addresses>, from: string, error = "") =>
    checkSender({ ...addresses, ...given }, { from: parseMasks(from), error: parseMasks(error) }).map(
      ({ level, part }) => `${level} ${part}`,
    );
  assert.deepEqual(told({}, ""), []);
  assert.deepEqual(told({}, "*@shop.test, *@*.shop.test"), []);
  assert.deepEqual(told({ fromAddress: "News@SHOP.test" }, "*@shop.test"), []);
  assert.deepEqual(told({ fromAddress: "news@shop.test.evil.test" }, "*@shop.test"), ["error sender"]);
  assert.deepEqual(told({}, "", "*@shop.test"), ["error errorAddress"]);
  assert.deepEqual(told({}, "", "*@bounce.shop.test"), []);
  assert.deepEqual(told({ errorAddress: "err@shop.test" }, "", "*@shop.test"), []);
  assert.deepEqual(told({ errorAddress: "err@shop.test\r\nx" }, ""), ["error errorAddress"]);
  assert.deepEqual(told({ errorAddress: "zoë@shop.test" }, ""), ["error errorAddress"]);
  assert.deepEqual(told({ fromAddress: "zoë@shop.test", replyToAddress: "用户@例子.test" }, ""), [
    "warning sender",
    "warning replyTo",
  ]);
});
