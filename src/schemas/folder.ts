/** The tree in which entities are filed. */

import { stampLinks, stamps } from "./fragments.ts";
import { linkToMany, linkToOne } from "./link-to.ts";
import { type Link, defineSchema } from "./schema.ts";

export const folder = defineSchema({
  namespace: "xtk",
  name: "folder",
  label: "Folders",
  labelSingular: "Folder",
  table: "xtk_folder",
  attributes: {
    id: { type: "int64", column: "folder_id", label: "Primary key", sequenceCache: 20 },
    "parent-id": { type: "int64", column: "parent_id", label: "Parent folder", default: 0 },
    name: { type: "string", column: "name", label: "Internal name", required: true, length: 200 },
    fullName: {
      type: "string",
      column: "full_name",
      label: "Full name",
      description: "The labels from the root down: /Profiles and targets/Customers/.",
      default: "",
      isReadOnly: true,
    },
    label: { type: "string", column: "label", label: "Label", default: "", length: 200 },
    model: {
      type: "string",
      column: "model",
      label: "Folder model",
      description: "What kind of folder it is, such as nmsRecipient: clients show its content by it.",
      default: "",
      length: 100,
    },
    schema: {
      type: "string",
      column: "schema_name",
      label: "Schema",
      description: "What is filed here, such as nms:recipient; empty when folders only.",
      default: "",
      length: 100,
    },
    entity: {
      type: "string",
      column: "entity",
      label: "Form",
      description: "How clients show what is filed here.",
      default: "",
      length: 100,
    },
    order: { type: "long", column: "position", label: "Order", default: 0 },
    isView: {
      type: "boolean",
      column: "is_view",
      label: "View",
      description: "Shows what its condition chooses from all folders, and holds nothing itself.",
      default: false,
    },
    viewCondition: {
      type: "memo",
      column: "view_condition",
      label: "Condition of the view",
      description: "In the expression language, over the folder's schema.",
    },
    isSystem: {
      type: "boolean",
      column: "is_system",
      label: "Needed by the product",
      default: false,
      isReadOnly: true,
      isResetByCopy: true,
    },
    ...stamps,
  },
  keys: [{ attributes: ["id"] }, { attributes: ["name"] }],
  links: {
    ...stampLinks,
    parent: linkToOne("Parent folder", "xtk:folder", "parent-id", { reverse: "children" }),
    children: linkToMany("Sub-folders", "xtk:folder", "parent-id", { reverse: "parent", integrity: "define" }),
    folderRight: linkToMany("Rights", "xtk:folderRight", "folder-id", { reverse: "folder", integrity: "owncopy" }),
    recipient: holds("Recipients", "nms:recipient"),
    group: holds("Lists", "nms:group"),
    service: holds("Services", "nms:service"),
    visitor: holds("Visitors", "nms:visitor"),
    seedMember: holds("Seed addresses", "nms:seedMember"),
    delivery: holds("Deliveries", "nms:delivery"),
    includeView: holds("Personalization blocks", "nms:includeView"),
    typology: holds("Typologies", "nms:typology"),
    typologyRule: holds("Typology rules", "nms:typologyRule"),
    operation: holds("Campaigns", "nms:operation"),
    program: holds("Programs", "nms:program"),
    plan: holds("Plans", "nms:plan"),
    task: holds("Tasks", "nms:task"),
    budget: holds("Budgets", "nms:budget"),
    extAccount: holds("External accounts", "nms:extAccount"),
    workflow: holds("Workflows", "xtk:workflow"),
    import: holds("Imports", "xtk:import"),
    export: holds("Exports", "xtk:export"),
    fileRes: holds("Files", "xtk:fileRes"),
  },
  indexes: [{ name: "xtk_folder_parent", attributes: ["parent-id", "order"] }],
  computeString: "@label",
  folderAttribute: "id",
  isAudited: true,
});

/** A folder is deleted only when nothing is filed in it. */
function holds(label: string, target: string): Link {
  return linkToMany(label, target, "folder-id", { reverse: "folder", integrity: "define" });
}
