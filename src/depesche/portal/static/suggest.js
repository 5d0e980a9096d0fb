// Suggests shares while a reader types into the search box; without it the form searches as ever.

const wait = 120;

function suggest(input) {
  const form = input.form, list = document.createElement("ul"), said = document.createElement("p");
  const known = new Map();
  let options = [], at = -1, timer = 0, asked = "";

  list.id = "suggestions";
  list.className = "suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.dataset.suggestions);
  list.hidden = true;
  said.className = "hidden";
  said.setAttribute("role", "status");
  form.append(list, said);
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", list.id], ["aria-expanded", "false"]])
    input.setAttribute(name, value);

  function close() {
    list.hidden = true;
    at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function choose(place) {
    at = place;
    options.forEach((option, n) => option.setAttribute("aria-selected", String(n === at)));
    if (at < 0) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", options[at].id);
    options[at].scrollIntoView({ block: "nearest" });
  }

  function show(found) {
    options = found.map((one, n) => {
      const option = document.createElement("li"), name = document.createElement("span"), codes = document.createElement("span");
      option.id = `suggestion-${n}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dataset.href = one.href;
      name.textContent = one.name;
      codes.className = "codes";
      codes.textContent = [one.isin, one.wkn, one.ticker].filter(Boolean).join(" · ");
      option.append(name, codes);
      option.addEventListener("mousedown", (event) => { event.preventDefault(); location.href = one.href; });
      return option;
    });
    list.replaceChildren(...options);
    at = -1;
    list.hidden = !options.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    input.removeAttribute("aria-activedescendant");
    said.textContent = options.length ? input.dataset.found.replace("{n}", options.length) : "";
  }

  async function ask(text) {
    if (!known.has(text)) {
      const answer = await fetch(`${input.dataset.suggest}?q=${encodeURIComponent(text)}`);
      if (!answer.ok) return;
      known.set(text, (await answer.json()).suggestions);
    }
    if (text === asked && document.activeElement === input) show(known.get(text));
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    asked = input.value.trim();
    if (asked.length < 2) return close();
    timer = setTimeout(() => ask(asked).catch(close), wait);
  });
  input.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps) {
      event.preventDefault();
      const places = options.length + 1;
      choose((at + 1 + steps[event.key] + places) % places - 1);
    } else if (event.key === "Enter" && at >= 0) {
      event.preventDefault();
      location.href = options[at].dataset.href;
    } else if (event.key === "Escape") {
      event.preventDefault();
      close();
    }
  });
  input.addEventListener("blur", close);
}

const box = document.querySelector("[data-suggest]");
if (box) {
  suggest(box);
  if (box.matches(":focus") && box.value) box.dispatchEvent(new Event("input"));  // typed before this was here
}
