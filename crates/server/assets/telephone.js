// The page of a telephone: enrolment, declaration, tunnel. What it says stands in the page; this shows
// and hides it, and puts in what only the telephone knows.

import { able, configuration, enrol, Refusal, remember, send, tunnelKeys, tunnelPublic } from "./device.js";

const page = document.querySelector("[data-telephone]");
const part = (name) => page.querySelector(`[data-part="${name}"]`);
const lang = document.documentElement.lang;
const DAY = 86_400_000;
const SECRET = "sekisho-enrolment";

const show = (...names) => {
  for (const each of page.querySelectorAll("[data-part]")) each.hidden = !names.includes(each.dataset.part);
};

const when = (millis) =>
  new Intl.DateTimeFormat(lang === "ja" ? "ja-JP" : "en-GB", {
    dateStyle: "long", timeStyle: "short", timeZone: "Asia/Tokyo",
  }).format(millis);

const put = (name, text) => {
  for (const place of page.querySelectorAll(`[data-put="${name}"]`)) place.textContent = text;
};

const say = (words) => {
  const place = part("said");
  place.hidden = !words;
  place.querySelector("[data-put=said]").textContent = words ?? "";
  if (words) place.scrollIntoView({ block: "nearest" });
};

/** Does something for a button: not twice, and with what went wrong in words. */
const doing = (button, work) => async (event) => {
  event?.preventDefault();
  say();
  button.disabled = true;
  try {
    await work();
  } catch (error) {
    say(error instanceof Refusal && error.message ? error.message : page.dataset.failed);
    if (error?.status === 410) await lost();
  } finally {
    button.disabled = false;
  }
};

const lost = async () => {
  show("gone", "said");
};

// The secret leaves the address at once, so that neither history nor a picture of the address keeps it;
// a change of language loads the page anew.
const secret = () => {
  const given = location.hash.slice(1);
  if (given) {
    sessionStorage.setItem(SECRET, given);
    history.replaceState(null, "", location.pathname + location.search);
  }
  return sessionStorage.getItem(SECRET) ?? "";
};

/** What the browser says of the telephone, as a suggestion that its user confirms or mends. */
const suggested = async () => {
  const words = navigator.userAgent;
  const apple = words.match(/(iPhone|iPad)[^)]* OS (\d+)_(\d+)(?:_(\d+))?/);
  if (apple) {
    const version = apple.slice(2).filter(Boolean).join(".");
    return { name: apple[1], system: apple[1] === "iPad" ? "ipados" : "ios", version };
  }
  const told = await navigator.userAgentData?.getHighEntropyValues?.(["model", "platformVersion"]).catch(() => undefined);
  const android = words.match(/Android (\d+)/);
  if (told?.platform === "Android" || android) {
    const version = told?.platformVersion?.replace(/(\.0)+$/, "") || android?.[1] || "";
    return { name: told?.model || "Android", system: "android", version };
  }
  return undefined;
};

const PRETTY = { ios: "iOS", ipados: "iPadOS", android: "Android" };

/** The declaration as the facts that agents report. */
const facts = (said, at) => {
  const seen = (kind, value) => ({ seen: { value: { kind, value } }, source: "declaration", observed_at: at });
  const waiting = said.updates === "yes"
    ? []
    : [{ name: PRETTY[said.system], installed: said.version, candidate: "", security: true }];
  const idle = Number(said.lock);
  return [
    seen("machine_identity", { host_name: said.name, form: "handheld" }),
    seen("os_release", {
      family: said.system === "android" ? "android" : "ios",
      product: said.system,
      version: said.version,
      pretty: `${PRETTY[said.system]} ${said.version}`,
      modified: said.intact !== "yes",
    }),
    seen("pending_updates", { updates: waiting, metadata_at: at, security_source: true }),
    seen("reboot_needed", { needed: said.updates !== "yes" }),
    seen("disk_encryption", {
      volumes: [{ mount: "data", device: "data", used_for: "file_system", layer: said.encrypted === "yes" ? "native" : "none" }],
    }),
    seen("screen_lock", {
      state: "desktop", desktop: said.system, enabled: idle > 0, locked_by_policy: false,
      ...(idle > 0 && { idle_seconds: idle }),
    }),
  ];
};

const form = page.querySelector("form[data-declare]");

const fill = async (kept) => {
  const said = kept.declared?.said ?? (await suggested());
  if (!said) return;
  for (const name of ["name", "system", "version", "lock"]) {
    if (said[name] && !form.elements[name].value) form.elements[name].value = said[name];
  }
  page.querySelector("[data-suggested]").hidden = Boolean(kept.declared);
};

const declare = async () => {
  const said = Object.fromEntries(new FormData(form));
  const at = Date.now();
  const report = { agent: `browser/${page.dataset.version}`, observed_at: at, observations: facts(said, at) };
  const { received_at } = await send("/agent/v1/report", report);
  for (const name of ["updates", "encrypted", "intact", "sure"]) {
    for (const box of form.querySelectorAll(`[name=${name}]`)) box.checked = false;
  }
  delete said.sure;
  await remember((kept) => ({ ...kept, declared: { at: received_at, said } }));
  await draw();
  page.querySelector("[data-part=standing]").focus();
};

const standing = ({ declared }) => {
  const until = declared ? declared.at + Number(page.dataset.days) * DAY : 0;
  const state = !declared ? "never" : until <= Date.now() ? "over" : "fresh";
  for (const each of page.querySelectorAll("[data-standing]")) each.hidden = each.dataset.standing !== state;
  if (declared) {
    put("declared", when(declared.at));
    put("until", when(until));
  }
  return state;
};

// ---- tunnel

const tunnelPart = (name) => {
  for (const each of page.querySelectorAll("[data-tunnel]")) each.hidden = each.dataset.tunnel !== name;
};

let timer = 0;
let grant;

const ask = async () => {
  const keys = await tunnelKeys();
  if (!keys) return tunnelPart("old");
  const asked = await send("/agent/v1/tunnel", { wireguard_key: await tunnelPublic(keys) });
  const { session, user_code, url, code_until } = asked;
  await remember((kept) => ({ ...kept, tunnel: { session, user_code, url, code_until, keys } }));
  return follow();
};

const ended = async (why) => {
  await remember(({ tunnel, ...kept }) => kept);
  grant = undefined;
  for (const each of page.querySelectorAll("[data-ended]")) each.hidden = each.dataset.ended !== why;
  tunnelPart("ended");
};

const systems = (list) => {
  const place = page.querySelector("[data-systems]");
  place.replaceChildren(
    ...list.map(({ name, reached, why }) => {
      const item = document.createElement("li");
      const badge = page.querySelector(`template[data-reached=${reached}]`).content.cloneNode(true);
      const head = document.createElement("p");
      head.className = "telephone-system";
      const title = document.createElement("strong");
      title.textContent = name;
      head.append(title, badge);
      const lines = why.map((words) => {
        const line = document.createElement("p");
        line.className = "small";
        line.textContent = words[lang] ?? words.ja;
        return line;
      });
      item.append(head, ...lines);
      return item;
    }),
  );
  page.querySelector("[data-no-systems]").hidden = list.length > 0;
};

/** Looks how the tunnel stands, and again as long as it stands. */
const follow = async () => {
  clearTimeout(timer);
  const { tunnel } = await remember();
  if (!tunnel) return tunnelPart("none");
  let state;
  try {
    state = await send(`/agent/v1/tunnel/${tunnel.session}`, {});
  } catch (error) {
    if (error instanceof Refusal && error.status === 404) return ended("over");
    throw error;
  }
  if (state.state === "ended") return ended(state.why);
  if (state.state === "waiting") {
    put("code", tunnel.user_code);
    put("code-until", when(state.code_until));
    const link = page.querySelector("a[data-confirm]");
    link.href = new URL(`/access/connect?code=${encodeURIComponent(tunnel.user_code)}`, location.origin).href;
    tunnelPart("waiting");
  } else {
    grant = state;
    put("expires", when(state.expires_at));
    put("endpoint", state.endpoint);
    systems(state.systems ?? []);
    savable(Boolean(tunnel.keys));
    tunnelPart("open");
  }
  timer = setTimeout(() => follow().catch(() => again()), state.poll_every_seconds * 1000);
  return undefined;
};

// The telephone may have been without a network for a while; nothing is lost by asking again.
const again = () => {
  clearTimeout(timer);
  timer = setTimeout(() => follow().catch(again), 15_000);
};

const savable = (can) => {
  for (const each of page.querySelectorAll("[data-save]")) each.hidden = !can;
  page.querySelector("[data-saved]").hidden = can;
};

const save = async () => {
  const { tunnel } = await remember();
  if (!tunnel?.keys) return savable(false);
  const text = await configuration(tunnel.keys, grant);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/octet-stream" }));
  link.download = "sekisho.conf";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  // Given out once: from here on the private key is in that file and nowhere else.
  await remember((kept) => kept?.tunnel && { ...kept, tunnel: { ...kept.tunnel, keys: undefined } });
  savable(false);
  page.querySelector("[data-saved]").focus();
  return undefined;
};

const end = async () => {
  const { tunnel } = await remember();
  await send(`/agent/v1/tunnel/${tunnel.session}/end`, {});
  await ended("by-device");
};

// ---- the page

const draw = async () => {
  const kept = await remember();
  if (!kept) return show(secret() ? "enrol" : "nothing");
  sessionStorage.removeItem(SECRET);
  if (location.hash) history.replaceState(null, "", location.pathname + location.search);
  put("device", kept.device);
  put("name", kept.declared?.said.name ?? page.dataset.unnamed);
  show("standing", "declare", "connect", "forget");
  const state = standing(kept);
  const due = state !== "fresh";
  const declaration = part("declare");
  declaration.open = due;
  // Where nothing fresh is declared the declaration comes first.
  part("connect").before(declaration);
  if (!due) part("connect").after(declaration);
  await fill(kept);
  return follow().catch(again);
};

const on = (name, work) => {
  const button = page.querySelector(`[data-do="${name}"]`);
  button.addEventListener("click", doing(button, work));
};

const begin = async () => {
  on("enrol", async () => {
    await enrol(secret());
    sessionStorage.removeItem(SECRET);
    await draw();
  });
  on("connect", ask);
  on("again", ask);
  on("save", save);
  on("end", end);
  on("withdraw", end);
  on("forget", async () => {
    // What stands is taken down first: without its key nobody here could.
    if ((await remember())?.tunnel) await end().catch(() => {});
    await remember(() => undefined);
    location.reload();
  });
  form.addEventListener("submit", doing(form.querySelector("button[type=submit]"), declare));
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && timer) follow().catch(again);
  });
  // Another code was scanned while the page is open.
  addEventListener("hashchange", () => draw().catch(() => say(page.dataset.failed)));
  await draw();
};

if (page) {
  if (able()) begin().catch(() => say(page.dataset.failed));
  else show("old");
}
