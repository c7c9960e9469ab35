/** Writing `xtk:operator` and what operators may do: passwords are hashed, and an administrator always remains. */

import { loginRefused } from "#campaign/access/errors.ts";
import { hashPassword } from "#campaign/access/hash-password.ts";
import { internalOperator } from "#campaign/access/operator.ts";
import { keepAnAdministrator } from "#campaign/access/operators/keep-an-administrator.ts";
import { parsePassword } from "#campaign/access/password.ts";
import { invalidValue } from "#datamodel/write/errors.ts";
import { plainText } from "#datamodel/write/field-value.ts";
import type { RuleContext, RuleRow, WriteRule } from "#datamodel/write/write-context.ts";

export const operatorRule: WriteRule = {
  extras: { password: { type: "string", label: "Password" } },
  needs: ["name", "timezone"],
  complete: async (rows) => {
    for (const row of rows) {
      checkLogin(row);
      checkTimezone(row);
      await setPassword(row);
    }
  },
  after: async (rows, context) => {
    const changed = rows.find(({ isNew }) => !isNew);
    if (changed !== undefined) await keepOne(context, plainText(changed.value("name")));
  },
  deleted: (rows, context) => keepOne(context, plainText(rows[0]?.before("name"))),
};

/** Writing rights and memberships of operators and groups: they count from the next request on. */
export const operatorRightsRule: WriteRule = {
  deleted: (_, context) => keepOne(context, context.viewer.login),
};

function checkLogin(row: RuleRow): void {
  const login = plainText(row.value("name"));
  if (!row.isChanged("name")) return;
  if (!/^[\w.@+-]{1,80}$/.test(login) || login === internalOperator.login) throw loginRefused({ login });
}

function checkTimezone(row: RuleRow): void {
  const timezone = row.value("timezone");
  if (!row.isChanged("timezone") || typeof timezone !== "string" || timezone === "") return;
  try {
    Intl.DateTimeFormat("en", { timeZone: timezone });
  } catch (cause) {
    const problem = "it is no time zone such as Europe/Paris";
    throw invalidValue({ schema: "xtk:operator", field: "timezone", problem }, { cause });
  }
}

/** Sessions that were opened with the former password end with it. */
async function setPassword(row: RuleRow): Promise<void> {
  const password = row.extra("password");
  if (typeof password !== "string" || password === "") return;
  row.set("passwordHash", await hashPassword(parsePassword(password, plainText(row.value("name")))));
}

function keepOne({ tx }: RuleContext, login: string): Promise<void> {
  return keepAnAdministrator(tx, login);
}
