// Asks the browser's authenticator to make or use a passkey, and sends its answer with the form
// around the button. Without this module pages offer password and one-time code.

const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

const described = (list) => (list ?? []).map((key) => ({ ...key, id: bytes(key.id) }));

const options = ({ publicKey }) => ({
  publicKey: {
    ...publicKey,
    challenge: bytes(publicKey.challenge),
    ...(publicKey.user && { user: { ...publicKey.user, id: bytes(publicKey.user.id) } }),
    ...(publicKey.excludeCredentials && { excludeCredentials: described(publicKey.excludeCredentials) }),
    ...(publicKey.allowCredentials && { allowCredentials: described(publicKey.allowCredentials) }),
  },
});

const answer = (credential) => {
  const { response } = credential;
  const read = { clientDataJSON: text(response.clientDataJSON) };
  if (response.attestationObject) {
    read.attestationObject = text(response.attestationObject);
    read.transports = response.getTransports?.() ?? [];
  } else {
    read.authenticatorData = text(response.authenticatorData);
    read.signature = text(response.signature);
    read.userHandle = response.userHandle ? text(response.userHandle) : null;
  }
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    extensions: {},
    response: read,
  });
};

/** The fields of the form, without passwords: a challenge needs none. */
const fields = (form) => {
  const data = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    const secret = form.elements[name]?.type === "password";
    if (!secret && typeof value === "string") data.append(name, value);
  }
  return data;
};

/** Whether the form is filled in; a passkey stands in place of the passwords. */
const sound = (form) => {
  const passwords = [...form.querySelectorAll('input[type="password"][required]')];
  passwords.forEach((field) => (field.required = false));
  const valid = form.reportValidity();
  passwords.forEach((field) => (field.required = true));
  return valid;
};

const run = async (area, button) => {
  const { form } = button;
  const say = (words) => (area.querySelector("[role=status]").textContent = words ?? "");
  say("");
  if (!sound(form)) return;
  button.disabled = true;
  try {
    const reply = await fetch(button.dataset.challenge, { method: "POST", body: fields(form) });
    const challenge = await reply.json();
    if (!reply.ok) {
      say([challenge.title, challenge.detail].filter(Boolean).join(" "));
      return;
    }
    const ask = button.dataset.passkey === "create" ? "create" : "get";
    const credential = await navigator.credentials[ask](options(challenge));
    form.querySelectorAll('input[type="password"]').forEach((field) => (field.value = ""));
    form.elements.credential.value = answer(credential);
    if (form.elements.way) form.elements.way.value = "passkey";
    form.submit();
  } catch (error) {
    const { known, cancelled, failed } = area.dataset;
    const words = { InvalidStateError: known, NotAllowedError: cancelled, AbortError: cancelled };
    say(words[error?.name] ?? failed);
  } finally {
    button.disabled = false;
  }
};

if (window.PublicKeyCredential && navigator.credentials) {
  for (const area of document.querySelectorAll("[data-passkey-area]")) {
    const button = area.querySelector("button[data-passkey]");
    area.hidden = false;
    document.querySelectorAll("[data-without-passkey]").forEach((note) => (note.hidden = true));
    button.addEventListener("click", () => run(area, button));
  }
}
