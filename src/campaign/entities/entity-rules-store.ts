/** Statements of the rules that entities are written by. */

import type { Statements } from "#foundation/database.ts";

/** Deletes the parts of deliveries that nobody has begun to send: their messages are not wanted any more. */
export async function deleteWaitingParts(tx: Statements, deliveryIds: readonly number[]): Promise<void> {
  await tx.run`delete from nms_delivery_part where delivery_id = any(${deliveryIds}::bigint[]) and state = 'waiting'`;
}

/** The name of a folder from which no way leads to the root; undefined when there is none. */
export function findFolderOffTree(tx: Statements, folderIds: readonly number[]): Promise<string | undefined> {
  return tx.first((row) => (row as { name: string }).name)`
    with recursive way (start_id, parent_id) as (
      select folder_id, parent_id from xtk_folder where folder_id = any(${folderIds}::bigint[])
      union
      select way.start_id, f.parent_id from way join xtk_folder f on f.folder_id = way.parent_id where way.parent_id <> 0)
    select f.name from xtk_folder f
     where f.folder_id = any(${folderIds}::bigint[])
       and not exists (select from way where way.start_id = f.folder_id and way.parent_id = 0)
     limit 1`;
}

/** Writes the full names of folders and of all below them. */
export async function refreshFullNames(tx: Statements, folderIds: readonly number[]): Promise<void> {
  await tx.run`
    with recursive upwards (start_id, parent_id, full_name) as (
      select folder_id, parent_id, label || '/' from xtk_folder where folder_id = any(${folderIds}::bigint[])
      union all
      select u.start_id, f.parent_id, f.label || '/' || u.full_name from upwards u join xtk_folder f on f.folder_id = u.parent_id where u.parent_id <> 0),
    downwards (folder_id, full_name) as (
      select start_id, '/' || full_name from upwards where parent_id = 0
      union all
      select f.folder_id, d.full_name || f.label || '/' from downwards d join xtk_folder f on f.parent_id = d.folder_id)
    update xtk_folder f set full_name = longest.full_name
      from (select distinct on (folder_id) folder_id, full_name from downwards order by folder_id) longest
     where f.folder_id = longest.folder_id and f.full_name <> longest.full_name`;
}

/** Adds to the history of subscriptions. */
export async function insertSubscriptionHistory(
  tx: Statements,
  subscriptions: readonly { readonly serviceId: number; readonly recipientId: number }[],
  action: number,
): Promise<void> {
  const services = subscriptions.map(({ serviceId }) => serviceId);
  const recipients = subscriptions.map(({ recipientId }) => recipientId);
  await tx.run`
    insert into nms_sub_histo (service_id, recipient_id, action)
    select service_id, recipient_id, ${action}::smallint from unnest(${services}::bigint[], ${recipients}::bigint[]) as s (service_id, recipient_id)`;
}
