// Says in words how a value breaks a JSON schema. It knows only the keywords that hosting/config.schema.json uses.

import { list, say } from "./say.js";

/** Returns one sentence for each thing that is wrong. */
export function faults(value, schema, name = "") {
  const at = name || say("checkup_it");
  if (schema.type && !isOf(schema.type, value)) return [words[schema.type](at)];
  if (schema.type === "object") return objectFaults(value, schema, name);
  const found = [];
  const must = (holds, sentence) => holds || found.push(sentence);
  const { maxItems, maxLength, pattern, minimum, maximum } = schema;
  if (schema.enum) must(schema.enum.includes(value), say("checkup_fault_enum", { at, values: list(schema.enum.map(String)) }));
  if (Array.isArray(value)) {
    must(value.length <= (maxItems ?? Infinity), say("checkup_fault_items", { at, most: maxItems }));
    found.push(...value.flatMap((item, index) => faults(item, schema.items ?? {}, `${name}[${index}]`)));
  } else if (typeof value === "string") {
    const { length } = [...value];
    must(length >= (schema.minLength ?? 0), say("checkup_fault_empty", { at }));
    must(length <= (maxLength ?? Infinity), say("checkup_fault_long", { at, most: maxLength }));
    must(new RegExp(pattern ?? "", "u").test(value), say("checkup_fault_pattern", { at, pattern }));
  } else if (typeof value === "number") {
    must(value >= (minimum ?? -Infinity), say("checkup_fault_less", { at, least: minimum }));
    must(value <= (maximum ?? Infinity), say("checkup_fault_more", { at, most: maximum }));
  }
  return found;
}

function objectFaults(value, { properties = {}, required = [], additionalProperties }, name) {
  const path = (key) => (name ? `${name}.${key}` : key);
  const lacking = required.filter((key) => !Object.hasOwn(value, key)).map((key) => say("checkup_fault_missing", { at: path(key) }));
  const inside = Object.entries(value).flatMap(([key, each]) => {
    if (Object.hasOwn(properties, key)) return faults(each, properties[key], path(key));
    return additionalProperties === false ? [say("checkup_fault_unknown", { at: path(key) })] : [];
  });
  return [...lacking, ...inside];
}

const words = {
  array: (at) => say("checkup_fault_list", { at }),
  boolean: (at) => say("checkup_fault_flag", { at }),
  integer: (at) => say("checkup_fault_number", { at }),
  object: (at) => say("checkup_fault_object", { at }),
  string: (at) => say("checkup_fault_text", { at }),
};

const isOf = (type, value) =>
  ({
    array: Array.isArray(value),
    boolean: typeof value === "boolean",
    integer: Number.isInteger(value),
    object: typeof value === "object" && value !== null && !Array.isArray(value),
    string: typeof value === "string",
  })[type];
