/** Finds the processes that a command names: `mta@main`, `web`, `*@main`. */

/**
 * The names that a mask matches; capitals do not matter, `*` stands for any text.
 * @param names `module@instance` of all processes
 * @param defaultInstance taken for modules of an instance when the mask names none; modules of the host are `default`
 */
export function matchMask(mask: string, names: readonly string[], defaultInstance: string): string[] {
  const [module = "", instance] = mask.split("@", 2);
  const isModule = toPattern(module);
  const isInstance = instance === undefined ? undefined : toPattern(instance);
  return names.filter((name) => {
    const [ownModule = "", ownInstance = ""] = name.split("@", 2);
    if (!isModule.test(ownModule)) return false;
    return isInstance?.test(ownInstance) ?? (ownInstance === "default" || ownInstance === defaultInstance);
  });
}

function toPattern(text: string): RegExp {
  return new RegExp(`^${text.replace(/[\\^$.|?+()[\]{}]/g, "\\$&").replaceAll("*", ".*")}$`, "i");
}
