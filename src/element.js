// Makes the elements of the administrators' pages. Texts become text nodes, whatever they hold.

/** Makes an element with attributes and children. An attribute that is false or undefined is left out. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) {
    if (value !== false && value !== undefined) made.setAttribute(attribute, value);
  }
  made.append(...children);
  return made;
}
