// What the pages do better with a script. Each of them works whole without it.
"use strict";

(() => {
  const LOOK_EVERY_MS = 5000;
  const all = (selector) => document.querySelectorAll(selector);

  // An error, or a question, is read first.
  document.querySelector("[data-focus]")?.focus();

  // « Afficher le mot de passe »: hidden again before it is sent, so that no browser keeps it as plain text.
  for (const button of all("[data-reveal]")) {
    const field = document.getElementById(button.dataset.reveal);
    const show = button.textContent;
    const turn = (shown) => {
      field.type = shown ? "text" : "password";
      button.textContent = shown ? button.dataset.hide : show;
    };
    button.hidden = false;
    button.addEventListener("click", () => turn(field.type === "password"));
    field.form.addEventListener("submit", () => turn(false));
  }

  // Who clicks twice sends once.
  for (const form of all("form[method=post]")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "yes";
    });
  }
  window.addEventListener("pageshow", () => all("form[data-sent]").forEach((form) => delete form.dataset.sent));

  for (const button of all("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }

  // « Renvoyer le mail » opens by itself when its wait is over.
  for (const button of all("[data-wait]")) {
    const said = document.getElementById("resend-hint");
    const opens = Date.now() + Number(button.dataset.wait) * 1000;
    const timer = setInterval(() => {
      const left = Math.ceil((opens - Date.now()) / 1000);
      said.textContent = left > 0 ? said.dataset.said.replace("{seconds}", left) : "";
      if (left > 0) return;
      button.disabled = false;
      clearInterval(timer);
    }, 1000);
  }

  // « Rechercher un compte » finds while one types: words of the page, without case and accents.
  for (const form of all("[data-filter]")) {
    const field = form.querySelector("[type=search]");
    const said = document.getElementById("found");
    const list = document.getElementById(form.dataset.filter);
    field.addEventListener("input", () => find(field.value, list, said));
    if (field.value) find(field.value, list, said); // what the browser kept from before
  }

  function find(typed, list, said) {
    const words = folded(typed).split(/\s+/).filter(Boolean);
    let found = 0;
    for (const entry of list.querySelectorAll("[data-words]")) {
      entry.hidden = !words.every((word) => entry.dataset.words.includes(word));
      if (!entry.hidden) found += 1;
    }
    for (const group of list.querySelectorAll(".group")) group.hidden = !group.querySelector("[data-words]:not([hidden])");
    const text = found === 0 ? said.dataset.none : found === 1 ? said.dataset.one : said.dataset.many;
    said.textContent = words.length ? text.replace("{number}", found) : "";
  }

  function folded(text) {
    const plain = text.toLowerCase().replaceAll("œ", "oe").replaceAll("æ", "ae").replaceAll("ß", "ss").replaceAll("’", "'");
    return plain.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  }

  // The waiting page follows what happens elsewhere, but never takes the page away from under a hand that types.
  const waiting = document.querySelector("[data-poll]");
  if (waiting) setInterval(() => look(waiting).catch(() => undefined), LOOK_EVERY_MS);

  async function look(section) {
    const answer = await fetch(section.dataset.poll, { cache: "no-store" });
    if (!answer.ok) return;
    if (answer.redirected) {
      if (!document.getElementById("code")?.value) window.location.assign(answer.url);
      return;
    }
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-live]");
    const shown = section.querySelector("[data-live]");
    if (fresh && fresh.textContent !== shown.textContent) shown.replaceChildren(...fresh.childNodes);
  }
})();
