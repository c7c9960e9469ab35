import assert from "node:assert/strict";
import { test } from "node:test";

import { services } from "#schemas/services.ts";

import { soapMethods } from "./index.ts";

test("every declared method has one handler, or says why it cannot be called yet", () => {
  const handled = soapMethods.map(({ service, declaration }) => `${service}#${declaration.name}`);
  const declared = services.flatMap(({ name, methods }) =>
    methods.filter(({ notYet }) => notYet === undefined).map((method) => `${name}#${method.name}`),
  );
  assert.deepEqual(handled.toSorted(), declared.toSorted());
});
