"use strict";

// Text of the document becomes text nodes, here and nowhere else: no content is ever parsed as HTML.

const TAG = /<(\/?)([xyz]{0,3}[abidcm]\d{1,4})(\/?)>/g;
// Controls, direction marks and other signs that nobody would see; the joiner of emoji is none of them.
const UNSEEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/gu;

/** An element with a class and children, which are elements or text. */
function element(name, className = "", ...children) {
  const node = document.createElement(name);
  if (className) node.className = className;
  node.append(...children.flatMap((child) => (typeof child === "string" ? seen(child) : child)));
  return node;
}

function button(label, className, action, shortcut = "") {
  const node = element("button", className, label);
  node.type = "button";
  node.dataset.action = action;
  if (shortcut) {
    node.setAttribute("aria-keyshortcuts", shortcut);
    node.title = `Key: ${shortcut}`;
  }
  return node;
}

/** Changes what an element holds; who is at a button in it stays there, or in the element. */
function keepingFocus(node, change) {
  const places = () => [...node.querySelectorAll("button, summary, a")];
  const place = places().indexOf(document.activeElement);
  change();
  if (place >= 0) (places()[place] ?? node).focus({ preventScroll: true });
}

function counted(number, noun) {
  return `${number.toLocaleString("en-US")} ${noun}${number === 1 ? "" : "s"}`;
}

/** The host of an address that a person may open, or nothing: scripts and files are no such address. */
function hostOf(address) {
  try {
    const url = new URL(address);
    return url.protocol === "http:" || url.protocol === "https:" ? url.host : "";
  } catch {
    return "";
  }
}

const codePoint = (character) => `U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;

/** Text for an attribute, a label or an option; what would steer the display stands as its code point. */
const plain = (text) => text.replace(UNSEEN, codePoint);

/** The same as text nodes, in which the code points stand out. */
function seen(text) {
  const nodes = [];
  let position = 0;
  for (const match of text.matchAll(UNSEEN)) {
    nodes.push(text.slice(position, match.index), element("span", "unseen", codePoint(match[0])));
    position = match.index + match[0].length;
  }
  return [...nodes, text.slice(position)].filter((node) => node !== "");
}

/** [start, end, what] without overlaps: of two in one place the first counts. */
function apart(ranges) {
  const kept = [];
  for (const range of ranges.slice().sort((one, other) => one[0] - other[0] || other[1] - one[1])) {
    if (!kept.length || range[0] >= kept[kept.length - 1][1]) kept.push(range);
  }
  return kept;
}

/** A stretch of words, in which `ranges` are wrapped by what they hold. */
function words(text, offset, ranges) {
  const nodes = [];
  let position = 0;
  for (const [start, end, wrap] of ranges) {
    const from = Math.max(start - offset, position);
    const to = Math.min(end - offset, text.length);
    if (from >= to) continue;
    nodes.push(...seen(text.slice(position, from)));
    const node = wrap();
    node.append(...seen(text.slice(from, to)));
    nodes.push(node);
    position = to;
  }
  return [...nodes, ...seen(text.slice(position))];
}

/** Tagged text: a chip for each tag, its words in the look of the tags around them. */
function tagged(text, tags = {}, ranges = []) {
  const nodes = document.createDocumentFragment();
  const open = [];
  const say = (piece, offset) => {
    if (!piece) return;
    const kinds = [...new Set(open.map((name) => tags[name].kind))];
    const pieces = words(piece, offset, ranges);
    if (kinds.length) nodes.append(element("span", kinds.map((kind) => `in-${kind}`).join(" "), ...pieces));
    else nodes.append(...pieces);
  };
  let position = 0;
  for (const match of text.matchAll(TAG)) {
    const [whole, closes, name, alone] = match;
    if (!Object.hasOwn(tags, name)) continue; // it only looks like a tag
    say(text.slice(position, match.index), position);
    position = match.index + whole.length;
    if (closes) open.splice(open.lastIndexOf(name) >= 0 ? open.lastIndexOf(name) : open.length, 1);
    else if (!alone) open.push(name);
    nodes.append(chip(name, tags[name], closes ? "closing" : alone ? "alone" : "opening"));
  }
  say(text.slice(position), position);
  return nodes;
}

const NAMES = { link: "link", bold: "bold", italics: "italics", strike: "struck out", code: "code", mark: "mark" };

function chip(name, tag, place) {
  if (place === "closing") return labelled(element("span", `chip ${tag.kind} closing`, "/"), `end of ${NAMES[tag.kind]}`);
  const host = tag.address ? hostOf(tag.address) : "";
  const shown = face(name, tag, host);
  const node = element(host ? "a" : "span", `chip ${tag.kind} ${place}`, shown);
  if (host) openable(node, tag.address);
  const detail = tag.address || tag.text || NAMES[tag.kind];
  node.dataset.tip = [name, host, detail].filter(Boolean).join(" · ");
  // Who says what is on a link means that link: what is seen is part of its name.
  if (host) return labelled(node, shown.includes(host) ? shown : `${shown} ${host}`);
  return labelled(node, `${NAMES[tag.kind]} ${(tag.text || "").slice(0, 60)}`.trim());
}

/** What a chip shows: the host of an address that stands alone, the bytes of a mark, else its name. */
function face(name, tag, host) {
  if (host && tag.kind === "mark") return `${name} ${host}`;
  if (tag.kind !== "mark" || !tag.text) return name;
  return tag.text.length > 28 ? `${tag.text.slice(0, 27)}…` : tag.text;
}

function labelled(node, label) {
  if (node.localName === "span") node.setAttribute("role", "img");
  node.setAttribute("aria-label", plain(label));
  return node;
}

/** A link to an http address that was checked: it opens beside this page, which it learns nothing of. */
function openable(node, address) {
  node.href = address;
  node.target = "_blank";
  node.rel = "noopener noreferrer nofollow";
  return node;
}

/** Whether a text has each tag just as often as the other, and all of them well nested; else why not. */
function tagFault(text, source, tags) {
  const names = (of) =>
    [...of.matchAll(TAG)].filter((match) => Object.hasOwn(tags, match[2])).map((match) => match[0]);
  const left = names(source);
  for (const name of names(text)) {
    const place = left.indexOf(name);
    if (place < 0) return `${name} stands there once too often`;
    left.splice(place, 1);
  }
  if (left.length) return `${left.join(" ")} is missing`;
  const open = [];
  for (const [, closes, name, alone] of text.matchAll(TAG)) {
    if (!Object.hasOwn(tags, name) || alone) continue;
    if (!closes) open.push(name);
    else if (open.pop() !== name) return `</${name}> does not close what was opened last`;
  }
  return "";
}
