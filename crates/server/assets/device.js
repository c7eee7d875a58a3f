// A device in the browser: its key, what it remembers, and requests signed as agents sign them
// (crates/protocol/src/agent.rs). The key cannot be extracted; it lies in this browser's database.

const encoder = new TextEncoder();

const base64 = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)));

const base64url = (buffer) =>
  base64(buffer).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const hex = (buffer) =>
  [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

const SIGNING = { name: "ECDSA", hash: "SHA-256" };

/** What stands behind the server's refusal: its words, and its code. */
export class Refusal extends Error {
  constructor(status, problem) {
    super([problem?.title, problem?.detail].filter(Boolean).join(" "));
    this.status = status;
    this.code = String(problem?.type ?? problem?.code ?? "").split(/[/:]/).pop();
  }
}

/** Whether this browser can be a device at all. */
export const able = () =>
  Boolean(globalThis.isSecureContext && globalThis.crypto?.subtle && globalThis.indexedDB);

const opened = () =>
  new Promise((take, refuse) => {
    const asked = indexedDB.open("sekisho", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("kept");
    asked.onsuccess = () => take(asked.result);
    asked.onerror = () => refuse(asked.error);
  });

/** Reads what is remembered, changes it in one step, and gives what is remembered from then on. */
export const remember = async (change) => {
  const database = await opened();
  try {
    return await new Promise((take, refuse) => {
      const step = database.transaction("kept", change ? "readwrite" : "readonly", { durability: "strict" });
      const store = step.objectStore("kept");
      const read = store.get("device");
      let now;
      read.onsuccess = () => {
        now = change ? change(read.result) : read.result;
        if (change) now === undefined ? store.delete("device") : store.put(now, "device");
      };
      step.oncomplete = () => take(now);
      step.onerror = step.onabort = () => refuse(step.error);
    });
  } finally {
    database.close();
  }
};

const answered = async (reply) => {
  const said = await reply.json().catch(() => undefined);
  if (!reply.ok) throw new Refusal(reply.status, said);
  return said;
};

const post = async (path, body, headers = {}) =>
  answered(
    await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json", ...headers },
      body,
      redirect: "error",
      cache: "no-store",
    }),
  );

/** The public key as agents send it: the compressed point (SEC 1, 2.3.3). */
const compressed = async (key) => {
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", key));
  return base64url(new Uint8Array([2 + (point[64] & 1), ...point.slice(1, 33)]));
};

/** Makes a key and enrols it with a one-time secret. */
export const enrol = async (secret) => {
  const keys = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
  const point = await compressed(keys.publicKey);
  const input = encoder.encode(`sekisho-enrol-v1\n${point}\n${secret}`);
  const proof = base64url(await crypto.subtle.sign(SIGNING, keys.privateKey, input));
  const { device } = await post(
    "/agent/v1/enrol",
    JSON.stringify({ secret, public_key: point, proof, declares: true }),
  );
  await navigator.storage?.persist?.().catch(() => false);
  return remember(() => ({ device, keys, sequence: 0 }));
};

// Numbers rise with the clock, so that they rise too after what is remembered was put back from a backup.
const next = async () => {
  const { sequence } = await remember((kept) => ({ ...kept, sequence: Math.max(kept.sequence + 1, Date.now()) }));
  return sequence;
};

let line = Promise.resolve();

/** One request after the other, in every window of this browser: the server takes them in their order. */
const inOrder = (work) => {
  const mine = line.then(() => (navigator.locks ? navigator.locks.request("sekisho-device", work) : work()));
  line = mine.catch(() => undefined);
  return mine;
};

/** A request signed with the device's key. */
export const send = (path, value) =>
  inOrder(async () => {
    const kept = await remember();
    const body = encoder.encode(JSON.stringify(value));
    const [time, sequence] = [Date.now(), await next()];
    const digest = hex(await crypto.subtle.digest("SHA-256", body));
    const input = `sekisho-request-v1\nPOST\n${path}\n${kept.device}\n${time}\n${sequence}\n${digest}`;
    const signature = await crypto.subtle.sign(SIGNING, kept.keys.privateKey, encoder.encode(input));
    return post(path, body, {
      "sekisho-device": kept.device,
      "sekisho-time": String(time),
      "sekisho-sequence": String(sequence),
      "sekisho-signature": base64url(signature),
    });
  });

/** A key pair for one tunnel, or nothing where this browser knows no X25519. */
export const tunnelKeys = async () => {
  try {
    // It has to leave the browser for the WireGuard app, and goes nowhere else.
    return await crypto.subtle.generateKey({ name: "X25519" }, true, ["deriveBits"]);
  } catch {
    return undefined;
  }
};

export const tunnelPublic = async (keys) => base64(await crypto.subtle.exportKey("raw", keys.publicKey));

/** The configuration that the WireGuard app takes. */
export const configuration = async (keys, grant) => {
  const { d } = await crypto.subtle.exportKey("jwk", keys.privateKey);
  const secret = `${d.replaceAll("-", "+").replaceAll("_", "/")}=`;
  const one = grant.address.includes(":") ? 128 : 32;
  return [
    "[Interface]",
    `PrivateKey = ${secret}`,
    `Address = ${grant.address}/${one}`,
    "",
    "[Peer]",
    `PublicKey = ${grant.public_key}`,
    `Endpoint = ${grant.endpoint}`,
    `AllowedIPs = ${grant.networks.join(", ")}`,
    "PersistentKeepalive = 25",
    "",
  ].join("\n");
};
