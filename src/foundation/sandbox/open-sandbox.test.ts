import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";

import { programFolder } from "#foundation/home.ts";
import { silentLog } from "#foundation/log.ts";
import { until } from "#test/support/until.ts";

import { openSandbox } from "./open-sandbox.ts";
import type { ScriptAnswer } from "./sandbox-messages.ts";

const sandbox = openSandbox({ timeMs: 500, memoryMb: 32, timezone: "Europe/Paris", log: silentLog });
after(() => sandbox.close());

/** Runs the body of a function of `input`; what it returns is the answer. */
async function run(body: string, inputs: readonly unknown[] = [0], box = sandbox): Promise<readonly ScriptAnswer[]> {
  const source = `(() => { const run = (input) => {\n${body}\n}; return (text) => JSON.stringify(run(JSON.parse(text)) ?? null); })()`;
  return box.call({ key: body, source }, inputs);
}
const valueOf = (answer: ScriptAnswer | undefined): unknown =>
  answer !== undefined && "value" in answer ? answer.value : answer;
const faultOf = (answer: ScriptAnswer | undefined): string =>
  answer !== undefined && "fault" in answer
    ? `${answer.fault.kind} ${answer.fault.places[0]?.line ?? "-"} ${answer.fault.message}`
    : "none";

test("a program answers once for each input, and its own error ends only that call", async () => {
  const answers = await run("if (input === 2) throw new Error('two'); return input * 10;", [1, 2, 3]);
  assert.deepEqual([valueOf(answers[0]), faultOf(answers[1]), valueOf(answers[2])], [10, "error 2 Error: two", 30]);
});

test("the process has no rights of root, no environment, and dates are local", async () => {
  const [answer] = await run("return new Date(0).getHours();");
  assert.equal(valueOf(answer), 1);
  const { pid } = sandbox;
  assert.ok(pid !== undefined);
  if (process.getuid?.() === 0)
    assert.match(readFileSync(`/proc/${pid}/status`, "utf8"), /^Uid:\t65534\t65534\t65534\t65534$/m);
  assert.match(readFileSync(`/proc/${pid}/cmdline`, "utf8"), /\0--permission\0/);
  const names = readFileSync(`/proc/${pid}/environ`, "utf8")
    .split("\0")
    .map((entry) => entry.split("=")[0]);
  assert.deepEqual(
    names.filter((name) => name !== "" && !name?.startsWith("NODE_CHANNEL")),
    ["TZ"],
  );
});

const nothing = [
  "process",
  "require",
  "module",
  "fetch",
  "setTimeout",
  "console",
  "WebAssembly",
  "Deno",
  "std",
  "os",
  "navigator",
];

test("nothing but the language is within reach, whichever way it is looked for (S-48)", async () => {
  const attempts = [
    `return [${nothing.map((name) => `typeof ${name}`).join()}].join();`,
    "return this.constructor.constructor('return typeof process')();",
    "return (async () => {}).constructor('return typeof process')() && typeof globalThis.process;",
    "try { null.x } catch (error) { return error.constructor.constructor('return typeof process')(); }",
    "Error.prepareStackTrace = (error, frames) => frames[0].getThis; const s = new Error().stack; return typeof s === 'function' ? typeof s() : 'undefined';",
    "return Object.getPrototypeOf(function* () {}).constructor('return typeof process')().next().value;",
    "class A extends Array { static get [Symbol.species]() { return function () { return typeof process; }; } } return typeof process;",
    "Object.prototype.toJSON = function () { return typeof process; }; const out = JSON.stringify({}); delete Object.prototype.toJSON; return JSON.parse(out);",
    "({}).__proto__.polluted = 1; const found = typeof process; delete Object.prototype.polluted; return found;",
    "return new Function('return typeof process')();",
    "return eval('typeof process');",
    "return typeof new Proxy({}, { get: () => process }).x;",
  ];
  for (const body of attempts) {
    const [answer] = await run(body);
    const value = valueOf(answer);
    assert.ok(
      value === "undefined" || value === nothing.map(() => "undefined").join() || faultOf(answer).startsWith("error"),
      `${body} ${JSON.stringify(answer)}`,
    );
  }
  const [loading] = await run("import('node:fs').then((fs) => { globalThis.found = fs; }); return typeof found;");
  assert.equal(valueOf(loading), "undefined");
  const [later] = await run("return typeof found;");
  assert.equal(valueOf(later), "undefined");
  assert.deepEqual(Object.keys({}), []);
});

test("programs do not see each other", async () => {
  await run("globalThis.secret = 1; Array.prototype.join = () => 'taken'; return 0;");
  const [answer] = await run("return [typeof secret, [1, 2].join()];");
  assert.deepEqual(valueOf(answer), ["undefined", "1,2"]);
});

test("what runs too long, takes too much or is nested too deeply is stopped, and the next program runs (S-37, S-49)", async () => {
  assert.match(faultOf((await run("for (;;) {}")).at(0)), /^time \d It ran longer than 0\.5 s/);
  assert.match(faultOf((await run("return Promise.resolve().then(() => { for (;;); }) && 'queued';")).at(0)), /^none/);
  assert.match(faultOf((await run("try { for (;;); } catch { return 1; } finally { for (;;); }")).at(0)), /^time/);
  assert.match(faultOf((await run("const all = [];\nfor (;;) all.push(new ArrayBuffer(1e6));")).at(0)), /^memory 3/);
  assert.match(faultOf((await run("return new Array(3e8).fill(0).length;")).at(0)), /^memory 2/);
  assert.match(faultOf((await run("return new ArrayBuffer(2 ** 31).byteLength;")).at(0)), /^(memory|error) 2/);
  assert.match(faultOf((await run("return /^(a+)+$/.test('a'.repeat(40) + 'b');")).at(0)), /^time/);
  assert.match(faultOf((await run("const f = () => f() + 1; return f();")).at(0)), /^error 2 .*stack overflow/);
  assert.match(faultOf((await run("return JSON.parse('['.repeat(1e5));")).at(0)), /^error/);
  assert.match(faultOf((await run("let a = []; for (let i = 0; i < 1e5; i++) a = [a]; return a;")).at(0)), /^error/);
  assert.match(faultOf((await run("return 'x'.repeat(5e6);")).at(0)), /^memory/);
  assert.match(faultOf((await run("throw { get message() { for (;;); } };")).at(0)), /^(time|error)/);
  assert.match(faultOf((await run("return }")).at(0)), /^syntax \d SyntaxError/);
  const answers = await run("if (input === 2) for (;;);\nreturn input;", [1, 2, 3]);
  assert.deepEqual([answers.length, valueOf(answers[0])], [2, 1]);
  assert.equal(valueOf((await run("return 'well';"))[0]), "well");
});

test("a program that is silent within one long call is killed, and the line that it noted is named", async () => {
  const noting =
    "(() => { const main = (text) => { main.at = 7; const all = []; for (;;) all.push(new Array(2e5).fill(0)); }; main.at = 0; return main; })()";
  const box = openSandbox({ timeMs: 100, memoryMb: 2_000, timezone: "UTC", log: silentLog, graceMs: 100 });
  try {
    const [answer] = await box.call({ key: "silent", source: noting }, [0]);
    assert.match(faultOf(answer), /^time 7 It did not end at its limit/);
    assert.equal(valueOf((await run("return 1;", [0], box))[0]), 1);
  } finally {
    await box.close();
  }
});

test("a sandbox that is killed from outside starts again, and nobody notices", async () => {
  const box = openSandbox({ timeMs: 5_000, memoryMb: 32, timezone: "UTC", log: silentLog });
  try {
    await run("return 1;", [0], box);
    const { pid } = box;
    assert.ok(pid !== undefined);
    const pending = run("const end = Date.now() + 300; while (Date.now() < end); return input;", [1, 2], box);
    process.kill(pid, "SIGKILL");
    assert.deepEqual((await pending).map(valueOf), [1, 2]);
    assert.notEqual(box.pid, pid);
    await box.close();
    await until(() => !existsSync(`/proc/${pid}`), "the end of the process");
    assert.equal(box.pid, undefined);
  } finally {
    await box.close();
  }
});

test("a sandbox ends with the process that owns it, even in the middle of an endless loop", async () => {
  const owner = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", join(programFolder, "test/support/sandbox-owner-process.ts")],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const [said] = (await once(owner.stdout, "data")) as [Buffer];
  const pid = Number(said.toString());
  assert.ok(existsSync(`/proc/${pid}`));
  owner.kill("SIGKILL");
  await once(owner, "exit");
  await until(() => !existsSync(`/proc/${pid}`), "the end of the sandbox", { limitMs: 5_000 });
});
