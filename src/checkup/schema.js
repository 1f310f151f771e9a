// Says in words how a value breaks a JSON schema. It knows only the keywords that hosting/config.schema.json uses.

/** Returns one sentence for each thing that is wrong. */
export function faults(value, schema, name = "") {
  const at = name || "it";
  if (schema.type && !isOf(schema.type, value)) return [`${at} should be ${words[schema.type]}`];
  if (schema.type === "object") return objectFaults(value, schema, name);
  const found = [];
  const must = (holds, sentence) => holds || found.push(`${at} ${sentence}`);
  if (Array.isArray(value)) {
    must(value.length <= (schema.maxItems ?? Infinity), `has more than ${schema.maxItems} entries`);
    found.push(...value.flatMap((item, index) => faults(item, schema.items ?? {}, `${name}[${index}]`)));
  } else if (typeof value === "string") {
    const { length } = [...value];
    must(length >= (schema.minLength ?? 0), "is empty");
    must(length <= (schema.maxLength ?? Infinity), `is longer than ${schema.maxLength} characters`);
    must(new RegExp(schema.pattern ?? "", "u").test(value), `does not fit ${schema.pattern}`);
  } else if (typeof value === "number") {
    must(value >= (schema.minimum ?? -Infinity), `is less than ${schema.minimum}`);
    must(value <= (schema.maximum ?? Infinity), `is more than ${schema.maximum}`);
  }
  return found;
}

function objectFaults(value, { properties = {}, required = [], additionalProperties }, name) {
  const path = (key) => (name ? `${name}.${key}` : key);
  const lacking = required.filter((key) => !Object.hasOwn(value, key)).map((key) => `${path(key)} is missing`);
  const inside = Object.entries(value).flatMap(([key, each]) => {
    if (Object.hasOwn(properties, key)) return faults(each, properties[key], path(key));
    return additionalProperties === false ? [`${path(key)} is unknown`] : [];
  });
  return [...lacking, ...inside];
}

const words = {
  array: "a list",
  boolean: "true or false",
  integer: "a whole number",
  object: "an object { }",
  string: "a text",
};

const isOf = (type, value) =>
  ({
    array: Array.isArray(value),
    boolean: typeof value === "boolean",
    integer: Number.isInteger(value),
    object: typeof value === "object" && value !== null && !Array.isArray(value),
    string: typeof value === "string",
  })[type];
