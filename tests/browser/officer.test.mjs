// What an officer decides in the console: attesting a row, ending an appointment, forgetting a
// person, reading personal observations for a purpose. By buttons and fields only.

import assert from 'node:assert/strict';
import { OPPOSITES, PASSWORD, goTo, judged, looked, setUp, skipSecondFactor } from './newcomer.mjs';
import { until } from './stage.mjs';

// Attested alone, by the officer responsible for systems; nothing of it is seen by a machine.
const ROW = '/requirements/US-7.1.1-1-a-%E4%BB%96';
const LATER = '/requirements/GOV-3-1-e';
const SAID = '全ての端末の施錠保管を点検で確認した。';
const NAME = '田中 次郎';
const OFFICER = '山田 一子';

async function send(page, scope) {
  await page.locator(scope).locator('button[type=submit]').click();
}

// A post of a role, and who holds it from now on.
async function appointed(page, server, role, title, person) {
  await page.goto(`${server.url}/organisation?role=${role}`);
  await page.locator('form[action="/organisation/posts"] [name=title_ja]').fill(title);
  await send(page, 'form[action="/organisation/posts"]');
  await page.waitForURL(`${server.url}/organisation`);
  const form = page.locator('form[action="/organisation/appointments"]');
  const option = form.locator('[name=post] option', { hasText: title });
  await form.locator('[name=post]').selectOption(await option.getAttribute('value'));
  await form.locator('[name=person]').selectOption({ label: person });
  await send(page, 'form[action="/organisation/appointments"]');
  await page.waitForURL(`${server.url}/organisation`);
}

// Registers a person; with a login, what comes back is the link to choose a password.
async function registered(page, server, name, login = '') {
  await page.goto(`${server.url}/organisation`);
  const form = page.locator('form[action="/organisation/people"]');
  await form.locator('[name=name_ja]').fill(name);
  await form.locator('[name=login]').fill(login);
  await send(page, 'form[action="/organisation/people"]');
  if (!login) return page.waitForURL(`${server.url}/organisation`);
  return server.url + await page.locator('code.secret').innerText();
}

// Nobody appoints himself, so that the row's officer is another person than the first.
async function arrives(stage, url) {
  const page = await stage.visitor({ scripts: false });
  await page.goto(url);
  await page.locator('[name=password]').fill(PASSWORD);
  await page.locator('[name=password_again]').fill(PASSWORD);
  await page.locator('main button[type=submit]').click();
  await page.locator('form[action="/sign-out"]').waitFor();
  return page;
}

async function attests(page, server) {
  await page.goto(server.url + LATER);
  assert.equal(await page.locator('[name=statement]').count(), 0, 'a row that nothing feeds has a form');
  assert.match(await page.locator('#attestations').innerText(), /まだ確認書を登録できません/);
  await page.goto(server.url + ROW);
  await page.locator('[name=statement]').fill(SAID);
  await page.locator('[name=confirmed]').check();
  await send(page, '#attestations');
  await page.waitForURL(/#attestations$/);
  assert.match(await page.locator('#attestations').innerText(), new RegExp(SAID));
  await until('the verdict', async () => {
    await page.goto(server.url + ROW);
    return page.locator('.verdict--attested').count();
  });
}

async function endsAndForgets(page, server) {
  await goTo(page, '/organisation');
  await page.locator('main a[href="/organisation/people"]').click();
  await page.locator('[name=q]').fill('田中');
  await page.locator('form.search button').click();
  await page.getByRole('link', { name: NAME }).click();
  const person = new URL(page.url()).pathname;
  await page.goto(`${server.url}${person}/forget`);
  assert.equal(await page.locator('[name=name]').count(), 0, 'a holder of a post can be forgotten');
  await page.goto(server.url + person);
  await page.locator('main a[href^="/organisation/appointments/"]').click();
  await page.locator('[name=confirmed]').check();
  await send(page, 'main form');
  await page.waitForURL(server.url + person);
  await until('the end', async () => {
    await page.goto(`${server.url}${person}/forget`);
    return page.locator('[name=name]').count();
  });
  await page.locator('[name=name]').fill(NAME);
  await page.locator('[name=confirmed]').check();
  await send(page, 'main form');
  await page.waitForURL(server.url + person);
  const left = await page.locator('body').innerText();
  assert.match(left, /消去済み/);
  assert.ok(!left.includes(NAME), 'the name is still shown');
}

async function reads(page, server, device) {
  await page.goto(`${server.url}/devices/${device}`);
  assert.equal(await page.locator('#fact-recent_logins').count(), 0, 'sign-ins are shown without a purpose');
  await page.locator('[name=purpose]').fill('試験の事案1の調査');
  await send(page, '#personal');
  await page.locator('#fact-recent_logins').waitFor();
  await page.goto(`${server.url}/devices/${device}`);
  assert.equal(await page.locator('#fact-recent_logins').count(), 0);
  assert.match(await page.locator('#personal').innerText(), /試験の事案1の調査/);
}

export const tests = [
  {
    name: 'an officer attests, ends an appointment, forgets a person and reads for a purpose, without scripts',
    limit: 300,
    async run(stage) {
      const server = await stage.sekisho('up', ['--lang', 'ja']);
      const page = await stage.visitor({ scripts: false });
      await setUp(page, server);
      await skipSecondFactor(page, server);
      const device = await judged(server);
      const link = await registered(page, server, OFFICER, 'yamada');
      await appointed(page, server, 'isso', '情報システムセキュリティ責任者', OFFICER);
      await registered(page, server, NAME);
      await appointed(page, server, 'tmo', '端末管理責任者', NAME);
      const officer = await arrives(stage, link);
      await attests(officer, server);
      const looks = {
        later: LATER, people: '/organisation/people', device: `/devices/${device}`,
        organisation: '/organisation',
      };
      await page.goto(`${server.url}/organisation/people?q=%E7%94%B0%E4%B8%AD`);
      looks.person = await page.getByRole('link', { name: NAME }).getAttribute('href');
      await page.goto(server.url + looks.person);
      looks.end = await page.locator('main a[href^="/organisation/appointments/"]').getAttribute('href');
      looks.forget = `${looks.person}/forget`;
      const wrong = [];
      await looked(stage, page, server, 'officer', looks, wrong, OPPOSITES);
      await looked(stage, officer, server, 'officer', { attested: ROW }, wrong, OPPOSITES);
      await reads(page, server, device);
      await endsAndForgets(page, server);
      await looked(stage, page, server, 'officer', { forgotten: looks.person }, wrong, [{ language: 'en', width: 1440, height: 900 }]);
      assert.equal(wrong.join('\n'), '');
      assert.equal(page.troubles.join('\n'), '');
    },
  },
];
