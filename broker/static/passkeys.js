// Passkeys (WebAuthn): the one thing here that needs a script. Without it the page offers another way.
"use strict";

(() => {
  const decoded = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
  const encoded = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    if (!window.PublicKeyCredential) break;
    for (const part of form.querySelectorAll("[data-passkey-ready]")) part.hidden = false;
    form.closest("section, main").querySelector("[data-passkey-unable]").hidden = true;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      run(form).catch(() => fail(form));
    });
  }

  async function run(form) {
    const button = form.querySelector("button[type=submit]");
    button.disabled = true;
    const options = await asked(form);
    if (!options) return;
    const act = form.dataset.passkey === "create" ? created : shown;
    form.elements.passkey.value = JSON.stringify(await act(options));
    form.submit();
  }

  // The challenge is fetched at the click: it lives for minutes only, and a page may stay open for hours.
  async function asked(form) {
    const headers = { "X-CSRFToken": form.elements.csrf_token.value };
    const answer = await fetch(form.dataset.options, { method: "POST", headers, cache: "no-store" });
    if (answer.ok && answer.headers.get("Content-Type").startsWith("application/json")) return answer.json();
    window.location.reload(); // the page says what has ended
    return null;
  }

  async function created(options) {
    const exclude = (options.excludeCredentials || []).map((each) => ({ ...each, id: decoded(each.id) }));
    const publicKey = {
      ...options,
      challenge: decoded(options.challenge),
      user: { ...options.user, id: decoded(options.user.id) },
      excludeCredentials: exclude,
    };
    const made = await navigator.credentials.create({ publicKey });
    return {
      ...named(made),
      response: {
        clientDataJSON: encoded(made.response.clientDataJSON),
        attestationObject: encoded(made.response.attestationObject),
        transports: made.response.getTransports ? made.response.getTransports() : [],
      },
    };
  }

  async function shown(options) {
    const allow = (options.allowCredentials || []).map((each) => ({ ...each, id: decoded(each.id) }));
    const publicKey = { ...options, challenge: decoded(options.challenge), allowCredentials: allow };
    const found = await navigator.credentials.get({ publicKey });
    const { clientDataJSON, authenticatorData, signature, userHandle } = found.response;
    return {
      ...named(found),
      response: {
        clientDataJSON: encoded(clientDataJSON),
        authenticatorData: encoded(authenticatorData),
        signature: encoded(signature),
        userHandle: userHandle ? encoded(userHandle) : null,
      },
    };
  }

  function named(credential) {
    return { id: credential.id, rawId: encoded(credential.rawId), type: credential.type, clientExtensionResults: {} };
  }

  function fail(form) {
    form.querySelector("button[type=submit]").disabled = false;
    delete form.dataset.sent;
    const said = form.querySelector("[data-passkey-failed]");
    said.setAttribute("role", "alert");
    said.hidden = false;
    said.focus();
  }
})();
