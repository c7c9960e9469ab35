/** Reads nms_mx_rule. */

import type { TlsRule } from "#channels/permits/permit-messages.ts";
import type { Statements } from "#foundation/database.ts";

import type { MxRule } from "./mx-rule.ts";

/** All rules, in the order in which they are tried. */
export function listMxRules(db: Statements): Promise<MxRule[]> {
  return db.rows(parseMxRule)`
    select mx_rule_id, mask, public_ids, is_shared, max_connections, max_messages_per_connection, max_messages_per_hour,
           connection_timeout_sec, data_timeout_sec, other_timeout_sec, tls
      from nms_mx_rule order by position, mx_rule_id`;
}

type Row = {
  mx_rule_id: number;
  mask: string;
  public_ids: string;
  is_shared: boolean;
  max_connections: number;
  max_messages_per_connection: number;
  max_messages_per_hour: number;
  connection_timeout_sec: number;
  data_timeout_sec: number;
  other_timeout_sec: number;
  tls: TlsRule;
};

function parseMxRule(raw: unknown): MxRule {
  const row = raw as Row;
  return {
    id: row.mx_rule_id,
    mask: row.mask.trim(),
    publicIds: row.public_ids,
    isShared: row.is_shared,
    maxConnections: row.max_connections,
    maxMessagesPerConnection: row.max_messages_per_connection,
    maxMessagesPerHour: row.max_messages_per_hour,
    connectionTimeoutSec: row.connection_timeout_sec,
    dataTimeoutSec: row.data_timeout_sec,
    otherTimeoutSec: row.other_timeout_sec,
    tls: row.tls,
  };
}
