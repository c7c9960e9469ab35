/** Reads the simple paths that directives name: `mailParameters/subject`, `variables/var[@name='season']/@stringValue`, `var[2]`. */

export type Tree = string | number | boolean | null | readonly Tree[] | { readonly [name: string]: Tree };

const step = /^@?([A-Za-z_][\w-]*)(?:\[(?:@([A-Za-z_][\w-]*)\s*=\s*(?:'([^']*)'|"([^"]*)")|(\d+))\])?$/;

/** What a path leads to, several where a step names a list; undefined when the path cannot be read. */
export function readPath(tree: Tree, path: string): readonly Tree[] | undefined {
  let found: readonly Tree[] = toList(tree);
  for (const part of path.split("/").filter((text) => text !== "" && text !== ".")) {
    const read = step.exec(part);
    if (read === null) return undefined;
    const [, name = "", key, single, double, index] = read;
    found = found.flatMap((node) => childrenOf(node, name));
    if (key !== undefined)
      found = found.filter((node) =>
        childrenOf(node, key).some((value) => typeof value !== "object" && String(value) === (single ?? double ?? "")),
      );
    // Paths count from 1.
    if (index !== undefined) found = found.slice(Number(index) - 1, Number(index));
  }
  return found;
}

function childrenOf(node: Tree, name: string): readonly Tree[] {
  if (typeof node !== "object" || node === null || isList(node) || !Object.hasOwn(node, name)) return [];
  const child = node[name];
  return child === undefined || child === null ? [] : toList(child);
}

function toList(tree: Tree): readonly Tree[] {
  return isList(tree) ? tree : [tree];
}

/** True for a list of nodes. */
export function isList(tree: Tree): tree is readonly Tree[] {
  return Array.isArray(tree);
}
