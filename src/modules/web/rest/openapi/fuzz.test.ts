import assert from "node:assert/strict";
import { Agent, request as sendRequest } from "node:http";
import { test } from "node:test";

import fc from "fast-check";

import { type Description, faultOfAnswer, type Operation } from "#test/support/openapi-answers.ts";
import { type RandomRequest, requestsOf } from "#test/support/openapi-requests.ts";
import { aRest, type Rest } from "#test/support/rest.ts";

/** For a longer search; what is found is reproduced by the seed that is printed. */
const firstSeed = Number(process.env["POSTRIDER_FUZZ_SEED"] ?? 17);
const searchMs = 1_000 * Number(process.env["POSTRIDER_FUZZ_SEC"] ?? 12);
/** Requests to one operation in one round; every operation has its turn in the first round. */
const runs = 3;
const atOnce = 6;
const slowestMs = 8_000;

type Case = { readonly path: string; readonly method: string; readonly operation: Operation };
type Answer = {
  readonly status: number;
  readonly type: string | undefined;
  readonly body: unknown;
  readonly text: string;
};

test("whatever is sent to any operation, the answer is one that the description declares, soon, and never a failure of ours", async (t) => {
  const rest = await aRest(t);
  const description = (await rest.call("GET", "/openapi.json")).json as unknown as Description;
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  t.after(() => agent.destroy());
  const headers = { "x-session-token": rest.tokens.session, "x-security-token": rest.tokens.security };
  const cases: Case[] = Object.entries(description.paths).flatMap(([path, item]) =>
    Object.entries(item).flatMap(([method, operation]) =>
      method === "parameters" || isLeftOut(path) ? [] : [{ path, method, operation }],
    ),
  );
  const statuses = new Map<number, number>();
  const check = async (found: Case, request: RandomRequest): Promise<void> => {
    const begun = performance.now();
    const answer = await send(agent, rest.web.port, { ...request, headers: { ...headers, ...request.headers } });
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    const what = `${request.method} ${request.path.slice(0, 300)} ${request.body?.slice(0, 500) ?? ""} -> ${answer.status} ${answer.text.slice(0, 500)}`;
    assert.ok(answer.status < 500, what);
    assert.notEqual(answer.status, 401, `the session is lost: ${what}`);
    assert.ok(performance.now() - begun < slowestMs, `slow: ${what}`);
    assert.equal(faultOfAnswer(description, found.operation, answer), undefined, what);
    assert.doesNotMatch(answer.text, /node_modules|\n\s+at |\bselect .* from nms_/, what);
  };
  const faults: string[] = [];
  const endMs = performance.now() + searchMs;
  for (let seed = firstSeed; seed === firstSeed || (performance.now() < endMs && faults.length === 0); seed += 1) {
    const round = { seed, left: [...cases], endMs: seed === firstSeed ? Number.POSITIVE_INFINITY : endMs };
    await Promise.all(Array.from({ length: atOnce }, () => work(rest, description, round, check, faults)));
  }
  const told = [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`);
  t.diagnostic(`${[...statuses.values()].reduce((sum, count) => sum + count, 0)} requests; ${told.join(", ")}`);
  const reasons = rest.web.records
    .filter(({ event }) => event === "web.rest_failed")
    .map(({ fields }) => `${String(fields["reason"])} ${String(fields["stack"]).slice(0, 600)}`);
  assert.deepEqual(faults, [], [...faults, ...new Set(reasons)].join("\n\n"));
  // A search in which nothing is ever right would prove little.
  const isMixed = [200, 201, 204, 400, 404].every((status) => (statuses.get(status) ?? 0) > 0);
  assert.ok(isMixed && (statuses.get(200) ?? 0) > 100, told.join());
});

/** What would end the search itself: its own session, and the wait after wrong passwords. */
function isLeftOut(path: string): boolean {
  return /\/session\/log(?:on|off)$|\/operators\b|\/operator-|\/group-rights|\/sessions\b/.test(path);
}

type Round = { readonly seed: number; readonly left: Case[]; readonly endMs: number };

/** Takes one operation after the other until none is left, or the time is over. */
async function work(
  rest: Rest,
  description: Description,
  { seed, left, endMs }: Round,
  check: (found: Case, request: RandomRequest) => Promise<void>,
  faults: string[],
): Promise<void> {
  for (let found = left.pop(); found !== undefined && performance.now() < endMs; found = left.pop()) {
    const { path, method, operation } = found;
    const current = found;
    const requests = requestsOf(description, path, method, operation, await idsOf(rest, path));
    const outcome = await fc.check(
      fc.asyncProperty(requests, (request) => check(current, request)),
      { numRuns: runs, seed, endOnFailure: true },
    );
    if (outcome.failed)
      faults.push(`${outcome.errorInstance instanceof Error ? outcome.errorInstance.message : ""} (seed ${seed})`);
  }
}

async function idsOf(rest: Rest, path: string): Promise<string[]> {
  const [, entity = ""] = /^\/api\/v1\/([^/]+)\/\{id\}/.exec(path) ?? [];
  const rows =
    entity === ""
      ? []
      : (((await rest.call("GET", `/${entity}?limit=2&fields=id`)).json["items"] ?? []) as { id?: unknown }[]);
  return [
    "1",
    "0",
    "-1",
    "name=x",
    "internalName=x",
    "1,2",
    "99999999999999999999",
    ...rows.map(({ id }) => String(id)),
  ];
}

function send(agent: Agent, port: number, { method, path, headers, body }: RandomRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = sendRequest({ agent, host: "127.0.0.1", port, method, path, headers }, (response) => {
      const pieces: Buffer[] = [];
      response.on("data", (piece: Buffer) => pieces.push(piece));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(pieces).toString("utf8");
        const type = response.headers["content-type"];
        resolve({
          status: response.statusCode ?? 0,
          type,
          text,
          body: text === "" ? undefined : (JSON.parse(text) as unknown),
        });
      });
    });
    request.on("error", reject);
    request.end(body);
  });
}
