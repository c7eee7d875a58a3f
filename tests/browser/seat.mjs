// One person's seat before the browser, for tests that hold the rest of the world themselves:
//
//   node tests/browser/seat.mjs approve https://…/permits/prm_…
//   node tests/browser/seat.mjs read https://…/access/mine en NAME WORD…
//
// SEKISHO_COOKIES holds the cookies of the session as JSON: not in the arguments, which everybody sees. `read`
// saves a picture as NAME.png and fails where a word is not shown. The server's certificate is of an authority of
// its own, which the browser does not know.

import assert from 'node:assert/strict';
import { Stage } from './stage.mjs';

async function seat(stage, url, language) {
  const context = await stage.browser.newContext({
    locale: language === 'ja' ? 'ja-JP' : 'en-GB', timezoneId: 'Asia/Tokyo', ignoreHTTPSErrors: true,
  });
  const cookies = Object.entries(JSON.parse(process.env.SEKISHO_COOKIES));
  const { origin } = new URL(url);
  const kept = cookies.filter(([name]) => name !== 'sekisho-lang');
  await context.addCookies(kept.map(([name, value]) => ({ name, value, url: origin, secure: true })));
  return context.newPage();
}

async function opened(page, url) {
  const reply = await page.goto(url);
  assert.equal(reply.status(), 200, `${url}: ${await page.locator('body').innerText()}`);
}

const acts = {
  async approve(stage, url) {
    const page = await seat(stage, url, 'ja');
    await opened(page, url);
    await page.locator('main button[value=approve]').click();
    await page.locator('main button[value=approve]').waitFor({ state: 'detached' });
    await stage.picture(page, 'road-approved');
  },

  async read(stage, url, language, name, ...words) {
    const page = await seat(stage, url, language);
    await opened(page, url);
    const text = await page.locator('main').innerText();
    await stage.picture(page, name, { full: true });
    const missing = words.filter((word) => !text.includes(word));
    assert.deepEqual(missing, [], text);
  },
};

const [act, ...more] = process.argv.slice(2);
const stage = await Stage.open();
try {
  await acts[act](stage, ...more);
} finally {
  await stage.close();
}
