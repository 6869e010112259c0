// The menu of an owner's accounts, drawn in an extranet's own page. Version 1 of the contract in docs/integrate.md:
// a page that works with this file goes on to work with it.
//
//   <div data-accounts-menu="/accounts.json"><a href="…/account/accounts?iss=…&account=…">immeuble</a></div>
//
// The address is the extranet's own: its server asks the broker, and no token ever comes here. The link, to « Mes
// comptes », is the way without a script, and wherever anything fails.
"use strict";

(() => {
  const PATIENCE_MS = 5000;
  const ALL = { fr: "Mes comptes", en: "My accounts" };
  const MOVES = { ArrowDown: 1, ArrowUp: -1, Home: 0, End: 0 };
  let menus = 0;

  const made = (tag, values = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(values)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };

  for (const place of document.querySelectorAll("[data-accounts-menu]")) {
    const link = place.querySelector("a[href]");
    if (link) setUp(place, link);
  }

  function setUp(place, link) {
    menus += 1;
    const id = `accounts-menu-${menus}`;
    const button = made("button", { type: "button", "aria-expanded": "false", "aria-controls": id });
    const panel = made("div", { id, class: "accounts-menu", hidden: "" });
    button.className = link.className;
    if (link.hasAttribute("aria-label")) button.setAttribute("aria-label", link.getAttribute("aria-label"));
    button.append(...link.cloneNode(true).childNodes);
    link.replaceWith(button, panel);

    const items = () => [...panel.querySelectorAll("a")];
    const isOpen = () => !panel.hidden;

    function close() {
      panel.hidden = true;
      button.setAttribute("aria-expanded", "false");
    }

    // Asked at each opening: the addresses in it work once, and for some minutes only.
    async function open() {
      if (button.hasAttribute("aria-busy")) return;
      button.setAttribute("aria-busy", "true");
      try {
        panel.replaceChildren(...drawn(await asked(place.dataset.accountsMenu), id), all(link));
        panel.hidden = false;
        button.setAttribute("aria-expanded", "true");
      } catch {
        window.location.assign(link.href);
      } finally {
        button.removeAttribute("aria-busy");
      }
    }

    button.addEventListener("click", () => (isOpen() ? close() : open()));
    place.addEventListener("keydown", async (event) => {
      if (event.key === "Escape" && isOpen()) {
        close();
        button.focus();
      } else if (event.key in MOVES && (isOpen() || event.key.startsWith("Arrow"))) {
        event.preventDefault();
        if (!isOpen()) await open();
        move(event.key, items());
      }
    });
    place.addEventListener("focusout", (event) => {
      if (event.relatedTarget && !place.contains(event.relatedTarget)) close();
    });
    document.addEventListener("click", (event) => {
      if (!place.contains(event.target)) close();
    });
    window.addEventListener("pageshow", close);
  }

  function move(key, items) {
    const at = items.indexOf(document.activeElement);
    const past = at < 0 && MOVES[key] < 0 ? 0 : at;
    const next = { Home: 0, End: items.length - 1 }[key] ?? (past + MOVES[key] + items.length) % items.length;
    items[next]?.focus();
  }

  async function asked(address) {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
    const how = { cache: "no-store", credentials: "same-origin", redirect: "error", signal: patience.signal };
    try {
      const answer = await fetch(address, { headers: { Accept: "application/json" }, ...how });
      if (!answer.ok) throw new Error(String(answer.status));
      return await answer.json();
    } finally {
      clearTimeout(timer);
    }
  }

  // A heading and a list for each syndic, in the order of the answer.
  function drawn(entries, id) {
    const groups = new Map();
    for (const entry of entries) {
      const { name, slug } = entry.syndic;
      if (!groups.has(slug)) groups.set(slug, { name, list: made("ul", { "aria-labelledby": `${id}-${slug}` }) });
      groups.get(slug).list.append(made("li", {}, item(entry)));
    }
    if (!groups.size) throw new Error("nothing to show");
    return [...groups].flatMap(([slug, { name, list }]) => [made("p", { id: `${id}-${slug}` }, name), list]);
  }

  function item({ label, current, switch_uri: address }) {
    const mark = current ? { "aria-current": "true" } : {};
    if (!/^https?:\/\//.test(address ?? "")) return made("span", mark, label);
    const link = made("a", { href: address, ...mark }, label);
    link.addEventListener("click", onlyOnce);
    return link;
  }

  // Who clicks twice goes once.
  function onlyOnce(event) {
    if (event.currentTarget.dataset.gone) event.preventDefault();
    event.currentTarget.dataset.gone = "yes";
  }

  function all(link) {
    const words = ALL[document.documentElement.lang.slice(0, 2)] ?? ALL.fr;
    return made("p", {}, made("a", { href: link.href }, words));
  }
})();
