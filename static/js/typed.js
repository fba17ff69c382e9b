// Sending one form empties nothing that was typed into the others of the page: their values wait in this tab until a
// page shows the same form again. A form is known by where it goes and by its hidden fields, because a refused form
// comes back under the address it was sent to. Passwords and secrets are never kept.
const STORE = "typed:";
const SENT = "typed-sent";
const KEPT_MS = 15 * 60 * 1000;
const NEVER = ["hidden", "password", "file", "submit", "button", "reset", "fieldset", "output"];
const SECRET = /password|token|secret/;
const OURS = ["csrf_token", "form_id"];

// What a refused form was before anything was typed: its page shows what was typed as if it had been there.
const before = new Map();

function keyOf(form) {
  const hidden = [...form.querySelectorAll("input[type=hidden]")].filter((field) => !OURS.includes(field.name));
  const told = hidden.map((field) => `${field.name}=${field.value}`).sort();
  return [new URL(form.action).pathname, ...told].join("&");
}

// Every field with a name of its own: boxes and choices share theirs, so the value belongs to it.
function fieldsOf(form) {
  const typable = (field) => !NEVER.includes(field.type) && !field.disabled && !field.readOnly;
  return [...form.elements].filter((field) => field.name && typable(field) && !SECRET.test(field.name));
}

function isTick(field) {
  return field.type === "checkbox" || field.type === "radio";
}

function nameOf(field) {
  return isTick(field) ? `${field.name}=${field.value}` : field.name;
}

function valueOf(field) {
  if (isTick(field)) return String(field.checked);
  if (field.multiple) return JSON.stringify([...field.selectedOptions].map((option) => option.value));
  return field.value;
}

// What the page came with.
function shownOf(field) {
  if (isTick(field)) return String(field.defaultChecked);
  if (!field.options) return field.defaultValue;
  const chosen = [...field.options].filter((option) => option.defaultSelected).map((option) => option.value);
  return field.multiple ? JSON.stringify(chosen) : (chosen.at(-1) ?? field.options[0]?.value ?? "");
}

function baseOf(form) {
  const base = {};
  for (const field of fieldsOf(form)) base[nameOf(field)] = before.get(form)?.[nameOf(field)] ?? shownOf(field);
  return base;
}

function typedInto(form) {
  const values = {};
  for (const field of fieldsOf(form)) values[nameOf(field)] = valueOf(field);
  return values;
}

// A browser that keeps nothing (its store is full, or forbidden) loses what any page loses.
function put(name, value) {
  try {
    sessionStorage.setItem(name, JSON.stringify(value));
  } catch {
    // nothing is kept then
  }
}

function take(name) {
  try {
    const text = sessionStorage.getItem(name);
    sessionStorage.removeItem(name);
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function keep(form) {
  const values = typedInto(form);
  const base = baseOf(form);
  if (Object.keys(values).every((name) => values[name] === base[name])) return;
  put(STORE + keyOf(form), { at: Date.now(), values, base });
}

// Everything but the form that is on its way; what was kept of that one earlier is overtaken.
function keepOthers(sent) {
  for (const form of document.forms) if (form !== sent) keep(form);
  take(SENT);
  if (!sent) return;
  take(STORE + keyOf(sent));
  put(SENT, { key: keyOf(sent), values: typedInto(sent), base: baseOf(sent) });
}

function fill(field, value) {
  if (isTick(field)) field.checked = value === "true";
  else if (!field.multiple) field.value = value;
  else for (const option of field.options) option.selected = JSON.parse(value).includes(option.value);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

// A field that shows something else than before was changed in the meantime, and stays as it is.
function restore(form, kept) {
  if (Date.now() - kept.at > KEPT_MS) return;
  const filled = fieldsOf(form).filter((field) => {
    const name = nameOf(field);
    const typed = name in kept.values && kept.values[name] !== kept.base[name];
    return typed && shownOf(field) === kept.base[name] && valueOf(field) === shownOf(field);
  });
  for (const field of filled) fill(field, kept.values[nameOf(field)]);
  if (filled.length) say(form);
}

function say(form) {
  for (let fold = form.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  const sentence = document.querySelector("[data-typed-kept]")?.content.cloneNode(true);
  if (sentence) form.prepend(sentence);
}

// The page after a refused form shows it as it was sent; after one that was taken it shows something else.
function remember(forms) {
  const sent = take(SENT);
  const form = sent && forms.find((one) => keyOf(one) === sent.key);
  const same = (field) => shownOf(field) === sent.values[nameOf(field)];
  if (form && fieldsOf(form).every(same)) before.set(form, sent.base);
}

function forgetAll() {
  for (const name of Object.keys(sessionStorage)) if (name.startsWith("typed")) take(name);
}

const forms = [...document.forms];
remember(forms);
for (const form of forms) {
  const kept = take(STORE + keyOf(form));
  if (kept) restore(form, kept);
}

document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  if (new URL(event.target.action).pathname === "/sign-out") forgetAll();
  else keepOthers(event.target);
});
// Large type and the other language load the page anew.
document.addEventListener("click", (event) => {
  if (event.target.closest('a[href^="/preferences?"]')) keepOthers(null);
});
