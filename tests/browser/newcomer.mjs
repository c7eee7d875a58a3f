// What a newcomer does in the console, by what he reads there.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { until } from './stage.mjs';

export const PASSWORD = 'correct horse battery staple';

const WORDS = { profile: '政府機関等', found: '登録して次へ' };

export async function link(server) {
  return until('the one-time link', () => server.stdout.match(/http:\S+\/link\/\S+/)?.[0]);
}

// The one-time link, the form, no second factor, the overview.
export async function setUp(page, server) {
  const reply = await page.goto(await link(server));
  assert.equal(reply.status(), 200);
  await page.locator('[name=organisation_ja]').fill('試験省');
  await page.locator('[name=organisation_en]').fill('Ministry of Trials');
  await page.getByLabel(WORDS.profile).check();
  await page.locator('[name=officer_name]').fill('関所 太郎');
  await page.locator('[name=officer_kana]').fill('セキショ タロウ');
  await page.locator('[name=login]').fill('taro');
  await page.locator('[name=password]').fill(PASSWORD);
  await page.locator('[name=password_again]').fill(PASSWORD);
  await page.getByRole('button', { name: WORDS.found }).click();
  await page.waitForURL('**/set-up/second-factor');
}

export async function skipSecondFactor(page, server) {
  await page.locator('form[action="/set-up/second-factor/skip"] button').click();
  await page.waitForURL((url) => !url.pathname.startsWith('/set-up/second-factor'));
  await page.goto(server.url);
}

// The device that this machine was enrolled as, once its report has been judged.
export async function judged(server) {
  const device = await until('the report of this machine', () => server.stderr.match(/dev_[0-9a-z]+/)?.[0]);
  await until('the verdicts', () => {
    const words = ['assess', '--here', '--format', 'json', '--data', server.data];
    const said = spawnSync(process.env.SEKISHO_BIN, words, { encoding: 'utf8', maxBuffer: 1 << 24 });
    return said.status !== 2 && JSON.parse(said.stdout).checks.length > 0;
  });
  return device;
}

// To a place of the navigation, which a narrow window keeps behind its menu.
export async function goTo(page, path) {
  const drawer = page.locator('nav.drawer summary');
  if (await drawer.isVisible()) await drawer.click();
  await page.locator(`nav a[href="${path}"]:visible`).first().click();
  await page.waitForURL(`**${path}`);
}

// Another visitor with the same session: another language, width or colour scheme.
export async function sameSession(stage, page, how) {
  const cookies = (await page.context().cookies()).filter((it) => it.name !== 'sekisho-lang');
  const other = await stage.visitor(how);
  await other.context().addCookies(cookies);
  return other;
}

// Nothing sticks out of the window sideways.
export async function fits(page) {
  const over = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth - clientWidth;
  });
  assert.ok(over <= 0, `${over} px too wide at ${page.url()}`);
}

// Both languages, wide and narrow, light and dark.
export const LOOKS = [
  { language: 'ja', width: 1440, height: 900 },
  { language: 'ja', dark: true, width: 390, height: 844 },
  { language: 'en', dark: true, width: 1440, height: 900 },
  { language: 'en', width: 390, height: 844 },
];

// The two that differ in everything, for pages that there are many of.
export const OPPOSITES = [LOOKS[0], { language: 'en', dark: true, width: 390, height: 844 }];

// The same session sees each page in each look: what is wrong with it is added to the list, so that
// one fault does not hide the next, and a picture is taken of it.
export async function looked(stage, page, server, series, pages, wrong, looks = LOOKS) {
  for (const how of looks) {
    const other = await sameSession(stage, page, how);
    for (const [what, path] of Object.entries(pages)) {
      const reply = await other.goto(server.url + path);
      const name = `${series}-${what}-${how.language}${how.dark ? '-dark' : ''}-${how.width}`;
      if (reply.status() >= 400) wrong.push(`${name}: ${reply.status()}`);
      for (const judge of [fits, (it) => stage.accessible(it), (it) => stage.quiet(it)]) {
        await judge(other).catch(({ message }) => wrong.push(`${name}: ${message}`));
      }
      other.troubles.length = 0;
      await stage.picture(other, name, { full: true });
    }
    await other.context().close();
  }
}
