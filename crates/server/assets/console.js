// Refreshes a page in place when the server says that something changed. Pages are complete
// without this: it only saves pressing the reload key.

const main = document.querySelector("main[data-live]");

/** What the reader has opened must stay open over a refresh. */
const openDetails = () =>
  [...main.querySelectorAll("details")].map((element) => element.open);

const announce = () => {
  let region = document.getElementById("announcement");
  if (!region) {
    region = document.createElement("p");
    region.id = "announcement";
    region.className = "visually-hidden";
    region.setAttribute("role", "status");
    document.body.append(region);
  }
  region.textContent = main.dataset.refreshed ?? "";
};

const refresh = async () => {
  // Somebody who is typing or selecting is not to be disturbed.
  const busy = main.querySelector("input:focus, textarea:focus, select:focus");
  if (busy || document.hidden || !getSelection()?.isCollapsed) return false;
  const response = await fetch(location.href, { headers: { accept: "text/html" } });
  // Work that is over leads to what came of it.
  if (response.redirected && main.querySelector("[data-poll]")) {
    location.replace(response.url);
    return true;
  }
  if (!response.ok || response.redirected) return false;
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  const content = fresh.querySelector("main");
  if (!content || content.innerHTML === main.innerHTML) {
    follow();
    return true;
  }
  const open = openDetails();
  const focused = document.activeElement?.closest("main [href], main summary");
  const href = focused?.getAttribute("href");
  main.replaceChildren(...content.childNodes);
  [...main.querySelectorAll("details")].forEach((element, index) => {
    if (open[index] !== undefined) element.open = open[index];
  });
  if (href) main.querySelector(`[href="${CSS.escape(href)}"]`)?.focus({ preventScroll: true });
  if (!main.querySelector("[data-poll]")) announce();
  follow();
  return true;
};

/** Work whose progress no event tells of is looked after for as long as the page shows it. */
const follow = () => {
  const running = main.querySelector("[data-poll]");
  if (!running) return;
  setTimeout(() => refresh().then((done) => done || follow(), follow), Number(running.dataset.poll) || 2000);
};

if (main) follow();

if (main && "EventSource" in window) {
  let stale = false;
  let timer = 0;
  const soon = () => {
    stale = true;
    // Many changes close together make one refresh.
    clearTimeout(timer);
    timer = setTimeout(async () => {
      try {
        stale = !(await refresh());
      } catch {
        stale = true;
      }
    }, 400);
  };
  const source = new EventSource(main.dataset.live);
  source.addEventListener("changed", soon);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && stale) soon();
  });
}
