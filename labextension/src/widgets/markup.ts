/** Shows the static markup of a view inside of a widget: only what such views are made of comes through. */

const TAGS = new Set(
  (
    'a code desc details div em li ol p pre span strong summary table tbody td th thead title tr ul ' +
    'circle g line path polyline rect svg text'
  ).split(' ')
);
const ATTRIBUTES = new Set(
  (
    'aria-label aria-level class cx cy d dominant-baseline fill fill-opacity font-family font-size ' +
    'font-weight height points r role rx scope stroke stroke-dasharray stroke-linejoin stroke-opacity ' +
    'stroke-width text-anchor title viewBox width x x1 x2 y y1 y2'
  ).split(' ')
);

/** Gives the nodes of markup; elements and attributes that views do not use are left out. */
export function nodesOf(markup: string): DocumentFragment {
  // What is parsed so is in no page: nothing in it runs or is fetched.
  const parsed = new DOMParser().parseFromString(markup, 'text/html');
  const made = document.createDocumentFragment();
  for (const child of parsed.body.childNodes) append(made, child);
  return made;
}

function append(parent: Node, node: Node): void {
  if (node.nodeType === Node.TEXT_NODE) {
    parent.appendChild(document.createTextNode(node.textContent ?? ''));
    return;
  }
  if (!(node instanceof Element) || !TAGS.has(node.localName)) return;
  const made = document.createElementNS(node.namespaceURI, node.localName);
  for (const { name, value } of node.attributes) {
    if (ATTRIBUTES.has(name)) made.setAttribute(name, value);
  }
  for (const child of node.childNodes) append(made, child);
  parent.appendChild(made);
}
