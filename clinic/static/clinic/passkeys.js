// Passkeys: the browser's own dialogue, by allauth's script. A page names its form in data-passkey; its buttons are hidden
// until this file has made them work, since without it they cannot.
(() => {
  const failed = "The passkey was not used: the dialogue was closed, took too long, or this device has none for you. Try again, or use another way.";

  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    document.querySelectorAll("[data-passkey-said]").forEach((line) => { line.textContent = failed; line.hidden = false; });
  });

  document.querySelectorAll("[data-passkey]").forEach((button) => {
    const kind = button.dataset.passkey;
    const setUp = window.allauth && window.allauth.webauthn && window.allauth.webauthn.forms[kind];
    if (!setUp || !window.PublicKeyCredential) {
      document.querySelectorAll("[data-passkey-none]").forEach((line) => { line.hidden = false; });
      return;
    }
    button.hidden = false;
    const ids = { credential: button.dataset.credential, passwordless: button.dataset.alone };
    ids[{ addForm: "add", authenticateForm: "authenticate", loginForm: "login" }[kind]] = button.id;
    setUp({ ids, data: JSON.parse(button.dataset.options || "{}") });
  });
})();
