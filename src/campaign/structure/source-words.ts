/** The words of a schema's XML: which attributes each element may carry, and which of them change nothing here. */

/** Classic has many attributes that concern its own screens and packages: they are kept in the document and change nothing. */
const withoutEffect =
  "advanced aggregate belongsTo dataPolicy desc displayAsField edit featureDate folderModel folderProcess helpPath img labelSingular localizable locked modifiedBy-id createdBy-id created lastModified mappingType md5 ordered pkgStatus preserve revDesc revAdvanced revEdit revVisibleIf size svnUrl tableSpace template-id translatedDefault translationId ultimate userPreferences visibleIf xmlChildren xtkschema entitySchema useRecycleBin implements library dependingSchemas featureName revDisplayAsField revImg revDependency";

const words = {
  srcSchema: "namespace name label extendedSchema isAudited",
  element:
    "name label type length sql sqlname sqltable autopk folderLink pkSequence enum userEnum dbEnum default expr required notNull xml target integrity revIntegrity revLink revLabel revCardinality externalJoin revExternalJoin unbound defOnDuplicate",
  attribute:
    "name label type length sql sqlname enum userEnum dbEnum default sqlDefault expr required notNull xml defOnDuplicate",
  enumeration: "name label basetype default",
  value: "name value label",
  key: "name label internal allowEmptyPart noDbIndex",
  keyfield: "xpath xlink",
  dbindex: "name label unique",
  join: "xpath-src xpath-dst",
  "compute-string": "expr",
  sysFilter: "name",
  condition: "expr enabledIf",
  default: "",
  help: "",
} as const;

export type SourceWord = keyof typeof words;

const allowed: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries(words).map(([name, attributes]) => [name, new Set(`${attributes} ${withoutEffect}`.split(" "))]),
);

/** The first attribute of an element that its kind does not have; undefined when all are known. */
export function unknownWord(kind: SourceWord, names: Iterable<string>): string | undefined {
  const known = allowed.get(kind);
  for (const name of names) if (known?.has(name) !== true) return name;
  return undefined;
}
